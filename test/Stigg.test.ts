import { describe, expect, it } from "@effect/vitest"
import type { HttpClient } from "@effect/platform/HttpClient"
import { Customers, Integrations, PaymentMethod, PromotionalEntitlements, Stigg, StiggClient } from "effect-stigg"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { customer, ok } = ScriptedClient

const acme = ok(customer("customer-acme"))

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))

type Environment = Readonly<Record<string, string>>

const withEnvironment = (environment: Environment) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment))))

/** The first request of a program that reads its services from this context. */
const firstSent = (
  environment: Environment,
  layer: Layer.Layer<Stigg.Services, ConfigError.ConfigError, HttpClient> = Stigg.layerEnv
) =>
  Effect.gen(function* () {
    const scripted = ScriptedClient.sequence(acme)
    yield* retrieve.pipe(Effect.provide(Layer.provide(layer, scripted.layer)), withEnvironment(environment))
    return scripted.sent[0]
  })

/** The error of building a layer. */
const failureOf = (
  environment: Environment,
  layer: Layer.Layer<Stigg.Services, ConfigError.ConfigError, HttpClient> = Stigg.layerEnv
) =>
  Layer.build(Layer.provide(layer, ScriptedClient.sequence(acme).layer)).pipe(
    Effect.scoped,
    Effect.flip,
    withEnvironment(environment)
  )

/** The warnings that building a layer logs. */
const warnings = (layer: Layer.Layer<Stigg.Services, ConfigError.ConfigError>, environment: Environment = {}) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      lines.push(`${logLevel.label} ${String(message)}`)
    })
    yield* Layer.build(layer).pipe(
      Effect.scoped,
      withEnvironment(environment),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
    return lines
  })

describe("Stigg.layer", () => {
  it.effect("provides every service", () =>
    Effect.gen(function* () {
      const customers = yield* Customers.Customers
      expect(yield* PaymentMethod.PaymentMethod).toBe(customers.paymentMethod)
      expect(yield* PromotionalEntitlements.PromotionalEntitlements).toBe(customers.promotionalEntitlements)
      expect(yield* Integrations.Integrations).toBe(customers.integrations)
      yield* StiggClient.StiggClient
    }).pipe(Effect.provide(ScriptedClient.services(ScriptedClient.sequence(acme))))
  )

  it.effect("each service has its own layer, built on a client", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(acme)
      const client = StiggClient.layer({ apiKey: Redacted.make("server-key") }).pipe(Layer.provide(scripted.layer))
      yield* PaymentMethod.PaymentMethod.pipe(
        Effect.flatMap((paymentMethod) => paymentMethod.detach("a")),
        Effect.provide(PaymentMethod.layer),
        Effect.provide(client)
      )
      yield* Effect.all([Integrations.Integrations, PromotionalEntitlements.PromotionalEntitlements]).pipe(
        Effect.provide(Layer.mergeAll(Integrations.layer, PromotionalEntitlements.layer)),
        Effect.provide(client)
      )
      expect(scripted.sent.map(({ method }) => method)).toEqual(["DELETE"])
    })
  )

  it.effect("sends requests to https://api.stigg.io by default", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(acme)
      yield* retrieve.pipe(Effect.provide(ScriptedClient.services(scripted)))
      yield* retrieve.pipe(Effect.provide(ScriptedClient.services(scripted, { baseUrl: "http://127.0.0.1:4010" })))
      expect(scripted.sent.map(({ url }) => url.origin)).toEqual(["https://api.stigg.io", "http://127.0.0.1:4010"])
    })
  )

  it.effect("warns about a publishable key, without showing it, and about no other key", () =>
    Effect.gen(function* () {
      const build = (key: string) =>
        ScriptedClient.services(ScriptedClient.sequence(acme), { apiKey: Redacted.make(key) })
      const [line = "", ...more] = yield* warnings(build("client-0123456789"))
      expect(more).toEqual([])
      expect(line).toMatch(/^WARN .*publishable/)
      expect(line).not.toContain("0123456789")
      expect(yield* warnings(build("server-0123456789"))).toEqual([])
    })
  )
})

