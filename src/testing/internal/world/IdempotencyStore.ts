import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { bytesOf } from "../http/HttpMessage.js"

type Response = HttpServerResponse.HttpServerResponse

/** Stores the responses of completed POST requests by `Idempotency-Key`. */
export interface IdempotencyStore {
  /**
   * Runs a handler once per key. A later request gets the stored response; a concurrent one waits for it. Only
   * successful responses are stored, for 24 hours of the instance's time.
   */
  readonly once: <E, R>(key: string, handled: Effect.Effect<Response, E, R>) => Effect.Effect<Response, E, R>
  /** The keys of the stored responses, oldest first. */
  readonly keys: () => Iterable<string>
  readonly size: () => number
  /** The length of the body of a key's response in bytes. */
  readonly length: (key: string) => number
  /** The stored response of a key. */
  readonly answer: (key: string) => StoredAnswer | undefined
  readonly watchers: Set<AnswerWatcher>
  /** Replaces all keys by stored ones. A request in flight does not store its response any more. */
  readonly restore: (answers: Iterable<StoredAnswer>) => void
}

export interface AnswerWatcher {
  /** Runs for each key whose response was stored, with the length of its body in bytes. */
  answered(key: string, length: number): void
}

/** A stored response, as plain JSON. */
export interface StoredAnswer {
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The scope of a client's key: a key belongs to one credential, method and path. With another of these it is a request
 * of its own: the answer of another request is never right, and a 400 would forbid what the API does not document as
 * forbidden.
 */
export const scoped = (
  request: { readonly fingerprint: string; readonly method: string; readonly url: string },
  key: string
): string => `${request.fingerprint} ${request.method} ${request.url.replace(/[?#].*/s, "")} ${key}`

const timeToLive = Duration.toMillis("24 hours")
const decoder = new TextDecoder()

/** Creates an empty in-memory store. */
export const make: Effect.Effect<IdempotencyStore> = Effect.sync(() => {
  // Mutable: `restore` replaces both maps, and what is in flight keeps those that it started with.
  let stored = new Map<string, { readonly response: Response; readonly expiresAt: number }>()
  // Completed on success and on failure: a waiting request then looks up the key again.
  let inFlight = new Map<string, Deferred.Deferred<void>>()
  const watchers = new Set<AnswerWatcher>()

  const once = <E, R>(key: string, handled: Effect.Effect<Response, E, R>): Effect.Effect<Response, E, R> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      evictExpired(now)
      const hit = stored.get(key)
      // The control of the time can move it back, so the order of age need not be the order of expiry.
      if (hit !== undefined && hit.expiresAt > now) return Effect.succeed(hit.response)
      const other = inFlight.get(key)
      if (other !== undefined) return Effect.zipRight(Deferred.await(other), once(key, handled))
      return Effect.flatMap(Deferred.make<void>(), (done) => {
        const [answers, running] = [stored, inFlight]
        running.set(key, done)
        return Effect.onExit(handled, (exit) => {
          running.delete(key)
          // Other statuses are failures here, so a success is always a 2xx response.
          if (Exit.isSuccess(exit)) {
            answers.delete(key)
            answers.set(key, { response: exit.value, expiresAt: now + timeToLive })
            if (answers === stored)
              for (const watcher of watchers) watcher.answered(key, bytesOf(exit.value.body).length)
          }
          return Deferred.succeed(done, undefined)
        })
      })
    })

  /** The oldest key that has not expired ends the scan: most expire in the order of their age. */
  const evictExpired = (now: number) => {
    for (const [key, { expiresAt }] of stored) {
      if (expiresAt > now) return
      stored.delete(key)
    }
  }

  const restore = (answers: Iterable<StoredAnswer>) => {
    inFlight = new Map()
    stored = new Map(
      Array.from(answers, ({ body, expiresAt, headers, key, status }) => [
        key,
        { response: HttpServerResponse.text(body, { status, headers }), expiresAt }
      ])
    )
  }

  return {
    once,
    keys: () => stored.keys(),
    size: () => stored.size,
    length: (key) => {
      const found = stored.get(key)
      return found === undefined ? 0 : bytesOf(found.response.body).length
    },
    answer: (key) => {
      const found = stored.get(key)
      if (found === undefined) return undefined
      const { expiresAt, response } = found
      return {
        key,
        expiresAt,
        status: response.status,
        headers: { ...response.headers },
        body: decoder.decode(bytesOf(response.body))
      }
    },
    watchers,
    restore
  }
})
