import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as ApiFailure from "../contract/ApiFailure.js"
import type { Limits } from "../../Limits.js"
import type { Operation } from "../../Operation.js"

type Response = HttpServerResponse.HttpServerResponse

interface Asked {
  readonly operation: Operation
  /** Whether it only reads. */
  readonly isRead: boolean
  readonly customer: string | undefined
}

/** Keeps the limits of one emulator. */
export interface Limiter {
  /** Lets a request through to its handling, or answers 429. */
  readonly apply: <E, R>(
    asked: Asked,
    handled: Effect.Effect<Response, E, R>
  ) => Effect.Effect<Response, E | ApiFailure.ApiFailure, R>
}

const minute = Duration.toMillis("1 minute")

/** A limiter: its minutes begin with the first request that counts. */
export const make = (limits: Limits): Limiter => {
  const minutes = new Map<string, { readonly until: number; used: number }>()

  const charge = (key: string, limit: number, now: number): number | undefined => {
    const current = minutes.get(key)
    if (current === undefined || current.until <= now) {
      minutes.set(key, { until: now + minute, used: 1 })
      return undefined
    }
    if (current.used >= limit) return Math.ceil((current.until - now) / 1000)
    current.used += 1
    return undefined
  }

  return {
    apply: <E, R>({ customer, isRead, operation }: Asked, handled: Effect.Effect<Response, E, R>) =>
      Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<Response, E | ApiFailure.ApiFailure, R> => {
        const limit = operationLimit(limits, operation, isRead)
        const wait =
          (limit === undefined ? undefined : charge(operation, limit, now)) ??
          (!isRead && customer !== undefined ? charge(`of ${customer}`, limits.customerChanges, now) : undefined)
        if (wait !== undefined) return Effect.fail(ApiFailure.rateLimited(wait))
        if (operation !== "customers.provision") return handled
        // Which customer it is about, a provision tells by its answer.
        return Effect.tap(handled, (response) => {
          const id = provisionedId(response)
          if (Option.isSome(id)) charge(`of ${id.value}`, limits.customerChanges, now)
        })
      })
  }
}

const decoder = new TextDecoder()
const Provisioned = Schema.decodeUnknownOption(
  Schema.parseJson(Schema.Struct({ data: Schema.Struct({ id: Schema.String }) }))
)

const provisionedId = ({ body, status }: HttpServerResponse.HttpServerResponse): Option.Option<string> =>
  status === 201 && body._tag === "Uint8Array"
    ? Option.map(Provisioned(decoder.decode(body.body)), ({ data }) => data.id)
    : Option.none()

const operationLimit = (limits: Limits, operation: Operation, isRead: boolean): number | undefined => {
  switch (operation) {
    case "customers.import":
      return limits.imports
    case "customers.provision":
    case "customers.update":
    case "customers.archive":
      return limits.writes
    case "customers.promotionalEntitlements.revoke":
      return limits.revokes
    default:
      return isRead ? limits.reads : undefined
  }
}
