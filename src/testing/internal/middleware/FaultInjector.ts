import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Hash from "effect/Hash"
import { PCGRandom } from "effect/Utils"
import * as ApiFailure from "../contract/ApiFailure.js"
import { ConnectionFault, half } from "../http/ConnectionFault.js"
import * as Faults from "../../Faults.js"
import type { Operation } from "../../Operation.js"

/** Holds the fault rules of one emulator and applies them to requests. */
export interface FaultInjector {
  readonly inject: (rule: Faults.Rule) => Effect.Effect<void, Faults.InvalidFault>
  readonly clear: Effect.Effect<void>
  /** The active rules. `times` is the number of requests left. */
  readonly active: Effect.Effect<ReadonlyArray<Faults.Rule>>
  /** Everything that the sampling and the counting of the rules depend on. */
  readonly state: () => State
  /** Replaces the rules. Without `random`, the sampling starts over. */
  readonly restore: (state: { readonly rules: ReadonlyArray<Faults.Rule>; readonly random?: State["random"] }) => void
  /** Applies the matching faults to the handling of a request, and calls `note` with them. */
  readonly apply: <R>(
    request: { readonly operation: Operation; readonly customer: string | undefined },
    handled: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>,
    note: (faults: ReadonlyArray<Faults.Fault>) => void
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse, ConnectionFault, R>
}

/** The rules with the requests they have left, and the state of the sampling. */
export interface State {
  readonly rules: ReadonlyArray<Faults.Rule>
  readonly random: readonly [number, number, number, number]
}

/** Creates an injector without rules. `seed` makes the sampling by `probability` deterministic. */
export const make = (seed: number): FaultInjector => {
  const random = new PCGRandom(Hash.string(`faults of ${seed}`))
  const initial = random.getState()
  // Mutable: each request that a rule applies to decrements `left`.
  let rules: ReadonlyArray<{ readonly rule: Faults.Rule; left: number }> = []

  const inject = (rule: Faults.Rule) =>
    Effect.map(Faults.decode(rule), (rule) => {
      rules = [...rules, { rule, left: rule.times ?? Infinity }]
    })

  const takeMatching = (request: { readonly operation: Operation; readonly customer: string | undefined }) => {
    const matching = rules.filter(
      ({ left, rule }) =>
        left > 0 &&
        (rule.operation === undefined || rule.operation === request.operation) &&
        (rule.customer === undefined || rule.customer === request.customer) &&
        (rule.probability === undefined || random.number() < rule.probability)
    )
    // Only one fault can decide the outcome: the first match that is not a latency. The others are not used up.
    const decisive = matching.find(({ rule }) => rule.fault.type !== "latency")
    const used = matching.filter((candidate) => candidate === decisive || candidate.rule.fault.type === "latency")
    for (const candidate of used) candidate.left -= 1
    rules = rules.filter(({ left }) => left > 0)
    return used.map(({ rule }) => rule.fault)
  }

  const active = () => rules.map(({ left, rule }) => (rule.times === undefined ? rule : { ...rule, times: left }))

  return {
    inject,
    clear: Effect.sync(() => {
      rules = []
    }),
    active: Effect.sync(active),
    state: () => ({ rules: active(), random: random.getState() }),
    restore: (state) => {
      rules = state.rules.map((rule) => ({ rule, left: rule.times ?? Infinity }))
      const [a, b, c, d] = state.random ?? initial
      random.setState([a, b, c, d])
    },
    apply: (request, handled, note) =>
      Effect.suspend(() => {
        if (rules.length === 0) return handled
        const faults = takeMatching(request)
        if (faults.length > 0) note(faults)
        const millis = faults.reduce((sum, fault) => sum + (fault.type === "latency" ? fault.millis : 0), 0)
        const decisive = faults.find((fault) => fault.type !== "latency")
        const faulted = decisive === undefined ? handled : applyFault(decisive, handled)
        return millis === 0 ? faulted : Effect.delay(faulted, millis)
      })
  }
}

type Handled<E, R> = Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>

const applyFault = <R>(fault: Faults.Fault, handled: Handled<never, R>): Handled<ConnectionFault, R> => {
  switch (fault.type) {
    case "latency":
      return handled
    case "status":
      return statusResponse(fault)
    case "reset":
      return new ConnectionFault({ how: "reset", response: null })
    case "answerLost":
      return Effect.zipRight(handled, new ConnectionFault({ how: "reset", response: null }))
    case "stall":
      return new ConnectionFault({ how: "stall", response: null })
    case "resetInBody":
      return Effect.flatMap(handled, (response) => new ConnectionFault({ how: "reset", response }))
    case "stallInBody":
      return Effect.flatMap(handled, (response) => new ConnectionFault({ how: "stall", response }))
    case "malformedJson":
      return Effect.map(handled, (response) =>
        HttpServerResponse.uint8Array(half(response), {
          status: response.status,
          contentType: "application/json"
        })
      )
  }
}

/** The statuses whose responses have no body in HTTP. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304])

const statusResponse = (
  fault: Extract<Faults.Fault, { readonly type: "status" }>
): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  const { body, headers = {}, status } = fault
  if (bodiless.has(status)) return Effect.succeed(HttpServerResponse.empty({ status, headers }))
  if (body === undefined) {
    return ApiFailure.respond(new ApiFailure.ApiFailure({ status, code: null, message: `Injected ${status}`, headers }))
  }
  return Effect.succeed(
    typeof body === "string"
      ? HttpServerResponse.text(body, { status, headers })
      : HttpServerResponse.unsafeJson(body, { status, headers })
  )
}
