import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { RedisOptions } from "ioredis"
import { Redis } from "ioredis"

export interface Options {
  readonly redis: RedisOptions
  /** Overrides the password in `redis`. */
  readonly password?: Redacted.Redacted | undefined
  /** Is told of each connection error. The commands fail too. */
  readonly onError?: ((error: Error) => void) | undefined
}

/** A client that is closed with the scope, without waiting for Redis. It prints nothing to the console. */
export const make = ({ onError, password, redis }: Options): Effect.Effect<Redis, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const client = new Redis(password === undefined ? redis : { ...redis, password: Redacted.value(password) })
      // Without a listener, `ioredis` prints connection errors to the console.
      client.on("error", (error: Error) => onError?.(error))
      return client
    }),
    (client) => Effect.sync(() => client.disconnect())
  )
