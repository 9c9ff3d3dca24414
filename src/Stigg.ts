/**
 * All services from one configuration. To use two environments in one program, build two of these layers and provide
 * each to the part that uses it.
 *
 * @module
 * @since 0.1.0
 */
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as Customers from "./Customers.js"
import type { Integrations } from "./customers/Integrations.js"
import type { PaymentMethod } from "./customers/PaymentMethod.js"
import type { PromotionalEntitlements } from "./customers/PromotionalEntitlements.js"
import * as StiggClient from "./StiggClient.js"
import type { InvalidOptionsError } from "./StiggError.js"
import * as Header from "./internal/options/Header.js"

/**
 * All services of the SDK.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, type Stigg } from "effect-stigg"
 *
 * const program: Effect.Effect<void, unknown, Stigg.Services> = Effect.gen(function* () {
 *   const customers = yield* Customers.Customers
 *   yield* customers.retrieve("customer-acme")
 * })
 *
 * @category models
 * @since 0.1.0
 */
export type Services =
  StiggClient.StiggClient | Customers.Customers | PaymentMethod | PromotionalEntitlements | Integrations

/**
 * All services, from options. Fails with `StiggInvalidOptionsError` if an option is invalid, including those of
 * `RetryPolicy` and `RequestOptions`: a key or header that cannot be sent, a base URL that is malformed or ends in
 * `/api/v1`, a number that is NaN.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
 *
 * const StiggLive = Stigg.layer({ apiKey: Redacted.make("server-key") }).pipe(
 *   Layer.provide(UndiciHttpClient.layer)
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <UserToken extends Redacted.Redacted | undefined = undefined>(
  options: StiggClient.Options<UserToken>
): Layer.Layer<Services, InvalidOptionsError, HttpClient> =>
  // Fresh: layers are memoized, so two environments in one program would share the services of the first.
  Layer.fresh(Customers.layer).pipe(Layer.provideMerge(StiggClient.layer(options)))

/**
 * {@link StiggClient.ApiKeyCredentials} as a `Config`.
 *
 * @example
 * import { Config } from "effect"
 * import type { Stigg } from "effect-stigg"
 *
 * const credentials: Stigg.ApiKeyConfig = { apiKey: Config.redacted("STIGG_STAGING_API_KEY") }
 *
 * @category models
 * @since 0.1.0
 */
export interface ApiKeyConfig {
  readonly apiKey: Config.Config<Redacted.Redacted>
  readonly userToken?: undefined
}

/**
 * {@link StiggClient.UserTokenCredentials} as `Config`s.
 *
 * @example
 * import { Config } from "effect"
 * import type { Stigg } from "effect-stigg"
 *
 * const credentials: Stigg.UserTokenConfig = {
 *   userToken: Config.redacted("SUPPORT_TOKEN"),
 *   environmentId: Config.string("SUPPORT_ENVIRONMENT")
 * }
 *
 * @category models
 * @since 0.1.0
 */
export interface UserTokenConfig {
  readonly userToken: Config.Config<Redacted.Redacted>
  readonly environmentId: Config.Config<string>
  readonly accountId?: Config.Config<string | undefined> | undefined
  readonly apiKey?: undefined
}

/**
 * {@link StiggClient.ConnectionOptions} as `Config`s.
 *
 * @example
 * import { Config } from "effect"
 * import type { Stigg } from "effect-stigg"
 *
 * const proxied: Stigg.ConnectionConfig = { baseUrl: Config.string("STIGG_PROXY") }
 *
 * @category models
 * @since 0.1.0
 */
export interface ConnectionConfig {
  readonly baseUrl?: Config.Config<string | undefined> | undefined
  readonly customHeaders?: Config.Config<Readonly<Record<string, Redacted.Redacted>>> | undefined
  readonly transformClient?: StiggClient.ConnectionOptions["transformClient"]
}

/**
 * The options of {@link layer} as `Config`s: `apiKey`, or `userToken` with `environmentId`.
 *
 * @example
 * import { Config } from "effect"
 * import type { Stigg } from "effect-stigg"
 *
 * const options: Stigg.ConfigOptions = {
 *   userToken: Config.redacted("SUPPORT_TOKEN"),
 *   environmentId: Config.string("SUPPORT_ENVIRONMENT")
 * }
 *
 * @category models
 * @since 0.1.0
 */
