/**
 * The journal of an emulator: the requests that it received, and how to look for them.
 *
 * @module
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Schema from "effect/Schema"
import * as Faults from "./Faults.js"
import { OperationSchema } from "./internal/contract/OperationSchema.js"

const strict = { parseOptions: { onExcessProperty: "error" } } as const

/** One value, or several of a parameter that is repeated. */
const QueryValue = Schema.Union(Schema.String, Schema.Array(Schema.String))

/**
 * Decodes {@link Received}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Journal } from "effect-stigg/testing"
 *
 * console.log(Schema.is(Journal.Received)({ method: "GET" })) // false
 *
 * @category models
 * @since 0.1.0
 */
export const Received = Schema.Struct({
  operation: Schema.NullOr(Schema.String),
  customerId: Schema.NullOr(Schema.String),
  method: Schema.String,
  path: Schema.String,
  query: Schema.Record({ key: Schema.String, value: QueryValue }),
  headers: Schema.Record({ key: Schema.String, value: Schema.String }),
  body: Schema.Unknown,
  bodyBytes: Schema.Number,
  status: Schema.NullOr(Schema.Number),
  faults: Schema.Array(Faults.Fault),
  at: Schema.String,
  millis: Schema.NullOr(Schema.Number)
}).annotations({ identifier: "Received" })

/**
 * A request that the emulator received, and its outcome, as plain JSON.
 *
 * @example
 * import type { Journal } from "effect-stigg/testing"
 *
 * const isLost = ({ status }: Journal.Received) => status === null
 *
 * @category models
 * @since 0.1.0
 */
export interface Received {
  /** Null if no operation has this path and method. */
  readonly operation: string | null
  /** The customer id in the path, or in the body of a provision; null if there is none. */
  readonly customerId: string | null
  readonly method: string
  /** The path without the query, as it was sent. */
  readonly path: string
  /** A parameter that is repeated has a list of values. */
  readonly query: Readonly<Record<string, string | ReadonlyArray<string>>>
  /** The value of a header that can hold a secret is `"<redacted>"`. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * The JSON of the body, or its text if it is not JSON or is longer than 16 KiB: then it is the first 16 KiB. Null
   * without a body, and if the server that the emulator runs in streams it.
   */
  readonly body: unknown
  /** The length of the whole body in bytes. */
  readonly bodyBytes: number
  /** Null while the request is handled, and if a fault reset or stalled the connection. */
  readonly status: number | null
  /** The injected faults that applied to it. */
  readonly faults: ReadonlyArray<Faults.Fault>
  /** When it arrived, in the time of the emulator: an RFC 3339 timestamp. */
  readonly at: string
  /** The time that handling it took, in milliseconds; null while it is handled. */
  readonly millis: number | null
}

const fields = {
  operation: Schema.optional(OperationSchema),
  customerId: Schema.optional(Schema.String),
  method: Schema.optional(Schema.String),
  path: Schema.optional(Schema.String),
  status: Schema.optional(Schema.NullOr(Schema.Int)),
  query: Schema.optional(Schema.Record({ key: Schema.String, value: QueryValue })),
  headers: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  body: Schema.optional(Schema.Unknown)
}

/**
 * Decodes a {@link Filter}. It rejects unknown keys and operations.
 *
 * @example
 * import { Schema } from "effect"
 * import { Journal } from "effect-stigg/testing"
 *
 * console.log(Schema.decodeUnknownSync(Journal.Filter)({ operation: "customers.provision" }))
 *
 * @category models
 * @since 0.1.0
 */
export const Filter = Schema.Struct(fields).annotations({ identifier: "RequestFilter", ...strict })

/**
 * Selects requests of the journal: those that have all of these values. Without a field it selects every request.
 *
 * @example
 * import type { Journal } from "effect-stigg/testing"
 *
 * const renamed: Journal.Filter = { operation: "customers.update", body: { name: "Acme" } }
 * console.log(renamed.operation)
 *
 * @category models
 * @since 0.1.0
 */
export interface Filter extends Schema.Schema.Type<typeof Filter> {}

/**
 * Decodes an {@link Expectation}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Journal } from "effect-stigg/testing"
 *
 * console.log(Schema.decodeUnknownSync(Journal.Expectation)({ method: "POST", times: 2 }))
 *
 * @category models
 * @since 0.1.0
 */
export const Expectation = Schema.Struct({
  ...fields,
  times: Schema.optional(Schema.Int.pipe(Schema.nonNegative()))
}).annotations({ identifier: "RequestExpectation", ...strict })

/**
 * A {@link Filter} and how often it must have matched: exactly `times`, or at least once without it. In `query`,
 * `headers` and `body`, only the keys that are given are compared.
 *
 * @example
 * import type { Journal } from "effect-stigg/testing"
 *
 * const once: Journal.Expectation = { operation: "customers.provision", customerId: "customer-acme", times: 1 }
 * console.log(once.times)
 *
 * @category models
 * @since 0.1.0
 */
export interface Expectation extends Schema.Schema.Type<typeof Expectation> {}

/**
 * The requests received are not the expected ones. The message shows the nearest ones, and in what they differ.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const verified = Emulator.verify({ operation: "customers.archive" }).pipe(
 *   Effect.catchTag("StiggVerificationError", ({ message, count }) => Effect.log(count, message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class VerificationError extends Data.TaggedError("StiggVerificationError")<{
  readonly message: string
  /** The number of requests that matched. */
  readonly count: number
}> {}