describe("two environments in one program", () => {
  const layerOf = (name: string) => {
    const scripted = ScriptedClient.sequence(ok(customer(name)))
    return { scripted, layer: ScriptedClient.services(scripted, { apiKey: Redacted.make(`${name}-key`) }) }
  }

  it.effect("are two layers, each provided to its part", () =>
    Effect.gen(function* () {
      const [staging, production] = [layerOf("staging"), layerOf("production")]
      const first = yield* retrieve.pipe(Effect.provide(staging.layer))
      const second = yield* retrieve.pipe(Effect.provide(production.layer))
      expect([first.id, second.id]).toEqual(["staging", "production"])
      expect(staging.scripted.sent[0]?.headers["x-api-key"]).toBe("staging-key")
      expect(production.scripted.sent[0]?.headers["x-api-key"]).toBe("production-key")
    })
  )

  it.effect("stay separate when their parts are layers that are built together", () =>
    Effect.gen(function* () {
      class Source extends Context.Tag("test/Source")<Source, string>() {}
      class Target extends Context.Tag("test/Target")<Target, string>() {}
      const name = Effect.map(retrieve, ({ id }) => id)
      const both = Layer.mergeAll(
        Layer.effect(Source, name).pipe(Layer.provide(layerOf("staging").layer)),
        Layer.effect(Target, name).pipe(Layer.provide(layerOf("production").layer))
      )
      const names = yield* Effect.all([Source, Target]).pipe(Effect.provide(both))
      expect(names).toEqual(["staging", "production"])
    })
  )
})

describe("Stigg.layerEnv", () => {
  it.effect("reads STIGG_API_KEY", () =>
    Effect.gen(function* () {
      const sent = yield* firstSent({ STIGG_API_KEY: "server-key" })
      expect(sent?.headers["x-api-key"]).toBe("server-key")
      expect(sent?.url.origin).toBe("https://api.stigg.io")
    })
  )

  it.effect("reads STIGG_BASE_URL and treats an empty one as absent", () =>
    Effect.gen(function* () {
      const key = { STIGG_API_KEY: "server-key" }
      expect((yield* firstSent({ ...key, STIGG_BASE_URL: "http://127.0.0.1:4010" }))?.url.origin).toBe(
        "http://127.0.0.1:4010"
      )
      expect((yield* firstSent({ ...key, STIGG_BASE_URL: "" }))?.url.origin).toBe("https://api.stigg.io")
    })
  )

  it.effect("reads STIGG_CUSTOM_HEADERS, one per line, with lower precedence than headers set in code", () =>
    Effect.gen(function* () {
      const sent = yield* firstSent({
        STIGG_API_KEY: "server-key",
        STIGG_CUSTOM_HEADERS: "X-Proxy: a, b: c\r\n\n  x-spaced  :  kept  \nX-API-KEY: weaker\n"
      })
      expect(sent?.headers).toMatchObject({ "x-proxy": "a, b: c", "x-spaced": "kept", "x-api-key": "server-key" })
    })
  )

  it.effect("names the variable to set when the key is missing", () =>
    Effect.gen(function* () {
      const error = yield* failureOf({})
      expect(ConfigError.isConfigError(error) && ConfigError.isMissingData(error)).toBe(true)
      expect(String(error)).toContain("Set STIGG_API_KEY")
    })
  )

  it.effect.each<readonly [string, Environment, string]>([
    ["an empty key", { STIGG_API_KEY: "" }, "STIGG_API_KEY"],
    ["a key with a line break", { STIGG_API_KEY: "secret-value\n" }, "STIGG_API_KEY"],
    ["a key outside Latin-1", { STIGG_API_KEY: "secret-value-日本" }, "STIGG_API_KEY"],
    ["an invalid base URL", { STIGG_BASE_URL: "secret-value" }, "STIGG_BASE_URL"],
    ["a base URL with another scheme", { STIGG_BASE_URL: "file:///secret-value" }, "STIGG_BASE_URL"],
    ["a base URL with credentials", { STIGG_BASE_URL: "https://user:secret-value@api.stigg.io" }, "STIGG_BASE_URL"],
    ["a base URL with a query", { STIGG_BASE_URL: "https://api.stigg.io?key=secret-value" }, "STIGG_BASE_URL"],
    ["a header line without a colon", { STIGG_CUSTOM_HEADERS: "x-a: b\nsecret-value" }, "STIGG_CUSTOM_HEADERS"],
    ["a header line without a name", { STIGG_CUSTOM_HEADERS: ": secret-value" }, "STIGG_CUSTOM_HEADERS"],
    ["a header with a bad name", { STIGG_CUSTOM_HEADERS: "x a: secret-value" }, "STIGG_CUSTOM_HEADERS"],
    ["a header that cannot be sent", { STIGG_CUSTOM_HEADERS: "x-a: secret-value\x00" }, "STIGG_CUSTOM_HEADERS"]
  ])("%s is a ConfigError that names the variable, not the value", ([, environment, variable]) =>
    Effect.gen(function* () {
      const error = yield* failureOf({ STIGG_API_KEY: "server-key", ...environment })
      expect(ConfigError.isConfigError(error) && ConfigError.isInvalidData(error)).toBe(true)
      expect(String(error)).toContain(variable)
      expect(String(error)).not.toContain("secret-value")
    })
  )

  it.effect("reports the line number of an invalid header", () =>
    Effect.gen(function* () {
      expect(String(yield* failureOf({ STIGG_API_KEY: "k", STIGG_CUSTOM_HEADERS: "x-a: b\nnone" }))).toContain("line 2")
    })
  )

  it.effect("warns about a publishable key", () =>
    Effect.gen(function* () {
      const layer = Layer.provide(Stigg.layerEnv, ScriptedClient.sequence(acme).layer)
      expect(yield* warnings(layer, { STIGG_API_KEY: "client-0123456789" })).toHaveLength(1)
    })
  )
})

