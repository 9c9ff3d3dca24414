import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
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
  /** Applies the matching faults to the handling of a request. */
  readonly apply: <R>(
    request: { readonly operation: Operation; readonly customer: string | undefined },
    handled: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse, ConnectionFault, R>
}

/** Creates an injector without rules. `seed` makes the sampling by `probability` deterministic. */
export const make = (seed: number): FaultInjector => {
  const random = Random.make(`faults of ${seed}`)
  // Mutable: each request that a rule applies to decrements `left`.
  let rules: ReadonlyArray<{ readonly rule: Faults.Rule; left: number }> = []

  const inject = (rule: Faults.Rule) =>
    Effect.map(Faults.decode(rule), (rule) => {
      rules = [...rules, { rule, left: rule.times ?? Infinity }]
    })

  const takeMatching = (request: { readonly operation: Operation; readonly customer: string | undefined }) =>
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
        // Only one fault can decide the outcome: the first match that is not a latency. The others are not used up.
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
          : Effect.flatMap(takeMatching(request), (faults) => {
              const millis = faults.reduce((sum, fault) => sum + (fault.type === "latency" ? fault.millis : 0), 0)
              const decisive = faults.find((fault) => fault.type !== "latency")
              const faulted = decisive === undefined ? handled : applyFault(decisive, handled)
              return millis === 0 ? faulted : Effect.delay(faulted, millis)
            })
      )
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
