/**
 * Entitlement checks for the hot path: answered from memory, asked for once, and standing when the API is down.
 *
 * One request brings the whole state of a customer, and serves the checks of every feature for 30 seconds. What the
 * state grants is granted. What it would deny, and what it cannot decide, is asked of the API, and that answer is kept
 * by its arguments. While the API is down, what was known before answers, and then the program's own fallbacks.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Customers } from "./Customers.js"
import type { Answer, State } from "./internal/entitlements/Answer.js"
import { EntitlementDeniedError } from "./internal/entitlements/Answer.js"
import * as Cached from "./internal/entitlements/Cached.js"
import type { Checks } from "./internal/entitlements/Checks.js"
import * as Offline from "./internal/entitlements/Offline.js"
import type { PrefetchOptions, PrefetchProgress } from "./internal/entitlements/remote/Prefetch.js"
import type { Options } from "./internal/entitlements/Settings.js"
import * as Settings from "./internal/entitlements/Settings.js"
import { StateStore } from "./internal/entitlements/store/StateStore.js"
import type { CheckEntitlement, RetrieveEntitlements } from "./schemas/Entitlement.js"
import type { StiggClient } from "./StiggClient.js"
import type { InvalidOptionsError, StiggError } from "./StiggError.js"

export { type Answer, EntitlementDeniedError, type Source, type State } from "./internal/entitlements/Answer.js"
export type { Fallback, FallbackAnswer, FallbackRequest } from "./internal/entitlements/Fallback.js"
export type { PrefetchOptions, PrefetchProgress } from "./internal/entitlements/remote/Prefetch.js"
export type { BreakerOptions, Options } from "./internal/entitlements/Settings.js"

/**
 * The checks. Each fails with `InvalidRequestError` on what the API could not accept, and with the API's error where
 * nothing stands in for its answer: a 4xx is its answer, and is never replaced.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const entitlements = yield* Entitlements.Entitlements
 *   const { isGranted, source } = yield* entitlements.check("customer-acme", { featureId: "feature-sso" })
 *   yield* Effect.log(isGranted ? "single sign-on" : "password", source)
 * })
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /**
   * Whether a customer may use a feature, or spend credits. A denial is a result: `isGranted` is false, also for a
   * customer that the API does not know.
   */
  readonly check: (customerId: string, params: CheckEntitlement) => Effect.Effect<Answer, StiggError>
  /**
   * As `check`, but a denial fails with {@link EntitlementDeniedError}. It reserves nothing: with `requestedUsage: 1` the
   * last seat is granted to each who asks, until the usage that you report to Stigg is in the cached state.
   */
  readonly require: (
    customerId: string,
    params: CheckEntitlement
  ) => Effect.Effect<Answer, EntitlementDeniedError | StiggError>
  /**
   * All entitlements of a customer, for a page that shows them. It has no fallback: while the API is down it is the last
   * known one, or the API's error.
   */
  readonly state: (customerId: string, params?: RetrieveEntitlements) => Effect.Effect<State, StiggError>
  /**
   * Fetches the states of customers that are about to come, up to those of a whole fleet; those that are fresh, here or
   * in the store, are not asked for. A state that cannot be fetched does not stop the others: the effect fails in the
   * end, with the first error. Past the `capacity` of the layer the first states are evicted again.
   */
  readonly prefetch: (
    customerIds: Iterable<string>,
    options?: PrefetchOptions
  ) => Effect.Effect<PrefetchProgress, StiggError>
  /**
   * Forgets all that is known of a customer, so that the next check asks the API. Changes made through this SDK do it by
   * themselves, before their caller goes on.
   */
  readonly invalidate: (customerId: string) => Effect.Effect<void>
}

/**
 * The service of entitlement checks.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const program = Effect.flatMap(Entitlements.Entitlements, (entitlements) =>
 *   entitlements.prefetch(["customer-acme", "customer-globex"])
 * )
 *
 * @category tags
 * @since 0.1.0
 */
