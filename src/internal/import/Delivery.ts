import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as RequestOptions from "../../RequestOptions.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import { ImportResult } from "../../schemas/Customer.js"
import type { Service } from "../../StiggClient.js"
import type { StiggError } from "../../StiggError.js"
import { isRetryable } from "../../StiggError.js"
import * as Retry from "../options/Retry.js"
import type { CustomerJson } from "./CustomerCheck.js"
import type { Pace } from "./Pace.js"
import type { Rejected, Row } from "./Row.js"
import { reject } from "./Row.js"

/** A row that was checked, and its customer. */
export interface Sendable {
  readonly row: Row
  readonly customer: CustomerJson
}

/** What became of rows: as many are in it as were sent. */
export interface Outcome {
  /** The ids that the API did not know before. */
  readonly created: ReadonlyArray<string>
  readonly updatedOrSkipped: number
  readonly rejected: ReadonlyArray<Rejected>
  /** The last reason, that is none of the rows' own, for which some did not go in. */
  readonly failure: StiggError | null
  /** Why the API refused all of several rows, each alone: it may be what they have in common, such as the integration. */
  readonly refusal: StiggError | null
}

/** How a batch is sent again: more patiently than a call that somebody waits for. */
export const defaultRetry = {
  maxRetries: 8,
  retryAfterCap: Duration.minutes(5)
} as const satisfies Retry.CallOptions

const ImportResponse = Schema.Struct({ data: ImportResult })

/**
 * A function that sends rows. What the API refuses for what is in it, or for its size, is sent in halves, until the rows
 * at fault stand alone.
 *
 * The rows are checked already, so the request goes out by {@link Service.request}: `Customers.import` would check each
 * once more, which costs as much as all the rest together.
 */
export const make = (options: {
  readonly client: Service
  readonly pace: Pace
  readonly integrationId: string | undefined
  readonly retry: Retry.CallOptions
}): Effect.Effect<(rows: ReadonlyArray<Sendable>) => Effect.Effect<Outcome>> =>
  Effect.gen(function* () {
    const { client, integrationId, pace } = options
    const policy = Retry.merge({ ...defaultRetry, while: isWorthARetry }, options.retry)
    const schedule = Retry.toSchedule(policy, yield* Retry.makeTokens(false))

    const send = (rows: ReadonlyArray<Sendable>) =>
      Effect.suspend(() => {
        const customers = rows.map(({ customer }) => customer)
        return pace
          .request(
            client.request({
              method: "POST",
              path: "/api/v1/customers/import",
              operation: "customers.import",
              body: { customers, integrationId },
              customerIds: customers.map(({ id }) => id),
              schema: ImportResponse
            })
          )
          .pipe(
            // Each attempt keeps to the pace, so they are made here and not by the client. One key for all of them: when an
            // answer is lost, the next attempt gets it, and tells the new customers.
            RetryPolicy.locally({ maxRetries: 0 }),
            RequestOptions.locally({ idempotencyKey: crypto.randomUUID() }),
            Effect.retry(schedule),
            Effect.map(({ data }) => outcome(rows, data.newCustomers))
          )
      })

    const deliver = (rows: ReadonlyArray<Sendable>): Effect.Effect<Outcome> =>
      Effect.catchAll(send(rows), (error) => {
        if (!isAboutRows(error)) return Effect.succeed(failed(rows, error))
        const [first, ...others] = rows
        if (first === undefined || others.length === 0) return Effect.succeed(refused(rows, error))
        const middle = rows.length >> 1
        return Effect.flatMap(deliver(rows.slice(0, middle)), (left) =>
          // What keeps the one half out would keep the other out as well.
          Effect.map(
            left.failure === null
              ? deliver(rows.slice(middle))
              : Effect.succeed(failed(rows.slice(middle), left.failure)),
            (right) => both(left, right)
          )
        )
      })

    return (rows) => (rows.length === 0 ? Effect.succeed(nothing) : Effect.map(deliver(rows), noteRefusal(rows.length)))
  })

/** Also an answer that cannot be read: the batch keeps its key, so the API answers it again without doing it again. */
const isWorthARetry = (error: StiggError): boolean => isRetryable(error) || error._tag === "StiggResponseDecodeError"

/** Whether fewer rows could be accepted: what they hold is refused, or how much. */
const isAboutRows = (error: StiggError): boolean =>
  error._tag === "StiggBadRequestError" ||
  error._tag === "StiggUnprocessableEntityError" ||
  (error._tag === "StiggAPIStatusError" && error.status === 413)

/** Whether no other batch could fare better: the key, the address or the options are wrong. */
export const isHopeless = (error: StiggError): boolean =>
  error._tag === "StiggAuthenticationError" ||
  error._tag === "StiggPermissionDeniedError" ||
  error._tag === "StiggNotFoundError" ||
  error._tag === "StiggRouteNotFoundError" ||
  error._tag === "StiggInvalidRequestError"

const nothing: Outcome = { created: [], updatedOrSkipped: 0, rejected: [], failure: null, refusal: null }

const outcome = (rows: ReadonlyArray<Sendable>, newIds: ReadonlyArray<string>): Outcome => {
  const isNew = new Set(newIds)
  // Of the ids that were sent: whatever else an answer names, the sum holds.
  const created = rows.filter(({ customer }) => isNew.has(customer.id)).map(({ customer }) => customer.id)
  return { ...nothing, created, updatedOrSkipped: rows.length - created.length }
}

const refused = (rows: ReadonlyArray<Sendable>, error: StiggError): Outcome => ({
  ...nothing,
  rejected: rows.map(({ row }) => reject(row, "Refused", error.message, { error }))
})

const failed = (rows: ReadonlyArray<Sendable>, error: StiggError): Outcome => ({
  ...nothing,
  rejected: rows.map(({ row }) => reject(row, "Failed", error.message, { error })),
  failure: error
})

const both = (left: Outcome, right: Outcome): Outcome => ({
  created: [...left.created, ...right.created],
  updatedOrSkipped: left.updatedOrSkipped + right.updatedOrSkipped,
  rejected: [...left.rejected, ...right.rejected],
  failure: right.failure ?? left.failure,
  refusal: null
})

const noteRefusal =
  (rows: number) =>
  (outcome: Outcome): Outcome => {
    const areAllRefused = rows > 1 && outcome.rejected.length === rows && outcome.failure === null
    return areAllRefused ? { ...outcome, refusal: outcome.rejected.at(-1)?.error ?? null } : outcome
  }
