import { beforeAll, describe, expect, it } from "@effect/vitest"
import { compile } from "./project.js"

/** What the compiler says first about a mistake of a user. */

const imports = `
import { Config, Effect, Redacted, Schema } from "effect"
import { Catalogue, Entitlements, Stigg, StiggClient } from "effect-stigg"

declare const options: StiggClient.Options
declare const configOptions: Stigg.ConfigOptions
declare const isSupport: boolean
const apiKey = Redacted.make("server-key")
const userToken = Redacted.make("user-token")
const environmentId = "production"
`

const catalogue = `
const catalogue = Catalogue.make({
  features: { sso: "BOOLEAN", audit: "BOOLEAN", seats: "NUMBER", calls: "NUMBER", regions: "ENUM" },
  currencies: ["tokens"]
})
const features = Catalogue.make({ features: { sso: "BOOLEAN", seats: "NUMBER" } })
`

const accepted: Readonly<Record<string, string>> = {
  "an API key": `Stigg.layer({ apiKey, baseUrl: "https://gateway.example" })`,
  "a user token": `Stigg.layer({ userToken, environmentId, accountId: "account" })`,
  "options of either kind": `Stigg.layer(options); StiggClient.layer(options); StiggClient.make(options)`,
  "credentials that are chosen in place": `Stigg.layer({ ...(isSupport ? { userToken, environmentId } : { apiKey }), baseUrl: "https://gateway.example" })`,
  "configs of either kind": `
    Stigg.layerConfig(configOptions)
    Stigg.layerConfig({ apiKey: Config.redacted("KEY") })
    Stigg.layerConfig({ userToken: Config.redacted("TOKEN"), environmentId: Config.string("ENVIRONMENT") })`,
  "checks of declared features": `${catalogue}
    catalogue.check("acme", { featureId: "sso" })
    catalogue.require("acme", { featureId: "seats", requestedUsage: 1, resourceId: "site" })
    catalogue.peek("acme", { featureId: "regions", requestedValues: ["eu"] })
    catalogue.checkEntitlement("acme", { currencyId: "tokens", requestedUsage: 50 })
    Effect.map(catalogue.entitlements, ({ check, invalidate, peek }) => [
      check("acme", { featureId: "audit" }), peek("acme", { featureId: "calls" }), invalidate("acme")
    ])`,
  "a check of an id that is decoded": `${catalogue}
    export const check = (id: string) => Effect.flatMap(Schema.decodeUnknown(catalogue.FeatureId)(id), (featureId) =>
      catalogue.check("acme", { featureId }))`,
  "params of a catalogue that a function takes": `${catalogue}
    export const gate = (params: Parameters<typeof catalogue.check>[1]) => catalogue.check("acme", params)`,
  "params of a catalogue where any are taken": `${catalogue}
    export const params = (params: Parameters<typeof catalogue.check>[1]) => Entitlements.check("acme", params)`,
  "fallbacks of a catalogue": `${catalogue}
    Entitlements.layer({ fallbacks: { sso: true, tokens: false } satisfies Catalogue.Fallbacks<typeof catalogue> })`,
  "any id without a catalogue": `Entitlements.check("acme", { featureId: "anything" })`
}

const missing = (type: string, of: string) =>
  new RegExp(
    `^Argument of type '${type}' is not assignable to parameter of type '[A-Za-z]*Options<undefined>'\\.\n` +
      `  Property 'apiKey' is missing in type '${type}' but required in type '${of}'\\.$`
  )

const plain = /^Type 'string' is not assignable to type 'Redacted<string>'\.$/

const ids = `"sso" \\| "audit" \\| "seats" \\| "calls" \\| "regions"`

const unknown = (id: string, known: string) =>
  new RegExp(`^Type '"${id}"' is not assignable to type '${known}'\\.( Did you mean '"\\w+"'\\?)?$`)

