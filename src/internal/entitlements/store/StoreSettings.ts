import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fault from "../../options/Fault.js"
import * as Quantity from "../../options/Quantity.js"
import * as Settings from "../Settings.js"
import type * as StoreGuard from "./StoreGuard.js"

/**
 * How a store of states is used.
 *
 * @example
 * import type * as EntitlementsPersisted from "effect-stigg/EntitlementsPersisted"
 *
 * const options: EntitlementsPersisted.StoreOptions = {
 *   storeId: "entitlements-of-production",
 *   storeTimeout: "20 millis"
 * }
 * console.log(options.storeId) // entitlements-of-production
 *
 * @category models
 * @since 0.1.0
 */
export interface StoreOptions {
  /**
   * What the keys in the store begin with: `effect-stigg/entitlements` by default. Give each environment of Stigg its
   * own, where several share a store.
   */
  readonly storeId?: string | undefined
  /**
   * How long the store may take before a check goes on without it; 50 milliseconds by default. The time in which this
   * process was too busy to read the answer does not count.
   */
  readonly storeTimeout?: Duration.DurationInput | undefined
  /** After how many failures in a row the store is left alone; 3 by default. Reads and writes count each for themselves. */
  readonly storeFailures?: number | undefined
  /** How long a store that failed is left alone; 5 seconds by default. */
  readonly storeCoolDown?: Duration.DurationInput | undefined
}

/**
 * {@link StoreOptions} as `Config`s.
 *
 * @example
 * import { Config } from "effect"
 * import type * as EntitlementsPersisted from "effect-stigg/EntitlementsPersisted"
 *
 * const options: EntitlementsPersisted.StoreConfigOptions = { storeId: Config.string("ENTITLEMENTS_STORE") }
 *
 * @category models
 * @since 0.1.0
 */
export interface StoreConfigOptions {
  readonly storeId?: Config.Config<string> | undefined
  readonly storeTimeout?: Config.Config<Duration.DurationInput> | undefined
  readonly storeFailures?: Config.Config<number> | undefined
  readonly storeCoolDown?: Config.Config<Duration.DurationInput> | undefined
}

/** The options with all defaults filled in. */
export interface StoreSettings extends StoreGuard.Options {
  readonly storeId: string
  /** How long the store keeps a state, in milliseconds: for as long as one may answer. */
  readonly timeToLive: number
}

type Times = Pick<Settings.Options, "timeToLive" | "staleFor" | "staleWhileRevalidate">

/** What is wrong with the options that are about the store, or null. */
const fault = (options: StoreOptions): Fault.Fault | null =>
  Fault.first([
    ["storeTimeout", Quantity.finiteDurationFault(options.storeTimeout)],
    ["storeFailures", Quantity.wholeFault(options.storeFailures, 1)],
    ["storeCoolDown", Quantity.finiteDurationFault(options.storeCoolDown)]
  ])

/** The settings that options stand for; on the left the first option that cannot be used. */
export const make = (options: StoreOptions & Times): Either.Either<StoreSettings, Fault.Fault> =>
  Either.flatMap(Settings.make(options), ({ timeToLive, staleFor, staleWhileRevalidate }) => {
    const invalid = fault(options)
    if (invalid !== null) return Either.left(invalid)
    return Either.right({
      storeId: options.storeId ?? "effect-stigg/entitlements",
      timeout: Duration.decode(options.storeTimeout ?? "50 millis"),
      failures: options.storeFailures ?? 3,
      coolDown: Duration.toMillis(options.storeCoolDown ?? "5 seconds"),
      timeToLive: timeToLive + Math.max(staleFor, staleWhileRevalidate)
    })
  })

/** The options that `Config`s hold; those that are left out have their defaults. */
export const fromConfig = (
  options: StoreConfigOptions & { readonly [K in keyof Times]?: Config.Config<Duration.DurationInput> | undefined }
): Effect.Effect<StoreOptions & Times, ConfigError> =>
  Config.all({
    timeToLive: options.timeToLive ?? none,
    staleFor: options.staleFor ?? none,
    staleWhileRevalidate: options.staleWhileRevalidate ?? none,
    storeId: options.storeId ?? none,
    storeTimeout: options.storeTimeout ?? none,
    storeFailures: options.storeFailures ?? none,
    storeCoolDown: options.storeCoolDown ?? none
  })

const none = Config.succeed(undefined)
