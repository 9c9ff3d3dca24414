import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { Redis } from "ioredis"
import { defaults, WebhookStore, WebhookStoreError } from "../../webhooks/WebhookStore.js"
import type { RedisStoreOptions } from "../../WebhooksRedis.js"
import * as RedisConnection from "../redis/RedisConnection.js"
import { claimFor } from "./MemoryRecords.js"

const scripts = {
  claimMessage: `
if redis.call('SET', KEYS[1], 'busy', 'NX', 'PX', ARGV[1]) then return 'Claimed' end
if redis.call('GET', KEYS[1]) == 'done' then return 'Done' end
return 'Busy'`,

  releaseMessage: `if redis.call('GET', KEYS[1]) == 'busy' then redis.call('DEL', KEYS[1]) end`,

  keepNews: `
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[1]) or '-1') then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end`
}

/** `ioredis` adds a method for each script. */
interface Scripted extends Redis {
  claimMessage(key: string, claimFor: number): Promise<unknown>
  releaseMessage(key: string): Promise<unknown>
  keepNews(key: string, at: number, keepFor: number): Promise<unknown>
}

const decodeClaim = Schema.decodeUnknownSync(Schema.Literal("Claimed", "Done", "Busy"))

const make = ({ keepFor = defaults.keepFor, password, prefix = "effect-stigg/webhooks", redis }: RedisStoreOptions) =>
  Effect.gen(function* () {
    const client = yield* RedisConnection.make({ password, redis: { maxRetriesPerRequest: 1, ...redis } })
    client.defineCommand("claimMessage", { numberOfKeys: 1, lua: scripts.claimMessage })
    client.defineCommand("releaseMessage", { numberOfKeys: 1, lua: scripts.releaseMessage })
    client.defineCommand("keepNews", { numberOfKeys: 1, lua: scripts.keepNews })
    const scripted = client as Scripted
    const keepMillis = Duration.toMillis(keepFor)
    const attempt = <A>(run: () => Promise<A>) =>
      Effect.tryPromise({
        try: run,
        // Only the message: the errors of `ioredis` hold the command and its arguments, such as a password.
        catch: (error) =>
          new WebhookStoreError({ message: `Redis failed: ${error instanceof Error ? error.message : String(error)}` })
      })
    const message = (messageId: string) => `${prefix}:message:${messageId}`
    const news = (subject: string) => `${prefix}:news:${subject}`
    return WebhookStore.of({
      claim: (messageId) => attempt(() => scripted.claimMessage(message(messageId), claimFor).then(decodeClaim)),
      done: (messageId) => Effect.asVoid(attempt(() => client.set(message(messageId), "done", "PX", keepMillis))),
      release: (messageId) => Effect.asVoid(attempt(() => scripted.releaseMessage(message(messageId)))),
      isNews: (subject, at) =>
        Effect.map(
          attempt(() => client.get(news(subject))),
          (known) => known === null || at > Number(known)
        ),
      known: (subject, at) => Effect.asVoid(attempt(() => scripted.keepNews(news(subject), at, keepMillis)))
    })
  })

/**
 * A store in Redis, for all processes that receive webhooks. It is bounded by `keepFor`: Redis forgets what is older.
 * While Redis is down, messages are answered with 500, and come again.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 * import * as WebhooksRedis from "effect-stigg/WebhooksRedis"
 *
 * const WebhooksLive = Webhooks.layer({ secrets: [Redacted.make("secret")] }).pipe(
 *   Layer.provide(WebhooksRedis.layerStore({ redis: { host: "redis.internal" } }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layerStore = (options: RedisStoreOptions): Layer.Layer<WebhookStore> =>
  Layer.scoped(WebhookStore, make(options))
