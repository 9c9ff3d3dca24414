import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type { CallOptions, Options } from "../../RequestOptions.js"
import * as InvalidOption from "./InvalidOption.js"
import * as Header from "./Header.js"
import * as Override from "./Override.js"
import * as Quantity from "./Quantity.js"

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
  headers: { ...Header.lowerCase(under.headers), ...Header.lowerCase(over.headers) },
  query: { ...under.query, ...over.query }
})

export const defaultTimeout: Duration.Duration = Duration.seconds(60)

/**
 * Enough for a page of 100 customers of 160 kB each. No documented response comes close. Parsing a body of this size
 * blocks the event loop for 0.1 to 0.2 seconds.
 */
const defaultMaxResponseBytes = 16 * 1024 * 1024

/** V8's longest string, in UTF-16 units; other engines allow more. UTF-8 needs at least one byte per unit. */
export const longestText = 2 ** 29 - 24

/** The limit in bytes: at most what the runtime can hold as a string. */
export const maxResponseBytes = ({ maxResponseBytes: limit = defaultMaxResponseBytes }: Options): number =>
  limit === 0 ? longestText : Math.min(limit, longestText)
