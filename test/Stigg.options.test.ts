import { describe, expect, it } from "@effect/vitest"
import type { StiggClient } from "effect-stigg"
import { Customers, RequestOptions, RetryPolicy, Stigg, StiggError } from "effect-stigg"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const scripted = () => ScriptedClient.sequence(ScriptedClient.ok(ScriptedClient.customer("customer-acme")))

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))

interface Given {
  readonly client?: Partial<StiggClient.Options>
  readonly policy?: RetryPolicy.Options
  readonly request?: RequestOptions.Options
}

const clientOptions = ({ client }: Given) => ({ apiKey: Redacted.make("server-key"), ...client }) as StiggClient.Options

const configOptions = (given: Given): Stigg.ConfigOptions => {
  const options = clientOptions(given)
  const shared = {
    baseUrl: Config.succeed(options.baseUrl),
    customHeaders: Config.succeed(options.customHeaders ?? {})
  }
  return options.apiKey === undefined
    ? {
        ...shared,
        userToken: Config.succeed(options.userToken),
        environmentId: Config.succeed(options.environmentId),
        accountId: Config.succeed(options.accountId)
      }
    : { ...shared, apiKey: Config.succeed(options.apiKey) }
}

/** Builds a layer with all given options. Sends nothing. */
const build = <E>(layer: Layer.Layer<Stigg.Services, E, never>, { policy = {}, request = {} }: Given) =>
  Layer.build(layer.pipe(Layer.provide([RetryPolicy.layer(policy), RequestOptions.layer(request)]))).pipe(Effect.scoped)

const layerOf = (given: Given) => Stigg.layer(clientOptions(given)).pipe(Layer.provide(scripted().layer))
const layerConfigOf = (given: Given) => Stigg.layerConfig(configOptions(given)).pipe(Layer.provide(scripted().layer))

const userToken = { apiKey: undefined, userToken: Redacted.make("user-token"), environmentId: "production" }

const client = (options: Record<string, unknown>): Given => ({ client: options as Partial<StiggClient.Options> })
const numbers = [NaN, -1, -Infinity]

const invalid: ReadonlyArray<readonly [option: string, given: Given]> = [
  ["apiKey", client({ apiKey: Redacted.make("") })],
  ["apiKey", client({ apiKey: Redacted.make("key\nx-evil: 1") })],
  ["apiKey", client({ apiKey: Redacted.make("server-key-\ud800") })],
  ["apiKey", client({ apiKey: Redacted.make("key-日本") })],
  ["userToken", client({ ...userToken, userToken: Redacted.make("a\r\nb") })],
  ["environmentId", client({ ...userToken, environmentId: "" })],
  ["accountId", client({ ...userToken, accountId: "a\nb" })],
  ["baseUrl", client({ baseUrl: "api.stigg.io" })],
  ["baseUrl", client({ baseUrl: "ftp://api.stigg.io" })],
  ["baseUrl", client({ baseUrl: "https://a:b@api.stigg.io" })],
  ["baseUrl", client({ baseUrl: "https://api.stigg.io?x=1" })],
  ["baseUrl", client({ baseUrl: "https://api.stigg.io/api/v1" })],
  ["baseUrl", client({ baseUrl: "https://api.stigg.io/api/v1//" })],
  ["baseUrl", client({ baseUrl: "https://gateway.example/stigg/API/V1" })],
  ["customHeaders.a b", client({ customHeaders: { "a b": Redacted.make("x") } })],
  ["customHeaders.x-a", client({ customHeaders: { "x-a": Redacted.make("b\nc") } })],
  ["RequestOptions.headers.x-a", { request: { headers: { "x-a": "\n" } } }],
  ...[...numbers, 0, "soon", "-1 seconds", -1n, [NaN, 0] as const].map(
    (timeout) => ["RequestOptions.timeout", { request: { timeout: timeout as Duration.DurationInput } }] as const
  ),
  ...[...numbers, 1.5, Infinity].map(
    (maxResponseBytes) => ["RequestOptions.maxResponseBytes", { request: { maxResponseBytes } }] as const
  ),
  ...[...numbers, 1.5].map((maxRetries) => ["RetryPolicy.maxRetries", { policy: { maxRetries } }] as const),
  ...[...numbers, "soon", "-1 seconds", -1n, [0, -1] as const].map(
    (cap) => ["RetryPolicy.retryAfterCap", { policy: { retryAfterCap: cap as Duration.DurationInput } }] as const
  ),
  ...(["capacity", "cost", "refund"] as const).flatMap((name) =>
    [...numbers, Infinity].map(
      (value) => [`RetryPolicy.budget.${name}`, { policy: { budget: { [name]: value } } }] as const
    )
  )
]

