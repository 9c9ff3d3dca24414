/**
 * Entitlement checks for hot paths: cached in memory, deduplicated, and available while the API is down.
 *
 * One request loads the whole state of a customer and serves the checks of every feature for 30 seconds. A check that
 * the cached state grants is a cache hit. A check that the state would deny, or cannot decide, goes to the API, and its
 * answer is cached by its arguments. While the API is down, checks use the last known answer, then your fallbacks.
 *
 * A feature id is any string, and the API denies one that it does not know: with the reason `FeatureNotFound`, for which
 * a warning is logged once for each id. With a `Catalogue`, a misspelled id does not compile.
 *
 * @module
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Customers } from "./Customers.js"
import * as Cached from "./internal/entitlements/Cached.js"
import type { Checks } from "./internal/entitlements/Checks.js"
import * as Offline from "./internal/entitlements/Offline.js"
import * as Settings from "./internal/entitlements/Settings.js"
import { EntitlementsChannel } from "./EntitlementsChannel.js"
import { StateStore } from "./internal/entitlements/store/StateStore.js"
import { metricNames, spanNames } from "./internal/entitlements/TelemetryNames.js"
import type { CheckEntitlement, Entitlement, EntitlementsState, RetrieveEntitlements } from "./schemas/Entitlement.js"
import { EntitlementDeniedReason } from "./schemas/EntitlementDeniedReason.js"
import type { StiggClient } from "./StiggClient.js"
import type { InvalidOptionsError, StiggError } from "./StiggError.js"

export { metricNames, spanNames }

const SourceSchema = Schema.Literal("api", "cache", "stale", "fallback")

/**
 * Where an answer comes from:
 *
 * - `api`: the API's response, which this check waited for.
 * - `cache`: a fresh state or answer, from memory or from the store.
 * - `stale`: the last known state or answer, because the API is slow or down.
 * - `fallback`: your own fallback, because the API is down and no known state can answer.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const isGuess = (source: Entitlements.Source): boolean => source === "stale" || source === "fallback"
 * console.log(isGuess("cache")) // false
 *
 * @category models
 * @since 0.1.0
 */
export type Source = Extract<typeof SourceSchema.Type, string>

/**
 * Whether a customer may use a feature or spend credits, and where the answer comes from.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const describe = (answer: Entitlements.Answer): string =>
 *   answer.isGranted ? `yes (${answer.source})` : `no: ${answer.accessDeniedReason} (${answer.source})`
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer {
  readonly isGranted: boolean
  /** Null when access is granted. */
  readonly accessDeniedReason: EntitlementDeniedReason | null
  /** The usage when the answer was computed; null when the feature is not metered, or the usage is unknown. */
  readonly currentUsage: number | null
  /** Null when there is no limit, or the limit is unknown; see `hasUnlimitedUsage`. */
  readonly usageLimit: number | null
  readonly hasUnlimitedUsage: boolean | null
  /** The API's whole entitlement; null for a fallback, and for anything that is not in the customer's state. */
  readonly entitlement: Entitlement | null
  readonly source: Source
}

/**
 * All entitlements of a customer, and when they were fetched.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { Entitlements } from "effect-stigg"
 *
 * const caption = (state: Entitlements.State): string =>
 *   state.source === "stale" ? `as of ${DateTime.formatIso(state.fetchedAt)}` : "up to date"
 *
 * @category models
 * @since 0.1.0
 */
export interface State extends EntitlementsState {
  readonly source: Source
  /** When the request to the API was sent. */
  readonly fetchedAt: DateTime.Utc
}

