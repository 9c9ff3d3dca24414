import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { Broken } from "./Broken.js"
import * as Operation from "./Operation.js"

const strict = { parseOptions: { onExcessProperty: "error" } } as const

const kind = <const Type extends string>(type: Type) =>
  Schema.Struct({ type: Schema.Literal(type) }).annotations(strict)

const Latency = Schema.Struct({ type: Schema.Literal("latency"), millis: Schema.NonNegative }).annotations(strict)

const Status = Schema.Struct({
  type: Schema.Literal("status"),
  status: Schema.Int.pipe(Schema.between(200, 599)),
  body: Schema.optional(Schema.Unknown),
  headers: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
}).annotations(strict)

/**
 * The schema of {@link Fault}.
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
 * @category models
 * @since 0.1.0
 */
export type Fault = typeof Fault.Type

/**
 * Waits before the request is handled; other faults follow it.
 *
 * @category faults
 * @since 0.1.0
 */
export const latency = (duration: Duration.DurationInput): Fault => ({
  type: "latency",
  millis: Duration.toMillis(duration)
})

/**
 * Answers this status in place of doing what was asked: with the API's error body, or with one of yours (a string goes
 * out as text), and with headers such as `retry-after`.
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
 * @category faults
 * @since 0.1.0
 */
export const reset: Fault = { type: "reset" }

/**
 * Handles the request, and resets the connection halfway through the body of the answer.
 *
 * @category faults
 * @since 0.1.0
 */
export const resetInBody: Fault = { type: "resetInBody" }

/**
 * Handles the request, and resets the connection in place of the answer.
 *
 * @category faults
 * @since 0.1.0
 */
export const answerLost: Fault = { type: "answerLost" }

/**
 * Never answers.
 *
 * @category faults
 * @since 0.1.0
 */
export const stall: Fault = { type: "stall" }

/**
 * Handles the request, and sends nothing more after half of the body.
 *
 * @category faults
 * @since 0.1.0
 */
export const stallInBody: Fault = { type: "stallInBody" }

/**
 * Handles the request, and cuts the JSON of the answer short.
 *
 * @category faults
 * @since 0.1.0
 */
export const malformedJson: Fault = { type: "malformedJson" }

/**
 * The schema of {@link Rule}.
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
 * @category errors
 * @since 0.1.0
 */
export class InvalidFault extends Schema.TaggedError<InvalidFault>()("InvalidFault", { message: Schema.String }) {}

const decodeRule = Schema.decodeUnknown(Rule)

/** Reads a rule. */
export const decode = (input: unknown): Effect.Effect<Rule, InvalidFault> =>
  Effect.mapError(decodeRule(input), (error) => new InvalidFault({ message: describe(error) }))

/** The faults of one emulator. */
export interface Faults {
  readonly inject: (rule: Rule) => Effect.Effect<void, InvalidFault>
  readonly clear: Effect.Effect<void>
  /** Those that are in the way, each with the requests it is still for. */
  readonly active: Effect.Effect<ReadonlyArray<Rule>>
  /** Applies the faults that a request meets to its handling. */
  readonly apply: <R>(
    request: { readonly operation: Operation.Operation; readonly customer: string | undefined },
    handled: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse, Broken, R>
}

/** No faults yet, with chances drawn from a seed. */
export const make = (seed: number): Faults => {
  const random = Random.make(`faults of ${seed}`)
  // Mutable: `times` counts down as requests come.
  let rules: ReadonlyArray<{ readonly rule: Rule; left: number }> = []

  const inject = (rule: Rule) =>
    Effect.map(decode(rule), (rule) => {
      rules = [...rules, { rule, left: rule.times ?? Infinity }]
    })

  const hits = (request: { readonly operation: Operation.Operation; readonly customer: string | undefined }) =>
    Effect.map(
      Effect.filter(rules, ({ left, rule }) =>
        left <= 0 ||
        (rule.operation !== undefined && rule.operation !== request.operation) ||
        (rule.customer !== undefined && rule.customer !== request.customer)
          ? Effect.succeed(false)
          : rule.probability === undefined
            ? Effect.succeed(true)
            : Effect.map(random.next, (drawn) => drawn < (rule.probability ?? 1))
      ),
      (matching) => {
        // Of those that decide the answer, the first is the one that is used up.
        const decisive = matching.find(({ rule }) => rule.fault.type !== "latency")
        const used = matching.filter((candidate) => candidate === decisive || candidate.rule.fault.type === "latency")
        for (const candidate of used) candidate.left -= 1
        rules = rules.filter(({ left }) => left > 0)
        return used.map(({ rule }) => rule.fault)
      }
    )

  return {
    inject,
    clear: Effect.sync(() => {
      rules = []
    }),
    active: Effect.sync(() =>
      rules.map(({ left, rule }) => (rule.times === undefined ? rule : { ...rule, times: left }))
    ),
    apply: (request, handled) =>
      Effect.suspend(() =>
        rules.length === 0
          ? handled
          : Effect.flatMap(hits(request), (faults) => {
              const millis = faults.reduce((sum, fault) => sum + (fault.type === "latency" ? fault.millis : 0), 0)
              const decisive = faults.find((fault) => fault.type !== "latency")
              const answered = decisive === undefined ? handled : through(decisive, handled)
              return millis === 0 ? answered : Effect.delay(answered, millis)
            })
      )
  }
}

type Answered<E, R> = Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>

const through = <R>(fault: Fault, handled: Answered<never, R>): Answered<Broken, R> => {
  switch (fault.type) {
    case "latency":
      return handled
    case "status":
      return Effect.succeed(statusResponse(fault))
    case "reset":
      return new Broken({ how: "reset", response: null })
    case "answerLost":
      return Effect.zipRight(handled, new Broken({ how: "reset", response: null }))
    case "stall":
      return new Broken({ how: "stall", response: null })
    case "resetInBody":
      return Effect.flatMap(handled, (response) => new Broken({ how: "reset", response }))
    case "stallInBody":
      return Effect.flatMap(handled, (response) => new Broken({ how: "stall", response }))
    case "malformedJson":
      return Effect.map(handled, (response) =>
        HttpServerResponse.uint8Array(half(response), {
          status: response.status,
          contentType: "application/json"
        })
      )
  }
}

/** The first half of a response's body. */
export const half = ({ body }: HttpServerResponse.HttpServerResponse): Uint8Array =>
  body._tag === "Uint8Array" ? body.body.slice(0, body.body.length >> 1) : new Uint8Array()

const statusResponse = (fault: typeof Status.Type): HttpServerResponse.HttpServerResponse => {
  const options = { status: fault.status, ...(fault.headers === undefined ? {} : { headers: fault.headers }) }
  return typeof fault.body === "string"
    ? HttpServerResponse.text(fault.body, options)
    : HttpServerResponse.unsafeJson(fault.body ?? { message: `Injected ${fault.status}`, code: null }, options)
}

const describe = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .map(({ message, path }) => `${path.join(".")}: ${message}`)
    .join("\n")
