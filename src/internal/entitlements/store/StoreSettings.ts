import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Options, StoreConfigOptions, StoreOptions } from "../../../Entitlements.js"
import * as InvalidOption from "../../options/InvalidOption.js"
import * as Quantity from "../../options/Quantity.js"
import * as Settings from "../Settings.js"
import type * as StoreGuard from "./StoreGuard.js"

/** The options with all defaults filled in. */
export interface StoreSettings extends StoreGuard.Options {
  readonly storeId: string
  /** The TTL of a state in the store, in milliseconds: as long as it may answer a check. */
  readonly timeToLive: number
}

type Times = Pick<Options, "timeToLive" | "connectedTimeToLive" | "staleFor" | "staleWhileRevalidate">

/** The first invalid option of the store and the rule it breaks, or null. */
const invalidOption = (options: StoreOptions): InvalidOption.InvalidOption | null =>
  InvalidOption.first([
    ["storeTimeout", Quantity.finiteDurationRule(options.storeTimeout)],
    ["storeFailures", Quantity.wholeRule(options.storeFailures, 1)],
    ["storeCoolDown", Quantity.finiteDurationRule(options.storeCoolDown)]
  ])

/** Validates the options and fills in the defaults. The left is the first invalid option. */
export const make = (options: StoreOptions & Times): Either.Either<StoreSettings, InvalidOption.InvalidOption> =>
  Either.flatMap(Settings.make(options), ({ connectedTimeToLive, staleFor, staleWhileRevalidate }) => {
    const invalid = invalidOption(options)
    if (invalid !== null) return Either.left(invalid)
    return Either.right({
      storeId: options.storeId ?? "effect-stigg/entitlements",
      timeout: Duration.decode(options.storeTimeout ?? "50 millis"),
      failures: options.storeFailures ?? 3,
      coolDown: Duration.toMillis(options.storeCoolDown ?? "5 seconds"),
      timeToLive: connectedTimeToLive + Math.max(staleFor, staleWhileRevalidate)
    })
  })

export const fromConfig = (
  options: StoreConfigOptions & { readonly [K in keyof Times]?: Config.Config<Duration.DurationInput> | undefined }
): Effect.Effect<StoreOptions & Times, ConfigError> =>
  Config.all({
    timeToLive: options.timeToLive ?? none,
    connectedTimeToLive: options.connectedTimeToLive ?? none,
    staleFor: options.staleFor ?? none,
    staleWhileRevalidate: options.staleWhileRevalidate ?? none,
    storeId: options.storeId ?? none,
    storeTimeout: options.storeTimeout ?? none,
    storeFailures: options.storeFailures ?? none,
    storeCoolDown: options.storeCoolDown ?? none
  })

const none = Config.succeed(undefined)