/**
 * The customer may not use the feature, or spend the credits, that {@link require} asked for. It is a schema, so an
 * `HttpApi` can declare it as the error of an endpoint, for example with status 402.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const program = Entitlements.require("customer-acme", { featureId: "feature-seats", requestedUsage: 1 }).pipe(
 *   Effect.as("added"),
 *   Effect.catchTag("StiggEntitlementDeniedError", ({ reason, currentUsage, usageLimit }) =>
 *     Effect.succeed(`not added: ${reason}, ${currentUsage} of ${usageLimit} used`)
 *   )
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class EntitlementDeniedError extends Schema.TaggedError<EntitlementDeniedError>(
  "effect-stigg/EntitlementDeniedError"
)("StiggEntitlementDeniedError", {
  message: Schema.String,
  customerId: Schema.String,
  /** The feature that was denied; null when the check was for credits. */
  featureId: Schema.NullOr(Schema.String),
  /** The currency of the credits that were denied; null when the check was for a feature. */
  currencyId: Schema.NullOr(Schema.String),
  /** `"Unknown"` when the API gives no reason. */
  reason: EntitlementDeniedReason,
  usageLimit: Schema.NullOr(Schema.Number),
  currentUsage: Schema.NullOr(Schema.Number),
  source: SourceSchema
}) {}

/**
 * The answer of a fallback: granted or denied, optionally with a reason, usage and limit.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const tenSeats: Entitlements.FallbackAnswer = { isGranted: true, usageLimit: 10 }
 * console.log(tenSeats.isGranted) // true
 *
 * @category fallbacks
 * @since 0.1.0
 */
export type FallbackAnswer =
  | boolean
  | {
      readonly isGranted: boolean
      /** `"Unknown"` by default; ignored when access is granted. */
      readonly accessDeniedReason?: EntitlementDeniedReason | undefined
      readonly usageLimit?: number | undefined
      readonly currentUsage?: number | undefined
      readonly hasUnlimitedUsage?: boolean | undefined
    }

/**
 * The check that a fallback function answers, and why the API could not.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const isLarge = ({ params }: Entitlements.FallbackRequest): boolean => (params.requestedUsage ?? 0) > 100
 *
 * @category fallbacks
 * @since 0.1.0
 */
export interface FallbackRequest {
  readonly customerId: string
  readonly params: CheckEntitlement
  /** The error of the API; a `StiggAPIConnectionError` with code `OFFLINE` in offline mode. */
  readonly error: StiggError
}

/**
 * Answers a check while the API is down: a value, or a function of the check. When the function returns `undefined`,
 * the global fallback applies, or the check fails with the API's error.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const smallRequests: Entitlements.Fallback = ({ params }) => (params.requestedUsage ?? 1) <= 10
 *
 * @category fallbacks
 * @since 0.1.0
 */
export type Fallback = FallbackAnswer | ((request: FallbackRequest) => FallbackAnswer | undefined)