describe("an invalid option", () => {
  it.effect.each(invalid)("%s fails Stigg.layer with InvalidOptionsError when it is built: %o", ([option, given]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(build(layerOf(given), given))
      expect(error).toBeInstanceOf(StiggError.InvalidOptionsError)
      expect(error).toMatchObject({ _tag: "StiggInvalidOptionsError", field: option })
      expect(error.message).toBe(`${option}: ${error.rule}`)
      expect(error.rule).toMatch(/^Expected /)
    })
  )

  it.effect.each(invalid)("%s fails Stigg.layerConfig with ConfigError under the same rule: %o", ([option, given]) =>
    Effect.gen(function* () {
      const { rule } = yield* Effect.flip(build(layerOf(given), given))
      const error = yield* Effect.flip(build(layerConfigOf(given), given))
      expect(error).toEqual(ConfigError.InvalidData([option], rule))
    })
  )

  it.effect("a base URL that ends in /api/v1 fails with a suggestion, and layerEnv names its variable", () =>
    Effect.gen(function* () {
      const environment = new Map([
        ["STIGG_API_KEY", "server-key"],
        ["STIGG_BASE_URL", "https://api.stigg.io/api/v1"]
      ])
      const error = yield* build(Layer.provide(Stigg.layerEnv, scripted().layer), {}).pipe(
        Effect.withConfigProvider(ConfigProvider.fromMap(environment)),
        Effect.flip
      )
      expect(String(error)).toContain("STIGG_BASE_URL")
      expect(String(error)).toContain("https://api.stigg.io, not https://api.stigg.io/api/v1")
    })
  )
})