export class Entitlements extends Context.Tag("effect-stigg/Entitlements")<Entitlements, Service>() {}

const fromChecks = (checks: Checks): Service => ({
  ...checks,
  require: (customerId, params) =>
    Effect.flatMap(checks.check(customerId, params), (answer) =>
      answer.isGranted ? Effect.succeed(answer) : Effect.fail(deniedError(customerId, params, answer))
    )
})

const deniedError = (
  customerId: string,
  { currencyId, featureId }: CheckEntitlement,
  { accessDeniedReason, currentUsage, source, usageLimit }: Answer
): EntitlementDeniedError => {
  const reason = accessDeniedReason ?? "Unknown"
  return new EntitlementDeniedError({
    message: `${customerId} is not entitled to ${featureId ?? currencyId}: ${reason}`,
    featureId: featureId ?? null,
    currencyId: currencyId ?? null,
    ...{ customerId, reason, usageLimit, currentUsage, source }
  })
}

/**
 * Makes the checks, which live as long as the scope: what runs in the background ends with it. Fails with
 * `InvalidOptionsError` for an option that is out of range.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const entitlements = yield* Entitlements.make({ capacity: 100 })
 *   return yield* entitlements.check("customer-acme", { featureId: "feature-sso" })
 * }).pipe(Effect.scoped)
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Options = {}
): Effect.Effect<Service, InvalidOptionsError, Customers | StiggClient | Scope.Scope> =>
  Effect.flatMap(Effect.mapError(Settings.make(options), Settings.toInvalidOptions), fromSettings)

const fromSettings = (
  settings: Settings.Settings
): Effect.Effect<Service, never, Customers | StiggClient | Scope.Scope> =>
  settings.offline
    ? Effect.succeed(fromChecks(Offline.make(settings)))
    : Effect.flatMap(Effect.serviceOption(StateStore), (store) =>
        Effect.map(Cached.make(settings, Option.getOrUndefined(store)), fromChecks)
      )

/**
 * The checks on the client's own services. There is no fallback unless you give one: decide what happens when the API is
 * down and nothing is known of a customer. Fails with `InvalidOptionsError` for an option that is out of range.
 *
 * @example
 * import { Layer } from "effect"
 * import { Entitlements, Stigg } from "effect-stigg"
 *
 * const EntitlementsLive = Entitlements.layer({
 *   fallbacks: { "feature-sso": true, "feature-seats": ({ params }) => (params.requestedUsage ?? 1) <= 5 },
 *   fallback: false
 * }).pipe(Layer.provideMerge(Stigg.layerEnv))
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<Entitlements, InvalidOptionsError, Customers | StiggClient> =>
  Layer.scoped(Entitlements, make(options))

/**
 * The checks without an API: every answer is a fallback, and a check without one fails. For development without a key;
 * the option `offline` of {@link layer} is the same where the API's layers are there anyway.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const program = Entitlements.check("customer-acme", { featureId: "feature-sso" }).pipe(
 *   Effect.provide(Entitlements.layerOffline({ fallback: true }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layerOffline = (
  options: Pick<Options, "fallback" | "fallbacks" | "creditFallbacks">
): Layer.Layer<Entitlements> => Layer.sync(Entitlements, () => fromChecks(Offline.make(Settings.fallbacks(options))))

/**
 * The options of {@link layer} as `Config`s, but for the fallbacks, which are part of the program.
 *
 * @example
 * import { Config } from "effect"
 * import type { Entitlements } from "effect-stigg"
 *
 * const options: Entitlements.ConfigOptions = {
 *   timeToLive: Config.withDefault(Config.duration("ENTITLEMENTS_TTL"), "30 seconds"),
 *   offline: Config.withDefault(Config.boolean("ENTITLEMENTS_OFFLINE"), false),
 *   fallback: false
 * }
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfigOptions extends Pick<Options, "fallback" | "fallbacks" | "creditFallbacks"> {
  readonly timeToLive?: Config.Config<Duration.DurationInput> | undefined
  readonly refreshAhead?: Config.Config<number> | undefined
  readonly staleWhileRevalidate?: Config.Config<Duration.DurationInput> | undefined
  readonly staleFor?: Config.Config<Duration.DurationInput> | undefined
  readonly notFoundTimeToLive?: Config.Config<Duration.DurationInput> | undefined
  readonly capacity?: Config.Config<number> | undefined
  readonly timeout?: Config.Config<Duration.DurationInput> | undefined
  readonly concurrency?: Config.Config<number> | undefined
  readonly breaker?:
    | {
        readonly failures?: Config.Config<number> | undefined
        readonly coolDown?: Config.Config<Duration.DurationInput> | undefined
      }
    | undefined
  readonly offline?: Config.Config<boolean> | undefined
}

/** The options that `Config`s hold; those that are left out have their defaults. */
const fromConfig = (options: ConfigOptions): Effect.Effect<Options, ConfigError> => {
  const { breaker, creditFallbacks, fallback, fallbacks } = options
  return Effect.map(
    Config.all({
      timeToLive: options.timeToLive ?? none,
      refreshAhead: options.refreshAhead ?? none,
      staleWhileRevalidate: options.staleWhileRevalidate ?? none,
      staleFor: options.staleFor ?? none,
      notFoundTimeToLive: options.notFoundTimeToLive ?? none,
      capacity: options.capacity ?? none,
      timeout: options.timeout ?? none,
      concurrency: options.concurrency ?? none,
      breaker: Config.all({ failures: breaker?.failures ?? none, coolDown: breaker?.coolDown ?? none }),
      offline: options.offline ?? none
    }),
    (read) => ({ ...read, creditFallbacks, fallback, fallbacks })
  )
}

