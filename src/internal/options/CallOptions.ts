import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Record from "effect/Record"
import * as BoundedResponse from "../transport/BoundedResponse.js"
import * as Fault from "./Fault.js"
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
 * console.log(options.timeout)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How long one attempt may take, the answer's last byte included. 60 seconds by default; `Duration.infinity` for none. */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * The longest response body in bytes, after decompression: 16 MiB by default. 0 for no limit but the longest string of
   * the runtime, 512 MiB. A longer body is `ResponseTooLargeError`.
   */
  readonly maxResponseBytes?: number | undefined
  /** More headers. They win over those that the client sets. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** More query parameters. They win over those of the operation. */
  readonly query?: Readonly<Record<string, string>> | undefined
}

/**
 * Options for the calls of one effect or stream.
 *
 * @example
 * import { RequestOptions } from "effect-stigg"
 *
 * const options: RequestOptions.CallOptions = { idempotencyKey: "signup-4711" }
 * console.log(options.idempotencyKey)
 *
 * @category models
 * @since 0.1.0
 */
export interface CallOptions extends Options {
  /**
   * The `Idempotency-Key` of a POST, in place of a random one: the API does what has one key once, and answers it again
   * for 24 hours. For one call: two different calls under one key are one to the API.
   */
  readonly idempotencyKey?: string | undefined
}

/** What is wrong with options, or null. */
export const fault = (options: CallOptions): Fault.Fault | null =>
  Fault.first([
    ["timeout", Quantity.timeoutFault(options.timeout)],
    ["maxResponseBytes", Quantity.wholeFault(options.maxResponseBytes, 0)],
    ...Object.entries(options.headers ?? {}).map(
      ([name, value]) => [`headers.${name}`, Header.nameFault(name) ?? Header.valueFault(value)] as const
    ),
    ["idempotencyKey", options.idempotencyKey === undefined ? null : Header.secretFault(options.idempotencyKey)]
  ])

/** The overrides in force where a call is made. */
export class Current extends Context.Reference<Current>()("effect-stigg/RequestOptions/Current", {
  defaultValue: (): CallOptions => ({})
}) {}

/** The options `over` on top of `under`. */
export const merge = (under: CallOptions, over: CallOptions): CallOptions => ({
  ...under,
  ...Override.defined(over),
  headers: { ...lowerCase(under.headers), ...lowerCase(over.headers) },
  query: { ...under.query, ...over.query }
})

/** A header is the same one however its name is written. */
const lowerCase = (headers: Options["headers"] = {}): Readonly<Record<string, string>> =>
  Record.mapKeys(headers, (name) => name.toLowerCase())

/** How long an attempt has when nobody says. */
export const defaultTimeout: Duration.Duration = Duration.seconds(60)

/**
 * The longest body when nobody says: a page of 100 customers of 160 kB each. Nothing that the API documents comes near,
 * and parsing as much blocks the event loop for a tenth of a second or two.
 */
const defaultMaxResponseBytes = 16 * 1024 * 1024

/** The limit that the options stand for: without one, it is what the runtime can hold as text. */
export const maxResponseBytes = ({ maxResponseBytes: limit = defaultMaxResponseBytes }: Options): number =>
  limit === 0 ? BoundedResponse.longestText : Math.min(limit, BoundedResponse.longestText)
