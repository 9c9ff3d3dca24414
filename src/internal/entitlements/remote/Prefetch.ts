import * as Effect from "effect/Effect"
import type { StiggError } from "../../../StiggError.js"
import * as Failure from "../../failure/Failure.js"
import * as Fault from "../../options/Fault.js"
import * as Quantity from "../../options/Quantity.js"
import * as Request from "../Request.js"

/**
 * How far a prefetch is.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const percentage = ({ done, total }: Entitlements.PrefetchProgress): string => `${Math.floor((100 * done) / total)} %`
 * console.log(percentage({ done: 250, total: 1000, failed: 0 })) // 25 %
 *
 * @category models
 * @since 0.1.0
 */
export interface PrefetchProgress {
  /** Customers whose states are known, or could not be fetched. */
  readonly done: number
  /** Customers in all, each counted once. */
  readonly total: number
  /** How many of `done` could not be fetched. */
  readonly failed: number
}

/**
 * How a prefetch goes about it.
 *
 * @example
 * import { Effect } from "effect"
 * import type { Entitlements } from "effect-stigg"
 *
 * const options: Entitlements.PrefetchOptions = {
 *   concurrency: 32,
 *   onProgress: ({ done, total }) => (done % 1000 === 0 ? Effect.log(`${done} of ${total}`) : Effect.void)
 * }
 * console.log(options.concurrency) // 32
 *
 * @category models
 * @since 0.1.0
 */
export interface PrefetchOptions {
  /**
   * How many states are fetched at once: 8 by default, which leaves the most of the `concurrency` of the layer to checks.
   */
  readonly concurrency?: number | undefined
  /** Runs after each customer. */
  readonly onProgress?: ((progress: PrefetchProgress) => Effect.Effect<void>) | undefined
}

const operation = "entitlements.prefetch"

/**
 * Fetches states. One that cannot be fetched does not stop the others: the effect fails in the end, with the first error.
 */
export const make =
  (fetch: (customerId: string) => Effect.Effect<unknown, StiggError>) =>
  (customerIds: Iterable<string>, options: PrefetchOptions = {}): Effect.Effect<PrefetchProgress, StiggError> =>
    Effect.suspend((): Effect.Effect<PrefetchProgress, StiggError> => {
      const { concurrency = 8, onProgress } = options
      const invalid = Fault.first([["concurrency", Quantity.wholeFault(concurrency, 1)]])
      if (invalid !== null) return Effect.fail(Failure.invalid(operation, invalid.field, invalid.rule))
      const ids = new Set(customerIds)
      for (const id of ids) {
        const fault = Request.idFault(id, undefined)
        if (fault !== undefined) return Effect.fail(fault)
      }
      let progress: PrefetchProgress = { done: 0, total: ids.size, failed: 0 }
      let first: StiggError | undefined
      const count = (error?: StiggError) =>
        Effect.suspend(() => {
          first ??= error
          const { done, failed, total } = progress
          progress = { done: done + 1, total, failed: failed + (error === undefined ? 0 : 1) }
          return onProgress?.(progress) ?? Effect.void
        })
      return Effect.forEach(
        ids,
        (id) => Effect.matchEffect(fetch(id), { onFailure: count, onSuccess: () => count() }),
        { concurrency, discard: true }
      ).pipe(Effect.flatMap(() => (first === undefined ? Effect.succeed(progress) : Effect.fail(first))))
    })
