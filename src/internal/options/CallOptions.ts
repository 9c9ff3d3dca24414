import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Record from "effect/Record"
import * as BoundedResponse from "../transport/BoundedResponse.js"
import * as InvalidOption from "./InvalidOption.js"
import * as Header from "./Header.js"
import * as Override from "./Override.js"
import * as Quantity from "./Quantity.js"

/**
 * Options for all calls of a client.
 *
 * @example
 * import { RequestOptions } from "effect-stigg"
 *
 * const options: RequestOptions.Options = { timeout: "5 seconds", headers: { "x-tenant": "eu" } }
 * console.log(options.timeout) // 5 seconds
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The timeout of one attempt, including the response body. 60 seconds by default; `Duration.infinity` for none. */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * The maximum size of a response body in bytes, after decompression: 16 MiB by default. With 0, only the runtime's
   * longest string, 512 MiB, limits it. A longer body fails with `StiggResponseTooLargeError`.
   */
  readonly maxResponseBytes?: number | undefined
  /** Extra headers. They override those that the client sets. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Extra query parameters. They override those of the operation. */
  readonly query?: Readonly<Record<string, string>> | undefined
}

/**
 * Options for the calls of one effect or stream.
 *
 * @example
 * import { RequestOptions } from "effect-stigg"
 *
 * const options: RequestOptions.CallOptions = { idempotencyKey: "signup-4711" }
 * console.log(options.idempotencyKey) // signup-4711
 *
 * @category models
 * @since 0.1.0
 */
export interface CallOptions extends Options {
  /**
   * The `Idempotency-Key` of a POST, instead of a random one. The API executes requests with the same key once, and
   * repeats the first response for 24 hours. Use a key for one call only: the API treats different calls with one key
   * as the same call.
   */
  readonly idempotencyKey?: string | undefined
}

/** The first invalid option and the rule that it breaks, or null. */
export const invalidOption = (options: CallOptions): InvalidOption.InvalidOption | null =>
  InvalidOption.first([
    ["timeout", Quantity.timeoutRule(options.timeout)],
    ["maxResponseBytes", Quantity.wholeRule(options.maxResponseBytes, 0)],
    ...Object.entries(options.headers ?? {}).map(
      ([name, value]) => [`headers.${name}`, Header.nameRule(name) ?? Header.valueRule(value)] as const
    ),
    ["idempotencyKey", options.idempotencyKey === undefined ? null : Header.secretRule(options.idempotencyKey)]
  ])

/** The overrides in effect where a call is made. */
export class Current extends Context.Reference<Current>()("effect-stigg/RequestOptions/Current", {
  defaultValue: (): CallOptions => ({})
}) {}

/** Merges options; those of `over` take precedence. */
export const merge = (under: CallOptions, over: CallOptions): CallOptions => ({
  ...under,
  ...Override.defined(over),
  headers: { ...lowerCase(under.headers), ...lowerCase(over.headers) },
  query: { ...under.query, ...over.query }
})

/** Header names are case-insensitive. */
const lowerCase = (headers: Options["headers"] = {}): Readonly<Record<string, string>> =>
  Record.mapKeys(headers, (name) => name.toLowerCase())

export const defaultTimeout: Duration.Duration = Duration.seconds(60)

/**
 * A page of 100 customers of 160 kB each. No documented response comes close, and parsing this much blocks the event
 * loop for 0.1 to 0.2 seconds.
 */
const defaultMaxResponseBytes = 16 * 1024 * 1024

/** The limit in bytes: at most what the runtime can hold as a string. */
export const maxResponseBytes = ({ maxResponseBytes: limit = defaultMaxResponseBytes }: Options): number =>
  limit === 0 ? BoundedResponse.longestText : Math.min(limit, BoundedResponse.longestText)
