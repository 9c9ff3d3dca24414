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

interface RequestInfo {
  readonly operation: Operation
  /** Whether the operation is a read. */
  readonly isRead: boolean
  readonly customer: string | undefined
}

/** Enforces the rate limits of one emulator. */
export interface Limiter {
  /** Handles a request, or fails with a 429 if a limit is reached. */
  readonly apply: <E, R>(
    request: RequestInfo,
    handled: Effect.Effect<Response, E, R>
  ) => Effect.Effect<Response, E | ApiFailure.ApiFailure, R>
  /** The windows that have not ended. */
  readonly windows: (now: number) => ReadonlyArray<Window>
  /** Replaces all windows. */
  readonly restore: (windows: ReadonlyArray<Window>) => Effect.Effect<void>
}

/** The requests that count against one limit. */
export interface Window {
  /** The limit: an operation, or a customer. */
  readonly of: string
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly used: number
}

const minute = Duration.toMillis("1 minute")

/** A window in the future is left over from a time that was set back. */
const isOver = ({ until }: { readonly until: number }, now: number): boolean => until <= now || until > now + minute

/** Creates a limiter with fixed windows: the first request that counts starts a window of one minute. */
export const make = (limits: Limits): Limiter => {
  const windows = new Map<string, { readonly until: number; used: number }>()

  const charge = (key: string, limit: number, now: number): number | undefined => {
    const current = windows.get(key)
    if (current === undefined || isOver(current, now)) {
      evictEnded(now)
      windows.delete(key)
      windows.set(key, { until: now + minute, used: 1 })
      return undefined
    }
    if (current.used >= limit) return Math.ceil((current.until - now) / 1000)
    current.used += 1
    return undefined
  }

  /** Windows are in the order in which they began, so the first that is not over ends the scan. */
  const evictEnded = (now: number) => {
    for (const [key, window] of windows) {
      if (!isOver(window, now)) return
      windows.delete(key)
    }
  }

  return {
    apply: <E, R>({ customer, isRead, operation }: RequestInfo, handled: Effect.Effect<Response, E, R>) =>
      Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<Response, E | ApiFailure.ApiFailure, R> => {
        const limit = operationLimit(limits, operation, isRead)
        const wait =
          (limit === undefined ? undefined : charge(operation, limit, now)) ??
          (!isRead && customer !== undefined ? charge(`customer ${customer}`, limits.customerChanges, now) : undefined)
        if (wait !== undefined) return Effect.fail(ApiFailure.rateLimited(wait))
        if (operation !== "customers.provision") return handled
        // The path of a provision has no customer id: it is in the response.
        return Effect.tap(handled, (response) => {
          const id = provisionedId(response)
          if (Option.isSome(id)) charge(`customer ${id.value}`, limits.customerChanges, now)
        })
      }),
    windows: (now) => {
      evictEnded(now)
      return Array.from(windows, ([of, { until, used }]) => ({ of, until, used })).filter(
        (window) => !isOver(window, now)
      )
    },
    restore: (restored) =>
      Effect.sync(() => {
        windows.clear()
        for (const { of, until, used } of restored) windows.set(of, { until, used })
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
