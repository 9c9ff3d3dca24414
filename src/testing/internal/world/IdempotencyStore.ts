import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

type Response = HttpServerResponse.HttpServerResponse

/** Stores the responses of completed POST requests by `Idempotency-Key`. */
export interface IdempotencyStore {
  /**
   * Runs a handler once per key. A later request gets the stored response; a concurrent one waits for it. Only
   * successful responses are stored, for 24 hours.
   */
  readonly once: <E, R>(key: string, handled: Effect.Effect<Response, E, R>) => Effect.Effect<Response, E, R>
}

const timeToLive = Duration.toMillis("24 hours")

/** Creates an empty in-memory store. */
export const make: Effect.Effect<IdempotencyStore> = Effect.sync(() => {
  const stored = new Map<string, { readonly response: Response; readonly expiresAt: number }>()
  // Completed on success and on failure: a waiting request then looks up the key again.
  const inFlight = new Map<string, Deferred.Deferred<void>>()

  const once = <E, R>(key: string, handled: Effect.Effect<Response, E, R>): Effect.Effect<Response, E, R> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      evictExpired(now)
      const hit = stored.get(key)
      if (hit !== undefined) return Effect.succeed(hit.response)
      const other = inFlight.get(key)
      if (other !== undefined) return Effect.zipRight(Deferred.await(other), once(key, handled))
      return Effect.flatMap(Deferred.make<void>(), (done) => {
        inFlight.set(key, done)
        return Effect.onExit(handled, (exit) => {
          inFlight.delete(key)
          // Other statuses are failures here, so a success is always a 2xx response.
          if (Exit.isSuccess(exit)) {
            stored.set(key, { response: exit.value, expiresAt: now + timeToLive })
          }
          return Deferred.succeed(done, undefined)
        })
      })
    })

  /** Keys are in order of age, so the first unexpired one ends the scan. */
  const evictExpired = (now: number) => {
    for (const [key, { expiresAt }] of stored) {
      if (expiresAt > now) return
      stored.delete(key)
    }
  }

  return { once }
})
