import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { Message } from "../../../EntitlementsChannel.js"
import { Connected, EntitlementsChannel, Invalidated, Lost } from "../../../EntitlementsChannel.js"
import * as RedisConnection from "../../redis/RedisConnection.js"

export interface Options extends RedisConnection.Options {
  readonly storeId: string
  /** The messages from here are not told: this process has already evicted. */
  readonly sender: string
}

/** How often the connection is tested, and how long a reply may take, in milliseconds. */
const heartbeat = 1000

const Sent = Schema.parseJson(Schema.Struct({ from: Schema.String, customerIds: Schema.Array(Schema.String) }))

export const encode = Schema.encodeSync(Sent)
const decode = Schema.decodeUnknownEither(Sent)

/** The name of the channel in Redis. */
export const nameOf = (storeId: string): string => `${storeId}:invalidated`

/**
 * A channel by publish and subscribe. It only listens: the store publishes in the transaction that replaces versions.
 *
 * A closed connection tells that it is lost. One that is silent is found by a ping each second.
 */
export const layer = ({ password, redis, sender, storeId }: Options): Layer.Layer<EntitlementsChannel> =>
  Layer.scoped(
    EntitlementsChannel,
    Effect.gen(function* () {
      const runFork = Runtime.runFork(yield* Effect.runtime<never>())
      const listeners = new Set<(message: Message) => Effect.Effect<void>>()
      let state: Message | undefined
      const tell = (message: Message) => {
        if (message._tag !== "Invalidated") {
          if (state?._tag === message._tag) return
          state = message
        }
        for (const listener of listeners) runFork(listener(message))
      }
      const client = yield* RedisConnection.make({
        password,
        redis: {
          ...redis,
          enableAutoPipelining: false,
          // It has nothing to do but to connect again, and soon.
          autoResubscribe: false,
          maxRetriesPerRequest: null,
          retryStrategy: (times) => Math.min(50 * 2 ** times, 1000)
        }
      })
      client.on("message", (_, text) => {
        const sent = decode(text)
        if (Either.isRight(sent) && sent.right.from !== sender) {
          tell(Invalidated({ customerIds: sent.right.customerIds }))
        }
      })
      client.on("close", () => tell(Lost))
      const subscribe = () => {
        // If it fails, the connection is closed, and it is tried again with the next one.
        client.subscribe(nameOf(storeId)).then(
          () => tell(Connected),
          () => client.disconnect(true)
        )
      }
      client.on("ready", subscribe)
      yield* Effect.suspend(() =>
        state?._tag === "Connected"
          ? Effect.tryPromise(() => client.ping()).pipe(
              Effect.timeout(Duration.millis(heartbeat)),
              Effect.catchAll(() => Effect.sync(() => client.disconnect(true)))
            )
          : Effect.void
      ).pipe(Effect.repeat(Schedule.spaced(Duration.millis(heartbeat))), Effect.forkScoped)
      return {
        publish: () => Effect.void,
        listen: (listener) =>
          Effect.zipRight(
            Effect.acquireRelease(
              Effect.sync(() => listeners.add(listener)),
              () => Effect.sync(() => listeners.delete(listener))
            ),
            Effect.suspend(() => (state === undefined ? Effect.void : listener(state)))
          )
      }
    })
  )
