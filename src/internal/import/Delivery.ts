import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Schema from "effect/Schema"
import * as RequestOptions from "../../RequestOptions.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import type { Service } from "../../StiggClient.js"
import type { StiggError } from "../../StiggError.js"
import { isRetryable } from "../../StiggError.js"
import { customers as group } from "../operations/CustomerOperations.js"
import * as Retry from "../options/Retry.js"
import type { CustomerJson } from "./CustomerCheck.js"
import type { Pace } from "./Pace.js"
import type { Rejected, Row } from "../../CustomerImport.js"
import { reject } from "./Rejection.js"

/** A row that passed the check, with its customer. */
export interface Sendable {
  readonly row: Row
  readonly customer: CustomerJson
}

/** The result of sending rows. It accounts for every row that was sent. */
export interface Outcome {
  /** The ids of new customers. */
  readonly created: ReadonlyArray<string>
  /** Existing customers whose row has no `updatedAt`. */
  readonly updated: number
  /** Existing customers whose row has an `updatedAt`. */
  readonly updatedOrSkipped: number
  readonly rejected: ReadonlyArray<Rejected>
  /** The last error that was not about the rows; null if there was none. */
  readonly failure: StiggError | null
  /**
   * The last refusal if the API refused two or more rows and accepted none. The cause may then be something they share,
   * such as the integration.
   */
  readonly refusal: StiggError | null
}

/** A batch is retried for longer than a single call, because no caller waits for it. */
export const defaultRetry = {
  maxRetries: 8,
  retryAfterCap: Duration.minutes(5)
} as const satisfies RetryPolicy.CallOptions

const operation = group.operations.import

const ImportResponse = Schema.Struct({ data: operation.response })

/**
 * Makes a function that sends rows. If the API refuses a request because of its content or size, the rows are halved
 * and sent again until each offending row is alone.
 *
 * The rows are already checked, so requests go through {@link Service.request}. `Customers.import` would check each row
 * again, which costs as much as everything else together.
 */
export const make = (options: {
  readonly client: Service
  readonly pace: Pace
  readonly integrationId: string | undefined
  readonly retry: RetryPolicy.CallOptions
  /** The id of an import that can be resumed, or null. It makes the idempotency keys of a later run the same. */
  readonly importId: string | null
}): Effect.Effect<(rows: ReadonlyArray<Sendable>) => Effect.Effect<Outcome>> =>
  Effect.gen(function* () {
    const { client, importId, integrationId, pace } = options
    const policy = Retry.merge({ ...defaultRetry, while: shouldRetry }, options.retry)
    const schedule = Retry.toSchedule(policy, yield* Retry.makeTokens(false))

    const send = (rows: ReadonlyArray<Sendable>) =>
      Effect.flatMap(idempotencyKey(importId, rows), (key) => {
        const customers = rows.map(({ customer }) => customer)
        return pace
          .request(
            client.request({
              method: operation.method,
              path: operation.path,
              operation: operation.name,
              body: { customers, integrationId },
              customerIds: customers.map(({ id }) => id),
              schema: ImportResponse
            })
          )
          .pipe(
            // Retried here and not by the client, because each attempt must wait for its turn. All attempts share an
            // idempotency key: after a lost response, the retry gets the original result, new customers included.
            RetryPolicy.locally({ maxRetries: 0 }),
            RequestOptions.locally({ idempotencyKey: key }),
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
          // Whatever failed one half would fail the other as well.
          Effect.map(
            left.failure === null
              ? deliver(rows.slice(middle))
              : Effect.succeed(failed(rows.slice(middle), left.failure)),
            (right) => combine(left, right)
          )
        )
      })

    return (rows) => (rows.length === 0 ? Effect.succeed(nothing) : Effect.map(deliver(rows), withRefusal(rows.length)))
  })

/**
 * The same rows of the same import have the same key, also in a later run: if a run was killed after the API applied a
 * request, the next run gets the original result, and counts the new customers as created. The key depends on the
 * content, because the API would answer a changed row with the result of the old one, without applying it.
 */
const idempotencyKey = (importId: string | null, rows: ReadonlyArray<Sendable>): Effect.Effect<string> =>
  importId === null
    ? Effect.sync(() => crypto.randomUUID())
    : Effect.promise(async () => {
        const text = JSON.stringify([importId, rows.map(({ customer, row }) => [row.number, customer])])
        const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
        return Encoding.encodeHex(new Uint8Array(digest))
      })

/**
 * A response that cannot be decoded is retried too: with the same idempotency key, the API repeats its response and
 * does not import again.
 */
const shouldRetry = (error: StiggError): boolean => isRetryable(error) || error._tag === "StiggResponseDecodeError"

/** Whether fewer rows could be accepted: the API refused the content or the size of the request. */
const isAboutRows = (error: StiggError): boolean =>
  error._tag === "StiggBadRequestError" ||
  error._tag === "StiggUnprocessableEntityError" ||
  (error._tag === "StiggAPIStatusError" && error.status === 413)

/** Whether every other batch would fail too: the API key, the URL or the options are wrong. */
export const isFatal = (error: StiggError): boolean =>
  error._tag === "StiggAuthenticationError" ||
  error._tag === "StiggPermissionDeniedError" ||
  error._tag === "StiggNotFoundError" ||
  error._tag === "StiggRouteNotFoundError" ||
  error._tag === "StiggInvalidRequestError"

const nothing: Outcome = { created: [], updated: 0, updatedOrSkipped: 0, rejected: [], failure: null, refusal: null }

const outcome = (rows: ReadonlyArray<Sendable>, newIds: ReadonlyArray<string>): Outcome => {
  const isNew = new Set(newIds)
  // Ignores ids that were not sent, so that the counts add up.
  const created = rows.filter(({ customer }) => isNew.has(customer.id)).map(({ customer }) => customer.id)
  const updated = rows.filter(({ customer }) => !isNew.has(customer.id) && customer.updatedAt === undefined).length
  return { ...nothing, created, updated, updatedOrSkipped: rows.length - created.length - updated }
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

const combine = (left: Outcome, right: Outcome): Outcome => ({
  created: [...left.created, ...right.created],
  updated: left.updated + right.updated,
  updatedOrSkipped: left.updatedOrSkipped + right.updatedOrSkipped,
  rejected: [...left.rejected, ...right.rejected],
  failure: right.failure ?? left.failure,
  refusal: null
})

const withRefusal =
  (rows: number) =>
  (outcome: Outcome): Outcome => {
    const areAllRefused = rows > 1 && outcome.rejected.length === rows && outcome.failure === null
    return areAllRefused ? { ...outcome, refusal: outcome.rejected.at(-1)?.error ?? null } : outcome
  }
