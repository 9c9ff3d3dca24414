import * as Effect from "effect/Effect"
import type { PrefetchOptions, PrefetchProgress } from "../../../Entitlements.js"
import type { StiggError } from "../../../StiggError.js"
import * as Failure from "../../failure/Failure.js"
import * as InvalidOption from "../../options/InvalidOption.js"
import * as Quantity from "../../options/Quantity.js"
import * as CheckArguments from "../CheckArguments.js"

const operation = "entitlements.prefetch"

export const make =
  (fetch: (customerId: string) => Effect.Effect<unknown, StiggError>) =>
  (customerIds: Iterable<string>, options: PrefetchOptions = {}): Effect.Effect<PrefetchProgress, StiggError> =>
    Effect.suspend((): Effect.Effect<PrefetchProgress, StiggError> => {
      const { concurrency = 8, onProgress } = options
      const invalid = InvalidOption.first([["concurrency", Quantity.wholeRule(concurrency, 1)]])
      if (invalid !== null) return Effect.fail(Failure.invalid(operation, invalid.field, invalid.rule))
      const ids = new Set(customerIds)
      for (const id of ids) {
        const idError = CheckArguments.idError(id, undefined)
        if (idError !== undefined) return Effect.fail(idError)
      }
      let progress: PrefetchProgress = { done: 0, total: ids.size, failed: 0 }
      let firstError: StiggError | undefined
      const count = (error?: StiggError) =>
        Effect.suspend(() => {
          firstError ??= error
          const { done, failed, total } = progress
          progress = { done: done + 1, total, failed: failed + (error === undefined ? 0 : 1) }
          return onProgress?.(progress) ?? Effect.void
        })
      return Effect.forEach(
        ids,
        (id) => Effect.matchEffect(fetch(id), { onFailure: count, onSuccess: () => count() }),
        { concurrency, discard: true }
      ).pipe(Effect.flatMap(() => (firstError === undefined ? Effect.succeed(progress) : Effect.fail(firstError))))
    })
