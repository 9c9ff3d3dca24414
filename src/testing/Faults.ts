/**
 * Faults to inject into requests, and rules that select the requests.
 *
 * @module
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Header from "../internal/options/Header.js"
import * as Issue from "../internal/failure/Issue.js"
import * as Nearest from "./internal/contract/Nearest.js"
import { OperationSchema } from "./internal/contract/OperationSchema.js"
import type * as Operation from "./Operation.js"

export { ConnectionFault } from "./internal/http/ConnectionFault.js"

const strict = { parseOptions: { onExcessProperty: "error" } } as const

const kind = <const Type extends string>(type: Type) =>
  Schema.Struct({ type: Schema.Literal(type) }).annotations(strict)

const Latency = Schema.Struct({
  type: Schema.Literal("latency"),
  millis: Schema.Finite.pipe(Schema.nonNegative())
}).annotations(strict)

/** Headers that can be sent. Any other header would break the connection instead of reaching the client. */
const Headers = Schema.Record({ key: Schema.String, value: Schema.String }).pipe(
  Schema.filter((headers) =>
    Object.entries(headers).flatMap(([name, value]) => {
      const expected = Header.nameRule(name) ?? framingRule(name) ?? Header.valueRule(value)
      return expected === null ? [] : [{ path: [name], message: `Expected ${expected}` }]
    })
  )
)

/** The server frames responses itself. A conflicting framing header would make the response invalid HTTP. */
const framingRule = (name: string): string | null =>
  /^(content-length|trailer|transfer-encoding)$/i.test(name) ? `a header other than ${name}` : null

/** Far below the depth at which `JSON.stringify` overflows the stack. */
const deepestBody = 500

const bodyIssue = (body: unknown): string | undefined => {
  const json = Either.try((): unknown => JSON.stringify(body))
  const tooDeep = `Expected JSON of at most ${deepestBody} levels`
  if (Either.isLeft(json)) {
    return json.left instanceof RangeError ? tooDeep : `Expected JSON, but encoding it failed: ${String(json.left)}`
  }
  if (json.right === undefined) return "Expected JSON"
  return isWithin(body, deepestBody) ? undefined : tooDeep
}

const isWithin = (value: unknown, levels: number): boolean =>
  typeof value !== "object" ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isWithin(inner, levels - 1)))

const Status = Schema.Struct({
  type: Schema.Literal("status"),
  status: Schema.Int.pipe(Schema.between(200, 599)),
  body: Schema.optional(Schema.Unknown.pipe(Schema.filter(bodyIssue))),
  headers: Schema.optional(Headers)
}).annotations(strict)

/**
 * Decodes a {@link Fault}. It rejects unknown keys, a status outside 200 to 599, headers that cannot be sent, and a
 * body that is not JSON or is nested deeper than 500 levels.
 *
 * @example
 * import { Schema } from "effect"
 * import { Faults } from "effect-stigg/testing"
 *
 * console.log(Schema.decodeUnknownSync(Faults.Fault)({ type: "status", status: 503 }))
 *
 * @category models
 * @since 0.1.0
 */
export const Fault = Schema.Union(
  Latency,
  Status,
  kind("reset"),
  kind("resetInBody"),
  kind("answerLost"),
  kind("stall"),
  kind("stallInBody"),
  kind("malformedJson")
)

/**
 * A fault to inject into a request. Create one with {@link latency}, {@link status}, {@link reset} or another member of
 * this module.
 *
 * @example
 * import { Faults } from "effect-stigg/testing"
 *
 * const faults: ReadonlyArray<Faults.Fault> = [Faults.reset, Faults.status(500), Faults.latency("1 second")]
 * console.log(faults.length)
 *
 * @category models
 * @since 0.1.0
 */
export type Fault = typeof Fault.Type

/**
 * Delays the request before it is handled. Other matching faults apply after the delay.
 *
 * @example
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const once = Emulator.inject({ fault: Faults.latency("2 seconds"), operation: "customers.provision", times: 1 })
 *
 * @category faults
 * @since 0.1.0
 */
export const latency = (duration: Duration.DurationInput): Fault => ({
  type: "latency",
  // `Duration` turns NaN into 0. Passed through unchanged, it is rejected on injection.
  millis: typeof duration === "number" ? duration : Duration.toMillis(duration)
})