describe("options of a JavaScript program", () => {
  const secret = "sk-4f7d1c9b"
  const actual = (what: string) => `Expected Redacted.make(...) of a string, actual ${what}`

  it.effect.each<readonly [name: string, options: unknown, field: string, rule: string]>([
    ["no options", {}, "apiKey", "Expected Redacted.make(...) of a string, or a userToken with an environmentId"],
    ["a plain key", { apiKey: secret }, "apiKey", actual("a plain string")],
    ["a key that is null", { apiKey: null }, "apiKey", actual("a plain null")],
    ["a redacted undefined", { apiKey: Redacted.make(undefined) }, "apiKey", actual("Redacted.make(...) of undefined")],
    ["a plain token", { userToken: secret, environmentId: "e" }, "userToken", actual("a plain string")],
    ["no environment", { userToken: Redacted.make(secret) }, "environmentId", "Expected a non-empty string"],
    [
      "an account that is a number",
      { userToken: Redacted.make(secret), environmentId: "e", accountId: 1 },
      "accountId",
      "Expected a string"
    ],
    [
      "a URL object",
      { apiKey: Redacted.make(secret), baseUrl: new URL("https://gateway.example") },
      "baseUrl",
      "Expected an absolute URL, as a string"
    ],
    [
      "a plain header",
      { apiKey: Redacted.make(secret), customHeaders: { "x-auth": secret } },
      "customHeaders.x-auth",
      actual("a plain string")
    ]
  ])("%s: a tagged error names the option and how to write it, and never the secret", ([, options, field, rule]) =>
    Effect.gen(function* () {
      const layer = Stigg.layer(options as StiggClient.Options).pipe(Layer.provide(scripted().layer))
      const error = yield* Effect.flip(build(layer, {}))
      expect(error).toMatchObject({ _tag: "StiggInvalidOptionsError", field, rule })
      expect(`${String(error)}${JSON.stringify(error)}${error.stack}`).not.toContain(secret)
    })
  )

  it.effect.each<readonly [name: string, options: unknown, field: string]>([
    ["no configs", {}, "apiKey"],
    ["a plain key", { apiKey: secret }, "apiKey"],
    ["a redacted key", { apiKey: Redacted.make(secret) }, "apiKey"],
    ["a plain token", { userToken: secret, environmentId: Config.succeed("e") }, "userToken"]
  ])("%s: layerConfig fails with ConfigError, and never shows the secret", ([, options, field]) =>
    Effect.gen(function* () {
      const layer = Stigg.layerConfig(options as Stigg.ConfigOptions).pipe(Layer.provide(scripted().layer))
      const error = yield* Effect.flip(build(layer, {}))
      expect(error).toEqual(ConfigError.InvalidData([field], "Expected a Config, such as Config.redacted(...)"))
      expect(`${String(error)}${JSON.stringify(error)}`).not.toContain(secret)
    })
  )

  it.effect("a config of a plain string is not a key either", () =>
    Effect.gen(function* () {
      const options = { apiKey: Config.succeed(secret) } as unknown as Stigg.ConfigOptions
      const error = yield* Effect.flip(build(Stigg.layerConfig(options).pipe(Layer.provide(scripted().layer)), {}))
      expect(error).toEqual(ConfigError.InvalidData(["apiKey"], actual("a plain string")))
    })
  )
})

describe("an option at its limit", () => {
  it.effect.each<readonly [string, Given]>([
    ["a base URL with a path", client({ baseUrl: "https://gateway.example/stigg" })],
    ["a base URL with /api/v1 inside", client({ baseUrl: "https://gateway.example/api/v1/stigg" })],
    ["a base URL that ends in /api", client({ baseUrl: "https://gateway.example/api/" })],
    ["no timeout", { request: { timeout: Duration.infinity } }],
    ["no timeout, as a number", { request: { timeout: Infinity } }],
    ["endless retries", { policy: { maxRetries: Infinity } }],
    ["no retries and no budget", { policy: { maxRetries: 0, budget: false } }],
    ["an empty budget", { policy: { budget: { capacity: 0, cost: 0, refund: 0 } } }],
    ["any Retry-After", { policy: { retryAfterCap: Duration.infinity } }],
    ["no Retry-After", { policy: { retryAfterCap: 0 } }]
  ])("%s is accepted", ([, given]) =>
    Effect.gen(function* () {
      expect(Exit.isSuccess(yield* Effect.exit(build(layerOf(given), given)))).toBe(true)
      expect(Exit.isSuccess(yield* Effect.exit(build(layerConfigOf(given), given)))).toBe(true)
    })
  )
})

describe("an invalid override", () => {
  it.effect.each<readonly [string, <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>]>([
    ["timeout", RequestOptions.locally({ timeout: NaN })],
    ["timeout", RequestOptions.locally({ timeout: "soon" as Duration.DurationInput })],
    ["headers.x-a", RequestOptions.locally({ headers: { "x-a": "\n" } })],
    ["idempotencyKey", RequestOptions.locally({ idempotencyKey: "" })],
    ["maxRetries", RetryPolicy.locally({ maxRetries: NaN })],
    ["retryAfterCap", RetryPolicy.locally({ retryAfterCap: "soon" as Duration.DurationInput })]
  ])("%s fails the call with InvalidRequestError, and nothing is sent", ([field, locally]) =>
    Effect.gen(function* () {
      const client = scripted()
      const error = yield* locally(retrieve).pipe(Effect.flip, Effect.provide(ScriptedClient.services(client)))
      expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", operation: "customers.retrieve", field })
      expect(client.sent).toEqual([])
    })
  )
})