describe("Stigg.layerConfig", () => {
  it.effect("reads each option from a Config", () =>
    Effect.gen(function* () {
      const layer = Stigg.layerConfig({
        apiKey: Config.redacted("MY_KEY"),
        baseUrl: Config.string("MY_URL"),
        customHeaders: Config.succeed({ "x-proxy": Redacted.make("yes") })
      })
      const sent = yield* firstSent({ MY_KEY: "my-key", MY_URL: "https://gateway.example" }, layer)
      expect(sent?.url.origin).toBe("https://gateway.example")
      expect(sent?.headers).toMatchObject({ "x-api-key": "my-key", "x-proxy": "yes" })
    })
  )

  it.effect("accepts a user token with its environment and account", () =>
    Effect.gen(function* () {
      const layer = Stigg.layerConfig({
        userToken: Config.redacted("TOKEN"),
        environmentId: Config.string("ENVIRONMENT"),
        accountId: Config.string("ACCOUNT")
      })
      const sent = yield* firstSent({ TOKEN: "token", ENVIRONMENT: "production", ACCOUNT: "acme" }, layer)
      expect(sent?.headers).toMatchObject({
        authorization: "Bearer token",
        "x-environment-id": "production",
        "x-account-id": "acme"
      })
    })
  )

  it.effect("passes transformClient on", () =>
    Effect.gen(function* () {
      const elsewhere = ScriptedClient.sequence(acme)
      const layer = Stigg.layerConfig({ apiKey: Config.redacted("KEY"), transformClient: () => elsewhere.client })
      expect(yield* firstSent({ KEY: "key" }, layer)).toBeUndefined()
      expect(elsewhere.sent).toHaveLength(1)
    })
  )

  it.effect("fails with the error of a missing Config", () =>
    Effect.gen(function* () {
      const error = yield* failureOf({}, Stigg.layerConfig({ apiKey: Config.redacted("MY_KEY") }))
      expect(String(error)).toContain("MY_KEY")
    })
  )
})
