import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { EntitlementsChannel } from "../../../EntitlementsChannel.js"
import type * as RedisConnection from "../../redis/RedisConnection.js"
import * as RedisChannel from "./RedisChannel.js"
import * as RedisStore from "./RedisStore.js"
import type { StateStore } from "./StateStore.js"
import type { StoreSettings } from "./StoreSettings.js"

/** The store of states and the channel of a fleet, on one Redis. The store publishes what the channel tells. */
export const layer = (
  options: StoreSettings & RedisConnection.Options
): Layer.Layer<StateStore | EntitlementsChannel> =>
  Layer.unwrapEffect(
    Effect.sync(() => {
      const sender = crypto.randomUUID()
      return Layer.merge(RedisStore.layer({ ...options, sender }), RedisChannel.layer({ ...options, sender }))
    })
  )