/**
 * How entitlements are cached, when the API is considered down, and what the fallbacks are.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const options: Entitlements.Options = {
 *   timeToLive: "1 minute",
 *   fallbacks: { "feature-sso": true },
 *   fallback: false
 * }
 * console.log(options.timeToLive) // 1 minute
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * How long a state is fresh. 30 seconds by default. A state expires earlier if the `validUntil` of one of its
   * entitlements passes.
   */
  readonly timeToLive?: Duration.DurationInput | undefined
  /**
   * How long a state is fresh while an `EntitlementsChannel` is connected, if that is longer than
   * `timeToLive`; `timeToLive` by default. Lengthen it once changes made outside of this SDK arrive as webhooks: then a request is needed only
   * after a change. If the channel is lost, `timeToLive` holds at once.
   */
  readonly connectedTimeToLive?: Duration.DurationInput | undefined
  /**
   * When a state in use is refreshed in the background, as a fraction of `timeToLive` from 0 to 1. 0.8 by default,
   * reduced at random by up to a tenth, so that states that were loaded together are not refreshed together. A value
   * of 1 disables it.
   */
  readonly refreshAhead?: number | undefined
  /**
   * How long after its `timeToLive` a state may still grant access while the API takes longer than 10 milliseconds to
   * respond. The refresh continues in the background. 1 minute by default; 0 always waits for the API. Checks that such
   * a state would deny always go to the API.
   */
  readonly staleWhileRevalidate?: Duration.DurationInput | undefined
  /** How long after its `timeToLive` a state may answer while the API fails. 1 hour by default; 0 disables it. */
  readonly staleFor?: Duration.DurationInput | undefined
  /** How long a 404 for a customer is cached. 5 seconds by default, and never longer than `timeToLive`. */
  readonly notFoundTimeToLive?: Duration.DurationInput | undefined
  /**
   * The maximum number of cached states, one for each customer or resource; 10,000 by default. The least recently used
   * state is evicted first.
   */
  readonly capacity?: number | undefined
  /**
   * How long a request to the API may take, retries included; 2 seconds by default. The timeout starts when the request
   * is sent, and excludes the time in which this process was too busy to read the response.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** The maximum number of requests in flight; 64 by default. Others queue; their timeout starts when they are sent. */
  readonly concurrency?: number | undefined
  /** When the circuit breaker opens, and for how long. */
  readonly breaker?: BreakerOptions | undefined
  /**
   * Fallbacks by feature id or currency id, for when the API is down and no known state can answer. The ids are not
   * checked against the API.
   */
  readonly fallbacks?: Readonly<Record<string, Fallback>> | undefined
  /** Fallbacks by currency id only, ahead of `fallbacks`. In offline mode, `state` lists them as credits. */
  readonly creditFallbacks?: Readonly<Record<string, Fallback>> | undefined
  /**
   * The global fallback, for ids without a specific one. There is none by default: while the API is down, a check that
   * no known state can answer fails with the API's error.
   */
  readonly fallback?: Fallback | undefined
  /** Never calls the API: fallbacks answer every check. For development. `false` by default. */
  readonly offline?: boolean | undefined
}

/**
 * When the circuit breaker opens, and for how long.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const breaker: Entitlements.BreakerOptions = { failures: 5, coolDown: "10 seconds" }
 * console.log(breaker.failures) // 5
 *
 * @category models
 * @since 0.1.0
 */
export interface BreakerOptions {
  /** The number of consecutive failures that opens the breaker; 3 by default. */
  readonly failures?: number | undefined
  /** How long the breaker stays open before it sends a probe; 5 seconds by default, longer if `Retry-After` is. */
  readonly coolDown?: Duration.DurationInput | undefined
}

// Declared here and not with a store: the types of one store must not need the optional peer dependency of the other.

/**
 * The options of the store that `effect-stigg/EntitlementsPersisted` and `effect-stigg/EntitlementsRedis` add.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const options: Entitlements.StoreOptions = {
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
   * The prefix of the keys in the store; `effect-stigg/entitlements` by default. Give each Stigg environment its own if
   * several share a store.
   */
  readonly storeId?: string | undefined
  /**
   * How long the store may take before a check continues without it; 50 milliseconds by default. The time in which this
   * process was too busy to read the reply does not count.
   */
  readonly storeTimeout?: Duration.DurationInput | undefined
  /**
   * The number of consecutive failures after which the store is not used for `storeCoolDown`; 3 by default. Reads and
   * writes are counted separately.
   */
  readonly storeFailures?: number | undefined
  /** How long a failing store is not used; 5 seconds by default. */
  readonly storeCoolDown?: Duration.DurationInput | undefined
}

/**
 * {@link StoreOptions} as `Config`s.
 *
 * @example
 * import { Config } from "effect"
 * import type { Entitlements } from "effect-stigg"
 *
 * const options: Entitlements.StoreConfigOptions = { storeId: Config.string("ENTITLEMENTS_STORE") }
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

/**
 * The progress of a prefetch.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const percentage = ({ done, total }: Entitlements.PrefetchProgress): string => `${Math.floor((100 * done) / total)} %`
 * console.log(percentage({ done: 250, total: 1000, failed: 0 })) // 25 %
 *
 * @category models
 * @since 0.1.0
 */
export interface PrefetchProgress {
  /** The number of customers processed so far, failures included. */
  readonly done: number
  /** The number of distinct customers. */
  readonly total: number
  /** How many of `done` failed. */
  readonly failed: number
}

