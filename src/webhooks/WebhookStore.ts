import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as MemoryRecords from "../internal/webhooks/MemoryRecords.js"

/**
 * The store of handled messages cannot be read or written. The message comes again.
 *
 * @example
 * import { Effect } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const isDone = Effect.flatMap(Webhooks.WebhookStore, ({ claim }) => claim("message-1")).pipe(
 *   Effect.map((claim) => claim === "Done"),
 *   Effect.catchTag("StiggWebhookStoreError", () => Effect.succeed(false))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class WebhookStoreError extends Schema.TaggedError<WebhookStoreError>("effect-stigg/WebhookStoreError")(
  "StiggWebhookStoreError",
  { message: Schema.String, cause: Schema.optional(Schema.Defect) }
) {}

/**
 * Whether a message is to be handled: `Claimed` by this call, `Done` before, or `Busy` because another call has claimed
 * it and has not ended.
 *
 * @example
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const mayHandle = (claim: Webhooks.Claim): boolean => claim === "Claimed"
 *
 * @category models
 * @since 0.1.0
 */
export type Claim = "Claimed" | "Done" | "Busy"

/**
 * Remembers which messages were handled, so that each is handled once, and how new what is known is.
 *
 * @example
 * import { Effect } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const forgetful: Webhooks.WebhookStoreService = {
 *   claim: () => Effect.succeed("Claimed"),
 *   done: () => Effect.void,
 *   release: () => Effect.void,
 *   isNews: () => Effect.succeed(true),
 *   known: () => Effect.void
 * }
 * console.log(forgetful)
 *
 * @category models
 * @since 0.1.0
 */
export interface WebhookStoreService {
  /** Claims a message for a minute at most: a process that died has not handled it. */
  readonly claim: (messageId: string) => Effect.Effect<Claim, WebhookStoreError>
  /** The message was handled. */
  readonly done: (messageId: string) => Effect.Effect<void, WebhookStoreError>
  /** The message was not handled, and may be claimed again. */
  readonly release: (messageId: string) => Effect.Effect<void, WebhookStoreError>
  /** Whether `at`, in milliseconds since 1970, is later than what is known of a subject. */
  readonly isNews: (subject: string, at: number) => Effect.Effect<boolean, WebhookStoreError>
  /** What is known of a subject is as of `at` now, unless it was later already. */
  readonly known: (subject: string, at: number) => Effect.Effect<void, WebhookStoreError>
}

/**
 * The service tag of the store. `Webhooks.layer` uses one in memory if none is provided.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const WebhooksLive = Webhooks.layer({ secrets: [Redacted.make("secret")] }).pipe(
 *   Layer.provide(Webhooks.layerStoreMemory({ keepFor: "1 day" }))
 * )
 *
 * @category tags
 * @since 0.1.0
 */
export class WebhookStore extends Context.Tag("effect-stigg/Webhooks/WebhookStore")<
  WebhookStore,
  WebhookStoreService
>() {}

/**
 * Options of a store.
 *
 * @example
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const options: Webhooks.StoreOptions = { keepFor: "1 day", capacity: 10_000 }
 * console.log(options.capacity) // 10000
 *
 * @category models
 * @since 0.1.0
 */
export interface StoreOptions {
  /**
   * How long a message is remembered: 3 days by default. The vendor repeats for two minutes by itself, and later when
   * someone asks it to.
   */
  readonly keepFor?: Duration.DurationInput | undefined
  /** The most messages that are remembered, 100,000 by default. The oldest are forgotten first. */
  readonly capacity?: number | undefined
}

export const defaults = { keepFor: Duration.days(3), capacity: 100_000 }

/**
 * A store in the memory of one process.
 *
 * @example
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const Store = Webhooks.layerStoreMemory({ keepFor: "1 day" })
 *
 * @category layers
 * @since 0.1.0
 */
export const layerStoreMemory = (options: StoreOptions = {}): Layer.Layer<WebhookStore> =>
  Layer.sync(WebhookStore, () => {
    const { capacity = defaults.capacity, keepFor = defaults.keepFor } = options
    const records = MemoryRecords.make(capacity, Duration.toMillis(keepFor))
    return fromRecords(() => (change) => Effect.map(Clock.currentTimeMillis, (now) => change(records, now)))
  })

type Change = <A>(
  change: (records: MemoryRecords.MemoryRecords, now: number) => A
) => Effect.Effect<A, WebhookStoreError>

/** A store whose records are changed in one synchronous step. */
const fromRecords = (changeOf: (key: string) => Change): WebhookStoreService => ({
  claim: (messageId) => changeOf(messageId)((records, now) => records.claim(messageId, now)),
  done: (messageId) => changeOf(messageId)((records, now) => records.done(messageId, now)),
  release: (messageId) => changeOf(messageId)((records) => records.release(messageId)),
  isNews: (subject, at) => changeOf(subject)((records) => records.isNews(subject, at)),
  known: (subject, at) => changeOf(subject)((records) => records.known(subject, at))
})

/** Records are spread over this many entries, so that one is read and written per message. */
const buckets = 256

const bucketOf = (key: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % buckets
}

const decodeRecords = Schema.decodeUnknown(Schema.parseJson(MemoryRecords.Stored))
const encodeRecords = Schema.encodeSync(Schema.parseJson(MemoryRecords.Stored))

/**
 * A store in a `KeyValueStore`, which outlives the process. It has at most 256 entries, whose names begin with `prefix`.
 * An entry is read and written in two steps: for several processes, use `effect-stigg/WebhooksRedis`.
 *
 * @example
 * import { KeyValueStore } from "@effect/platform"
 * import { NodeFileSystem, NodePath } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const Store = Webhooks.layerStoreKeyValue().pipe(
 *   Layer.provide(KeyValueStore.layerFileSystem("/var/lib/webhooks")),
 *   Layer.provide([NodeFileSystem.layer, NodePath.layer])
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layerStoreKeyValue = (
  options: StoreOptions & { readonly prefix?: string | undefined } = {}
): Layer.Layer<WebhookStore, never, KeyValueStore.KeyValueStore> =>
  Layer.effect(
    WebhookStore,
    Effect.gen(function* () {
      const { capacity = defaults.capacity, keepFor = defaults.keepFor, prefix = "effect-stigg-webhooks-" } = options
      const store = yield* KeyValueStore.KeyValueStore
      const one = yield* Effect.makeSemaphore(1)
      return fromRecords(
        (key) => (change) =>
          Effect.gen(function* () {
            const name = `${prefix}${bucketOf(key)}`
            const records = MemoryRecords.make(Math.ceil(capacity / buckets), Duration.toMillis(keepFor))
            const found = yield* store.get(name)
            if (Option.isSome(found)) records.restore(yield* decodeRecords(found.value))
            const before = records.changes
            const result = change(records, yield* Clock.currentTimeMillis)
            if (records.changes !== before) yield* store.set(name, encodeRecords(records.stored()))
            return result
          }).pipe(
            one.withPermits(1),
            Effect.mapError((cause) => new WebhookStoreError({ message: "The KeyValueStore failed", cause }))
          )
      )
    })
  )