/**
 * Responds with this status (200 to 599) without handling the request. The body defaults to the API's error body. A
 * custom `body` is sent as text if it is a string, otherwise as JSON of at most 500 levels. `headers` adds headers such
 * as `retry-after`.
 *
 * @example
 * import { Faults } from "effect-stigg/testing"
 *
 * console.log(Faults.status(429, { headers: { "retry-after": "1" } }))
 *
 * @category faults
 * @since 0.1.0
 */
export const status = (
  status: number,
  options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {}
): Fault => ({ type: "status", status, ...options })

/**
 * Resets the connection before the request is handled.
 *
 * @example
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const once = Emulator.inject({ fault: Faults.reset, operation: "customers.provision", times: 1 })
 *
 * @category faults
 * @since 0.1.0
 */
export const reset: Fault = { type: "reset" }

/**
 * Handles the request, then resets the connection after half of the response body.
 *
 * @example
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const once = Emulator.inject({ fault: Faults.resetInBody, operation: "customers.provision", times: 1 })
 *
 * @category faults
 * @since 0.1.0
 */
export const resetInBody: Fault = { type: "resetInBody" }

/**
 * Handles the request, then resets the connection before any of the response is sent.
 *
 * @example
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const once = Emulator.inject({ fault: Faults.answerLost, operation: "customers.provision", times: 1 })
 *
 * @category faults
 * @since 0.1.0
 */
export const answerLost: Fault = { type: "answerLost" }

/**
 * Keeps the connection open and never responds. The request is not handled.
 *
 * @example
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const once = Emulator.inject({ fault: Faults.stall, operation: "customers.provision", times: 1 })
 *
 * @category faults
 * @since 0.1.0
 */
export const stall: Fault = { type: "stall" }

/**
 * Handles the request, then sends half of the response body and stalls with the connection open.
 *
 * @example
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const once = Emulator.inject({ fault: Faults.stallInBody, operation: "customers.provision", times: 1 })
 *
 * @category faults
 * @since 0.1.0
 */
export const stallInBody: Fault = { type: "stallInBody" }

/**
 * Handles the request, then responds with only the first half of the JSON body. The response itself completes normally.
 *
 * @example
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const once = Emulator.inject({ fault: Faults.malformedJson, operation: "customers.provision", times: 1 })
 *
 * @category faults
 * @since 0.1.0
 */
export const malformedJson: Fault = { type: "malformedJson" }

/**
 * Decodes a {@link Rule}. It rejects unknown keys and operations, a `times` that is not a positive integer, and a
 * `probability` outside 0 to 1.
 *
 * @example
 * import { Schema } from "effect"
 * import { Faults } from "effect-stigg/testing"
 *
 * console.log(Schema.decodeUnknownSync(Faults.Rule)({ fault: { type: "reset" }, times: 1 }))
 *
 * @category models
 * @since 0.1.0
 */
export const Rule = Schema.Struct({
  fault: Fault,
  operation: Schema.optional(OperationSchema),
  customer: Schema.optional(Schema.String),
  times: Schema.optional(Schema.Int.pipe(Schema.positive())),
  probability: Schema.optional(Schema.Number.pipe(Schema.between(0, 1)))
}).annotations({ identifier: "Rule", ...strict })

/**
 * A fault and the requests that it applies to. By default it applies to all requests. `operation` and `customer` filter
 * them, `times` limits their number, and `probability` samples them. Sampling is deterministic for an emulator's
 * `idSeed`.
 *
 * @example
 * import { Faults } from "effect-stigg/testing"
 *
 * const flaky: Faults.Rule = { fault: Faults.reset, customer: "customer-acme", probability: 0.2 }
 * console.log(flaky.probability)
 *
 * @category models
 * @since 0.1.0
 */
export interface Rule {
  readonly fault: Fault
  readonly operation?: Operation.Operation | undefined
  /** The customer id in the request's path. */
  readonly customer?: string | undefined
  /** The number of requests that the fault applies to. By default it applies until it is cleared. */
  readonly times?: number | undefined
  /** The probability, from 0 to 1, that the fault applies to a matching request. */
  readonly probability?: number | undefined
}