/**
 * The options of `prefetch`.
 *
 * @example
 * import { Effect } from "effect"
 * import type { Entitlements } from "effect-stigg"
 *
 * const options: Entitlements.PrefetchOptions = {
 *   concurrency: 32,
 *   onProgress: ({ done, total }) => (done % 1000 === 0 ? Effect.log(`${done} of ${total}`) : Effect.void)
 * }
 * console.log(options.concurrency) // 32
 *
 * @category models
 * @since 0.1.0
 */
export interface PrefetchOptions {
  /** How many states are fetched at once; 8 by default, which leaves most of the layer's `concurrency` to checks. */
  readonly concurrency?: number | undefined
  /** Runs after each customer. */
  readonly onProgress?: ((progress: PrefetchProgress) => Effect.Effect<void>) | undefined
}

/**
 * The entitlement checks. Invalid arguments fail with `StiggInvalidRequestError`, and nothing is sent. The API's error
 * is raised when the API rejects the request (400, 401, 403 and other client errors), and when the API is down and
 * neither the last known state nor a fallback can answer.
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
   * Checks whether a customer may use a feature or spend credits. A denial is a result, not an error: `isGranted` is
   * false. A customer that the API does not know is denied too (`CustomerNotFound`), and so is a feature
   * (`FeatureNotFound`).
   */
  readonly check: (customerId: string, params: CheckEntitlement) => Effect.Effect<Answer, StiggError>
  /**
   * The answer that `check` would give without waiting, for code outside of any fiber, such as a template or a hot loop.
   * None if nothing fresh is in memory, if the API has to be asked, as before most denials, or if the arguments are
   * invalid: then `check` tells. Starts a background refresh when one is due, as `check` does.
   */
  readonly peek: (customerId: string, params: CheckEntitlement) => Option.Option<Answer>
  /**
   * Like `check`, but a denial fails with {@link EntitlementDeniedError}. It reserves nothing: if two callers require
   * the last seat, both get it, until the usage that you report to Stigg is in the cached state.
   */
  readonly require: (
    customerId: string,
    params: CheckEntitlement
  ) => Effect.Effect<Answer, EntitlementDeniedError | StiggError>
  /**
   * Returns all entitlements of a customer, for example to show them on a page. While the API is down, it returns the
   * last known state, or fails with the API's error: fallbacks apply only in offline mode.
   */
  readonly state: (customerId: string, params?: RetrieveEntitlements) => Effect.Effect<State, StiggError>
  /**
   * Loads the states of many customers ahead of their first check. States that are fresh in memory or in the store cost
   * no request. A failed load does not stop the others: the effect fails at the end, with the first error. Beyond the
   * layer's `capacity`, the first states are evicted again.
   */
  readonly prefetch: (
    customerIds: Iterable<string>,
    options?: PrefetchOptions
  ) => Effect.Effect<PrefetchProgress, StiggError>
  /**
   * Evicts everything cached for customers, so that the next check of each calls the API. Writes through this SDK do this
   * automatically, before they return.
   *
   * It reaches the memory of this process, and the store if there is one. With an `EntitlementsChannel`, it also reaches
   * the memory of all other processes that are connected. Without one, they may answer from memory until `timeToLive`.
   */
  readonly invalidate: (customerIds: string | Iterable<string>) => Effect.Effect<void>
}