const none = Config.succeed(undefined)

/**
 * As {@link layer}, from `Config`s. Fails with `ConfigError` when one is missing or out of range.
 *
 * @example
 * import { Config } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const EntitlementsLive = Entitlements.layerConfig({
 *   capacity: Config.withDefault(Config.integer("ENTITLEMENTS_CAPACITY"), 10_000),
 *   fallback: false
 * })
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (options: ConfigOptions): Layer.Layer<Entitlements, ConfigError, Customers | StiggClient> =>
  Layer.scoped(
    Entitlements,
    fromConfig(options).pipe(
      Effect.flatMap((options) => Effect.mapError(Settings.make(options), Settings.toConfigError)),
      Effect.flatMap(fromSettings)
    )
  )

/**
 * Whether a customer may use a feature, or spend credits.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const mayAddSeat = Entitlements.check("customer-acme", { featureId: "feature-seats", requestedUsage: 1 }).pipe(
 *   Effect.map((answer) => answer.isGranted)
 * )
 *
 * @category accessors
 * @since 0.1.0
 */
export const check = (customerId: string, params: CheckEntitlement): Effect.Effect<Answer, StiggError, Entitlements> =>
  Effect.flatMap(Entitlements, (entitlements) => entitlements.check(customerId, params))

/**
 * As {@link check}, but a denial fails with {@link EntitlementDeniedError}.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const report = Entitlements.require("customer-acme", { featureId: "feature-reports" }).pipe(
 *   Effect.as("the report"),
 *   Effect.catchTag("StiggEntitlementDeniedError", (error) => Effect.succeed(`upgrade: ${error.reason}`))
 * )
 *
 * @category accessors
 * @since 0.1.0
 */
const requireEntitlement = (
  customerId: string,
  params: CheckEntitlement
): Effect.Effect<Answer, EntitlementDeniedError | StiggError, Entitlements> =>
  Effect.flatMap(Entitlements, (entitlements) => entitlements.require(customerId, params))

// `require` would be a reserved name at the top of a module that becomes CommonJS.
export { requireEntitlement as require }