const refused: ReadonlyArray<readonly [name: string, code: string, first: RegExp]> = [
  ["no options", `Stigg.layer({})`, missing("{}", "ApiKeyCredentials")],
  ["no options of a client", `StiggClient.make({})`, missing("{}", "ApiKeyCredentials")],
  ["no options of the layer of a client", `StiggClient.layer({})`, missing("{}", "ApiKeyCredentials")],
  ["no configs", `Stigg.layerConfig({})`, missing("{}", "ApiKeyConfig")],
  ["no key", `Stigg.layer({ baseUrl: "x" })`, missing("{ baseUrl: string; }", "ApiKeyCredentials")],
  ["a plain key", `Stigg.layer({ apiKey: "server-key" })`, plain],
  ["a plain key of a client", `StiggClient.make({ apiKey: "server-key" })`, plain],
  ["a plain token", `Stigg.layer({ userToken: "user-token", environmentId })`, plain],
  [
    "a key that may be undefined",
    `Stigg.layer({ apiKey: Redacted.make(process.env["STIGG_API_KEY"]) })`,
    /^Type 'Redacted<string \| undefined>' is not assignable to type 'Redacted<string>'\./
  ],
  [
    "a misspelled key",
    `Stigg.layer({ apikey: apiKey })`,
    /'apikey' does not exist .* Did you mean to write 'apiKey'\?$/
  ],
  [
    "a misspelled option",
    `Stigg.layer({ apiKey, baseURL: "x" })`,
    /'baseURL' does not exist .* Did you mean to write 'baseUrl'\?$/
  ],
  ["a token without its environment", `Stigg.layer({ userToken })`, /Property 'environmentId' is missing/],
  ["a misspelled feature", `${catalogue} catalogue.check("acme", { featureId: "sos" })`, unknown("sos", ids)],
  [
    "a misspelled feature with usage",
    `${catalogue} catalogue.require("acme", { featureId: "seat", requestedUsage: 1 })`,
    unknown("seat", ids)
  ],
  [
    "a misspelled feature that is peeked",
    `${catalogue} catalogue.peek("acme", { featureId: "sos" })`,
    unknown("sos", ids)
  ],
  [
    "a misspelled feature that the API checks",
    `${catalogue} catalogue.checkEntitlement("acme", { featureId: "sos" })`,
    unknown("sos", ids)
  ],
  [
    "a misspelled feature of the service",
    `${catalogue} Effect.map(catalogue.entitlements, ({ check }) => check("acme", { featureId: "sos" }))`,
    unknown("sos", ids)
  ],
  [
    "a misspelled currency",
    `${catalogue} catalogue.check("acme", { currencyId: "token" })`,
    unknown("token", `"tokens"`)
  ],
  [
    "a feature of another catalogue",
    `${catalogue} features.check("acme", { featureId: "audit" })`,
    unknown("audit", `"sso" \\| "seats"`)
  ],
  [
    "a currency of a catalogue without one",
    `${catalogue} features.check("acme", { currencyId: "tokens" })`,
    /^Type 'string' is not assignable to type 'never'\.$/
  ],
  [
    "usage of a boolean feature",
    `${catalogue} catalogue.check("acme", { featureId: "sso", requestedUsage: 1 })`,
    /^Argument .*\n {2}Types of property 'requestedUsage' are incompatible\./
  ],
  [
    "values of a numeric feature",
    `${catalogue} catalogue.check("acme", { featureId: "seats", requestedValues: ["eu"] })`,
    /^Argument .*\n {2}Types of property 'requestedValues' are incompatible\./
  ],
  [
    "a feature of an unknown type",
    `Catalogue.make({ features: { sso: "BOOL" } })`,
    /^Type '"BOOL"' is not assignable to type 'FeatureType'\./
  ],
  [
    "a misspelled fallback",
    `${catalogue} Entitlements.layer({ fallbacks: { sos: true } satisfies Catalogue.Fallbacks<typeof catalogue> })`,
    /'sos' does not exist in type 'Fallbacks</
  ],
  [
    "a key and a token",
    `Stigg.layer({ apiKey, userToken, environmentId })`,
    /^Argument .*\n.*'userToken' are incompatible/
  ]
]

const compiled = compile(
  new Map([...Object.entries(accepted), ...refused].map(([name, code]) => [name, imports + code] as const))
)

describe("the compiler", () => {
  // The first question makes the compiler check everything.
  beforeAll(() => {
    compiled("an API key")
  }, 60_000)

  it.each(Object.keys(accepted))("accepts %s", (name) => {
    expect(compiled(name)).toEqual([])
  })

  it.each(refused)("names the mistake first: %s", (name, _, first) => {
    expect(compiled(name)[0]).toMatch(first)
  })
})