export type ConfigOptions<
  UserToken extends Config.Config<Redacted.Redacted> | undefined = Config.Config<Redacted.Redacted> | undefined
> = ConnectionConfig & { readonly userToken?: UserToken } & ([UserToken] extends [undefined]
    ? ApiKeyConfig
    : ApiKeyConfig | UserTokenConfig)

/**
 * All services, from `Config`s. Fails with `ConfigError` if a config is missing or an option is invalid, as in
 * {@link layer}. The error names the option and never contains its value.
 *
 * @example
 * import { Config } from "effect"
 * import { Stigg } from "effect-stigg"
 *
 * const StagingLive = Stigg.layerConfig({
 *   apiKey: Config.redacted("STIGG_STAGING_API_KEY"),
 *   baseUrl: Config.withDefault(Config.string("STIGG_STAGING_URL"), "https://api.stigg.io")
 * })
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = <UserToken extends Config.Config<Redacted.Redacted> | undefined = undefined>(
  options: ConfigOptions<UserToken>
): Layer.Layer<Services, ConfigError.ConfigError, HttpClient> =>
  Layer.unwrapEffect(Effect.map(clientOptions(options), (read) => layer(read))).pipe(
    Layer.mapError((error) =>
      ConfigError.isConfigError(error) ? error : ConfigError.InvalidData([error.field], error.rule)
    )
  )

const clientOptions = (options: ConfigOptions): Effect.Effect<StiggClient.Options, ConfigError.ConfigError> =>
  Effect.gen(function* () {
    // JavaScript can pass anything, or nothing.
    const secret = options.apiKey === undefined ? "userToken" : "apiKey"
    if (!Config.isConfig(options[secret])) {
      const field = options[secret] === undefined ? "apiKey" : secret
      return yield* Effect.fail(ConfigError.InvalidData([field], "Expected a Config, such as Config.redacted(...)"))
    }
    const credentials: StiggClient.Credentials =
      options.apiKey !== undefined
        ? { apiKey: yield* options.apiKey }
        : {
            userToken: yield* options.userToken,
            environmentId: yield* options.environmentId,
            accountId: yield* options.accountId ?? Config.succeed(undefined)
          }
    return {
      ...credentials,
      baseUrl: yield* options.baseUrl ?? Config.succeed(undefined),
      customHeaders: yield* options.customHeaders ?? Config.succeed({}),
      transformClient: options.transformClient
    }
  })

const environment: ConfigOptions = {
  apiKey: Config.redacted("STIGG_API_KEY"),
  // An empty variable counts as unset.
  baseUrl: Config.map(Config.withDefault(Config.string("STIGG_BASE_URL"), ""), (url) => (url === "" ? undefined : url)),
  customHeaders: Config.mapOrFail(
    Config.withDefault(Config.redacted("STIGG_CUSTOM_HEADERS"), Redacted.make("")),
    (lines) => {
      const { headers, problem } = Header.parseLines(Redacted.value(lines))
      return problem === null
        ? Either.right(Record.map(headers, (value) => Redacted.make(value)))
        : Either.left(ConfigError.InvalidData(["STIGG_CUSTOM_HEADERS"], problem))
    }
  )
}

const variables: Readonly<Record<string, string>> = { apiKey: "STIGG_API_KEY", baseUrl: "STIGG_BASE_URL" }

const nameVariable = (error: ConfigError.ConfigError): ConfigError.ConfigError => {
  if (ConfigError.isMissingData(error)) {
    return ConfigError.MissingData(error.path, "Set STIGG_API_KEY to a server API key of your Stigg environment")
  }
  return ConfigError.isInvalidData(error)
    ? ConfigError.InvalidData(
        error.path.map((name) => variables[name] ?? name),
        error.message
      )
    : error
}

/**
 * All services, from environment variables: `STIGG_API_KEY`, and optionally `STIGG_BASE_URL` and `STIGG_CUSTOM_HEADERS`
 * (one `Name: value` per line). Fails with `ConfigError`; if the key is missing, the error says which variable to set.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, Stigg } from "effect-stigg"
 * import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
 *
 * const program = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))
 *
 * const main = program.pipe(Effect.provide(Stigg.layerEnv), Effect.provide(UndiciHttpClient.layer))
 *
 * @category layers
 * @since 0.1.0
 */
export const layerEnv: Layer.Layer<Services, ConfigError.ConfigError, HttpClient> = layerConfig(environment).pipe(
  Layer.mapError(nameVariable)
)
