/**
 * What can go wrong with a request, and with which.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Header from "../internal/options/Header.js"
import * as Issue from "../internal/failure/Issue.js"
import * as Operation from "./Operation.js"

const strict = { parseOptions: { onExcessProperty: "error" } } as const

const kind = <const Type extends string>(type: Type) =>
  Schema.Struct({ type: Schema.Literal(type) }).annotations(strict)

const Latency = Schema.Struct({
  type: Schema.Literal("latency"),
  millis: Schema.Finite.pipe(Schema.nonNegative())
}).annotations(strict)

/** Headers that can go out: others would break off the answer they are for. */
const Headers = Schema.Record({ key: Schema.String, value: Schema.String }).pipe(
  Schema.filter((headers) =>
    Object.entries(headers).flatMap(([name, value]) => {
      const fault = Header.nameFault(name) ?? framing(name) ?? Header.valueFault(value)
      return fault === null ? [] : [{ path: [name], message: `Expected ${fault}` }]
    })
  )
)

/** The server frames its answers itself: a second, different framing would not be HTTP. */
const framing = (name: string): string | null =>
  /^(content-length|trailer|transfer-encoding)$/i.test(name) ? `another header than ${name}` : null

/** Far below the depth at which `JSON.stringify` runs out of stack. */
const deepestBody = 500

const bodyFault = (body: unknown): string | undefined => {
  const json = Either.try((): unknown => JSON.stringify(body))
  const tooDeep = `Expected JSON of at most ${deepestBody} levels`
  if (Either.isLeft(json)) {
    return json.left instanceof RangeError ? tooDeep : `Expected JSON, which ends with ${String(json.left)}`
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
  body: Schema.optional(Schema.Unknown.pipe(Schema.filter(bodyFault))),
  headers: Schema.optional(Headers)
}).annotations(strict)

/**
 * The schema of {@link Fault}.
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
 * What goes wrong with a request. Make one with {@link latency}, {@link status}, {@link reset} and the others.
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
 * Waits before the request is handled; other faults follow it.
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
  // `Duration` takes NaN for 0; as it is, it is refused when the fault is injected.
  millis: typeof duration === "number" ? duration : Duration.toMillis(duration)
})

/**
 * Answers this status in place of doing what was asked: with the API's error body, or with one of yours (a string goes
 * out as text, anything else as JSON of at most 500 levels), and with headers such as `retry-after`.
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
 * Handles the request, and resets the connection halfway through the body of the answer.
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
 * Handles the request, and resets the connection in place of the answer.
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
 * Never answers.
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
 * Handles the request, and sends nothing more after half of the body.
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
 * Handles the request, and cuts the JSON of the answer short.
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
 * The schema of {@link Rule}.
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
  operation: Schema.optional(Schema.Literal(...Operation.all)),
  customer: Schema.optional(Schema.String),
  times: Schema.optional(Schema.Int.pipe(Schema.positive())),
  probability: Schema.optional(Schema.Number.pipe(Schema.between(0, 1)))
}).annotations({ identifier: "Rule", ...strict })

/**
 * A fault, and the requests it is for: all of them, those of an operation or to a customer, the next few, or some by
 * chance. The chance is drawn from the emulator's seed.
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
  /** A customer's id, as it stands in the path. */
  readonly customer?: string | undefined
  /** How many requests it is for; without it, for all until it is cleared. */
  readonly times?: number | undefined
  /** From 0 to 1: how many of the requests it hits. */
  readonly probability?: number | undefined
}

/**
 * A fault that the emulator does not know, or an option out of range. The message names the path and lists what is
 * valid.
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
 * Reads a rule, such as one that came as JSON.
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