/**
 * A rule is invalid: an unknown fault or operation, or an option out of range. The message names the path and the valid
 * values.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const inject = Emulator.inject({ fault: Faults.status(999) }).pipe(
 *   Effect.catchTag("StiggInvalidFaultError", ({ message }) => Effect.log(message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidFault extends Schema.TaggedError<InvalidFault>("effect-stigg/InvalidFault")(
  "StiggInvalidFaultError",
  { message: Schema.String }
) {}

const decodeRule = Schema.decodeUnknown(Rule)

/**
 * Decodes a rule from a value such as parsed JSON. Fails with {@link InvalidFault} (`StiggInvalidFaultError`) if it is
 * invalid.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const injectJson = (json: unknown) => Effect.flatMap(Faults.decode(json), Emulator.inject)
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: unknown): Effect.Effect<Rule, InvalidFault> =>
  Effect.mapError(decodeRule(input), ({ issue }) => new InvalidFault({ message: Issue.text(issue, "rule") }))

/**
 * Parses a rule from a short text, as `--fault` of the command takes it: an operation and a colon, for all operations
 * neither, then the fault and the other fields of the rule, separated by commas. `latency` is in milliseconds, or a
 * duration such as `2 seconds`. Fails with {@link InvalidFault} (`StiggInvalidFaultError`) if it is invalid.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const inject = Effect.flatMap(Faults.parse("customers.list:status=503,times=2"), Emulator.inject)
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Effect.Effect<Rule, InvalidFault> => {
  const [, operation, settings = ""] = /^(?:([^:=,]*):)?(.*)$/s.exec(text) ?? []
  const rule: Record<string, unknown> = operation === undefined ? {} : { operation }
  for (const setting of settings.split(",")) {
    const [name = "", ...rest] = setting.split("=")
    const key = name.trim()
    const value = rest.length === 0 ? undefined : rest.join("=").trim()
    const refused = (message: string) => new InvalidFault({ message: `${key}: ${message}` })
    if (key in rule || (key in kinds && "fault" in rule)) return refused("Expected one fault, and each field once")
    const kind = kinds[key]
    if (kind !== undefined) {
      const fault = kind(value)
      if (fault === undefined)
        return refused(
          `Expected ${key === "status" ? "status=<number>" : key === "latency" ? "latency=<duration>" : "no value"}`
        )
      rule["fault"] = fault
    } else if (key === "customer") rule[key] = value
    else if (key === "times" || key === "probability") rule[key] = numberOf(value) ?? value
    else
      return new InvalidFault({
        message: Nearest.refusal("fault or field", key, [...Object.keys(kinds), "customer", "probability", "times"])
      })
  }
  return decode(rule)
}

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined || !/^\d+(\.\d+)?$/.test(text) ? undefined : Number(text)

const bare = (fault: Fault) => (value: string | undefined) => (value === undefined ? fault : undefined)

/** The faults by name, from the text after the `=`. Undefined if that text is wrong. */
const kinds: Readonly<Record<string, (value: string | undefined) => Fault | undefined>> = {
  latency: (value) => {
    const millis = numberOf(value)
    if (millis !== undefined) return latency(millis)
    return Option.getOrUndefined(Option.map(Duration.decodeUnknown(value), latency))
  },
  status: (value) => {
    const code = numberOf(value)
    return code === undefined ? undefined : status(code)
  },
  reset: bare(reset),
  resetInBody: bare(resetInBody),
  answerLost: bare(answerLost),
  stall: bare(stall),
  stallInBody: bare(stallInBody),
  malformedJson: bare(malformedJson)
}

/**
 * Sets of rules that are known by a name:
 *
 * - `outage`: every request gets a 503 response.
 * - `slow`: every request takes 2 seconds longer.
 * - `flaky`: of 100 requests, 10 get a 500 response, 5 a reset connection, and 5 lose their response.
 * - `throttled`: every second request, by chance, gets a 429 response with a `Retry-After` of 1 second.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const outage = Effect.forEach(Faults.scenario.outage, Emulator.inject)
 * void Effect.runPromise(Effect.provide(outage, Emulator.layer()))
 *
 * @category faults
 * @since 0.1.0
 */
export const scenario: {
  readonly [Name in "outage" | "slow" | "flaky" | "throttled"]: ReadonlyArray<Rule>
} = {
  outage: [{ fault: status(503) }],
  slow: [{ fault: latency("2 seconds") }],
  flaky: [
    { fault: status(500), probability: 0.1 },
    { fault: reset, probability: 0.05 },
    { fault: answerLost, probability: 0.05 }
  ],
  throttled: [
    {
      fault: status(429, {
        body: { message: "Too many requests", code: "RateLimitExceeded" },
        headers: { "retry-after": "1" }
      }),
      probability: 0.5
    }
  ]
}
