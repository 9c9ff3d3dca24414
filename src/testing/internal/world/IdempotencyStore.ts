import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

type Response = HttpServerResponse.HttpServerResponse

/** The answers of completed POSTs, by their `Idempotency-Key`. */
export interface IdempotencyStore {
  /**
   * Does the deed once a key: a later request gets the first response, a request at the same time waits for it. Only a
   * success is kept, for 24 hours.
   */
  readonly once: <E, R>(key: string, deed: Effect.Effect<Response, E, R>) => Effect.Effect<Response, E, R>
}

const timeToLive = Duration.toMillis("24 hours")

/** A store in memory. */
export const make: Effect.Effect<IdempotencyStore> = Effect.sync(() => {
  const kept = new Map<string, { readonly response: Response; readonly until: number }>()
  // Done, in whatever way: who waits looks for the answer again.
  const underWay = new Map<string, Deferred.Deferred<void>>()

  const once = <E, R>(key: string, deed: Effect.Effect<Response, E, R>): Effect.Effect<Response, E, R> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      forget(now)
      const answered = kept.get(key)
      if (answered !== undefined) return Effect.succeed(answered.response)
      const other = underWay.get(key)
      if (other !== undefined) return Effect.zipRight(Deferred.await(other), once(key, deed))
      return Effect.flatMap(Deferred.make<void>(), (done) => {
        underWay.set(key, done)
        return Effect.onExit(deed, (exit) => {
          underWay.delete(key)
          // What is not done fails: only a 2xx comes here as a success.
          if (Exit.isSuccess(exit)) {
            kept.set(key, { response: exit.value, until: now + timeToLive })
          }
          return Deferred.succeed(done, undefined)
        })
      })
    })

  /** Keys are kept in the order of their age, so the first one that is young enough ends the search. */
  const forget = (now: number) => {
    for (const [key, { until }] of kept) {
      if (until > now) return
      kept.delete(key)
    }
  }

  return { once }
})
