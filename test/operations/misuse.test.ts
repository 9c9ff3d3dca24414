import { beforeAll, describe, expect, it } from "@effect/vitest"
import { compile } from "./compile.js"

/** What the compiler says first about a mistake of a user. */

const imports = `
import { Config, Redacted } from "effect"
import { Stigg, StiggClient } from "effect-stigg"

declare const options: StiggClient.Options
declare const configOptions: Stigg.ConfigOptions
declare const isSupport: boolean
const apiKey = Redacted.make("server-key")
const userToken = Redacted.make("user-token")
const environmentId = "production"
`

const accepted: Readonly<Record<string, string>> = {
  "an API key": `Stigg.layer({ apiKey, baseUrl: "https://gateway.example" })`,
  "a user token": `Stigg.layer({ userToken, environmentId, accountId: "account" })`,
  "options of either kind": `Stigg.layer(options); StiggClient.layer(options); StiggClient.make(options)`,
  "credentials that are chosen in place": `Stigg.layer({ ...(isSupport ? { userToken, environmentId } : { apiKey }), baseUrl: "https://gateway.example" })`,
  "configs of either kind": `
    Stigg.layerConfig(configOptions)
    Stigg.layerConfig({ apiKey: Config.redacted("KEY") })
    Stigg.layerConfig({ userToken: Config.redacted("TOKEN"), environmentId: Config.string("ENVIRONMENT") })`
}

const missing = (type: string, of: string) =>
  new RegExp(
    `^Argument of type '${type}' is not assignable to parameter of type '[A-Za-z]*Options<undefined>'\\.\n` +
      `  Property 'apiKey' is missing in type '${type}' but required in type '${of}'\\.$`
  )

const plain = /^Type 'string' is not assignable to type 'Redacted<string>'\.$/

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