/**
 * The service tag of the entitlement checks.
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
 * Makes the service. Background refreshes stop when the scope closes. Fails with `StiggInvalidOptionsError` if an
 * option is out of range.
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
    : Effect.gen(function* () {
        const store = yield* Effect.serviceOption(StateStore)
        const channel = yield* Effect.serviceOption(EntitlementsChannel)
        return fromChecks(yield* Cached.make(settings, Option.getOrUndefined(store), Option.getOrUndefined(channel)))
      })

/**
 * Provides the checks on top of the client's services. There is no fallback by default: decide what happens when the
 * API is down and no state of a customer is known. Fails with `StiggInvalidOptionsError` if an option is out of range.
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
 * Provides the checks without the API: every answer is a fallback, and a check without a fallback fails. For
 * development without an API key. The `offline` option of {@link layer} does the same when the API's layers are
 * provided anyway.
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
 * The options of {@link layer} as `Config`s. Fallbacks are not `Config`s, because they can be functions.
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
  readonly connectedTimeToLive?: Config.Config<Duration.DurationInput> | undefined
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

const fromConfig = (options: ConfigOptions): Effect.Effect<Options, ConfigError> => {
  const { breaker, creditFallbacks, fallback, fallbacks } = options
  return Effect.map(
    Config.all({
      timeToLive: options.timeToLive ?? none,
      connectedTimeToLive: options.connectedTimeToLive ?? none,
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
 * Like {@link layer}, with options from `Config`s. Fails with `ConfigError` if one is missing or out of range.
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
 * Checks whether a customer may use a feature or spend credits. A denial is a result, not an error.
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
 * The answer that {@link check} would give without waiting, if there is one. To read it outside of any fiber, use the
 * method of the service.
 *
 * @example
 * import { Effect, Option } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const entitlements = yield* Entitlements.Entitlements
 *   const isAllowed = (customerId: string): boolean =>
 *     Option.exists(entitlements.peek(customerId, { featureId: "feature-sso" }), ({ isGranted }) => isGranted)
 *   return isAllowed
 * })
 *
 * @category accessors
 * @since 0.1.0
 */
export const peek = (
  customerId: string,
  params: CheckEntitlement
): Effect.Effect<Option.Option<Answer>, never, Entitlements> =>
  Effect.map(Entitlements, (entitlements) => entitlements.peek(customerId, params))

/**
 * Like {@link check}, but a denial fails with {@link EntitlementDeniedError}. It reserves nothing: see {@link Service}.
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

// A top-level `require` would clash with CommonJS's own when the module is compiled to CommonJS.
export { requireEntitlement as require }

/**
 * Returns all entitlements of a customer, and when they were fetched. While the API is down, it returns the last known
 * state, or fails with the API's error.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const grantedFeatures = Entitlements.state("customer-acme").pipe(
 *   Effect.map(({ entitlements }) =>
 *     entitlements.flatMap((entitlement) =>
 *       entitlement.type === "FEATURE" && entitlement.isGranted && entitlement.feature ? [entitlement.feature.id] : []
 *     )
 *   )
 * )
 *
 * @category accessors
 * @since 0.1.0
 */
export const state = (
  customerId: string,
  params?: RetrieveEntitlements
): Effect.Effect<State, StiggError, Entitlements> =>
  Effect.flatMap(Entitlements, (entitlements) => entitlements.state(customerId, params))

/**
 * Loads the states of many customers ahead of their first check, for example when a process starts. Fails at the end
 * with the first error, after all customers were tried.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const warmUp = Entitlements.prefetch(["customer-acme", "customer-globex"], { concurrency: 32 }).pipe(
 *   Effect.catchAll((error) => Effect.logWarning("Some states are not loaded", error.message))
 * )
 *
 * @category accessors
 * @since 0.1.0
 */
export const prefetch = (
  customerIds: Iterable<string>,
  options?: PrefetchOptions
): Effect.Effect<PrefetchProgress, StiggError, Entitlements> =>
  Effect.flatMap(Entitlements, (entitlements) => entitlements.prefetch(customerIds, options))

/**
 * Evicts everything cached for customers. Call it after a change that was not made through this SDK. {@link Service}
 * says what it reaches.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const onPlanChanged = (customerId: string) =>
 *   Entitlements.invalidate(customerId).pipe(
 *     Effect.zipRight(Entitlements.check(customerId, { featureId: "feature-sso" }))
 *   )
 *
 * @category accessors
 * @since 0.1.0
 */
export const invalidate = (customerIds: string | Iterable<string>): Effect.Effect<void, never, Entitlements> =>
  Effect.flatMap(Entitlements, (entitlements) => entitlements.invalidate(customerIds))
