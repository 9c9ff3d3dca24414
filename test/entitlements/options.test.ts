import { describe, expect, it } from "@effect/vitest"
import * as Persistence from "@effect/experimental/Persistence"
import type { Customers, StiggClient } from "effect-stigg"
import { Entitlements } from "effect-stigg"
import * as EntitlementsPersisted from "effect-stigg/EntitlementsPersisted"
import * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ScriptedClient from "../transport/ScriptedClient.js"

/** Building the layer rejects an out-of-range option and names it, whether it comes from options or Config. */

type Built = Layer.Layer<
  Entitlements.Entitlements,
  unknown,
  Customers.Customers | StiggClient.StiggClient | Persistence.ResultPersistence
>

const failure = (layer: Built) =>
  Layer.build(layer).pipe(
    Effect.flip,
    Effect.scoped,
    Effect.provide(ScriptedClient.services(ScriptedClient.make(() => ScriptedClient.ok({})))),
    Effect.provide(Persistence.layerResultMemory)
  )

const times = [Number.NaN, Number.POSITIVE_INFINITY, -1, "Infinity seconds", "-1 seconds", [Number.NaN, 0]] as const
const counts = [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1.5]

const cases: ReadonlyArray<readonly [field: string, values: ReadonlyArray<unknown>]> = [
  ["timeToLive", times],
  ["staleWhileRevalidate", times],
  ["staleFor", times],
  ["notFoundTimeToLive", times],
  ["timeout", times],
  ["breaker.coolDown", times],
  ["refreshAhead", [Number.NaN, Number.POSITIVE_INFINITY, -0.1, 1.1]],
  ["capacity", counts],
  ["concurrency", counts],
  ["breaker.failures", counts]
]

const ofStores: typeof cases = [
  ["storeTimeout", times],
  ["storeCoolDown", times],
  ["storeFailures", counts]
]

const spread = (all: typeof cases) => all.flatMap(([field, values]) => values.map((value) => [field, value] as const))

/** `breaker.failures` as a nested object. */
const nested = (field: string, value: unknown): object => {
  const [outer = "", inner] = field.split(".")
  return { [outer]: inner === undefined ? value : { [inner]: value } }
}

const refused = (field: string, error: unknown) =>
  expect(error).toMatchObject({
    _tag: "StiggInvalidOptionsError",
    field,
    message: expect.stringContaining(`${field}: Expected `) as string
  })

const refusedConfig = (field: string, error: unknown) => {
  if (!ConfigError.isConfigError(error) || error._op !== "InvalidData") return expect.unreachable()
  expect(error.path.join(".")).toBe(field)
  expect(error.message).toContain("Expected ")
}

describe("Entitlements", () => {
  it.effect.each(spread(cases))("rejects %s of %j, from options and from Config", ([field, value]) =>
    Effect.gen(function* () {
      refused(field, yield* failure(Entitlements.layer(nested(field, value))))
      refusedConfig(field, yield* failure(Entitlements.layerConfig(nested(field, Config.succeed(value)))))
    })
  )
})

describe("the stores", () => {
  it.effect.each(spread([...cases, ...ofStores]))("reject %s of %j, from options and from Config", ([field, value]) =>
    Effect.gen(function* () {
      const redis = { host: "127.0.0.1", port: 1, lazyConnect: true }
      const options = nested(field, value)
      const configs = nested(field, Config.succeed(value))
      refused(field, yield* failure(EntitlementsPersisted.layer(options)))
      refusedConfig(field, yield* failure(EntitlementsPersisted.layerConfig(configs)))
      refused(field, yield* failure(EntitlementsRedis.layer({ ...options, redis })))
      refusedConfig(field, yield* failure(EntitlementsRedis.layerConfig({ ...configs, redis: Config.succeed(redis) })))
    })
  )
})
