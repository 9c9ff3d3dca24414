import { describe, expect, it } from "@effect/vitest"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { StiggClient } from "effect-stigg"
import { Customers, RequestOptions, RetryPolicy, StiggClient as Client } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import * as ScriptedClient from "./ScriptedClient.js"
import { base64s, key, nested, spellings } from "./spellings.js"
import { texts } from "./texts.js"

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))

interface Reply {
  readonly status?: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The largest body that the client reads, in bytes. */
  readonly limit?: number
}

/** The error of a call with this outcome. */
const failureOf = (
  answer: ScriptedClient.Answer,
  options: Partial<StiggClient.Options> = {},
  overrides: RequestOptions.Options = {}
) =>
  Effect.runPromise(
    retrieve.pipe(
      RequestOptions.locally(overrides),
      RetryPolicy.locally({ maxRetries: 0 }),
      Effect.flip,
      Effect.provide(ScriptedClient.services(ScriptedClient.sequence(answer), options))
    )
  )

const failure = (
  { body = "", headers = {}, limit, status = 400 }: Reply,
  options: Partial<StiggClient.Options> = {},
  overrides: RequestOptions.Options = {}
) => failureOf(ScriptedClient.answer(status, body, headers), options, { ...overrides, maxResponseBytes: limit })

const customer = ScriptedClient.customer("customer-acme")

const tooLarge = { body: " ".repeat(100), limit: 10, status: 200 }

/** Where the echo of a key can appear. */
const places: ReadonlyArray<readonly [string, (echo: string) => Reply]> = [
  ["a string", (echo) => ({ body: `x-api-key: ${echo} was refused` })],
  ["a message", (echo) => ({ body: JSON.stringify({ message: `x-api-key: ${echo} was refused` }) })],
  ["a code", (echo) => ({ body: JSON.stringify({ message: "refused", code: echo }) })],
  ["a trace id", (echo) => ({ body: JSON.stringify({ traceId: echo }) })],
  ["a nested message", (echo) => ({ body: JSON.stringify({ error: { message: `"${echo}"` } }) })],
  ["a title", (echo) => ({ body: `<html><title>401 ${echo} </title>`, status: 401 })],
  ["the body of a success", (echo) => ({ body: `"${echo}"`, status: 200 })],
  ["a wrong field", (echo) => ({ body: JSON.stringify({ data: echo }), status: 200 })],
  [
    "the name of a wrong field",
    (echo) => ({ body: JSON.stringify({ data: { ...customer, metadata: { [echo]: 1 } } }), status: 200 })
  ],
  [
    "an unknown route",
    (echo) => ({ body: JSON.stringify({ message: `Cannot GET /${echo}`, code: null }), status: 404 })
  ],
  ["the headers of a body beyond the limit", (echo) => ({ ...tooLarge, headers: { "x-echo": `[${echo}]` } })]
]

const settings = { numRuns: 30, seed: 4711 }

describe.each(places)("a key echoed in %s", (_, reply) => {
  it("is in no error, in any encoding", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(key(8, 40), nested, async (apiKey, names) => {
        // The echo, and the strings that one or more decodings make of it.
        const spelled = [apiKey.trim()]
        for (const name of names) spelled.push(spellings[name]?.(spelled.at(-1) ?? "") ?? "")
        const error = await failure(reply(spelled.at(-1) ?? ""), { apiKey: Redacted.make(apiKey) })
        const found = texts(error)
        for (const one of spelled) {
          expect(found.filter((text) => text.includes(one))).toEqual([])
          expect(found.filter((text) => text.includes(JSON.stringify(one).slice(1, -1)))).toEqual([])
        }
      }),
      settings
    ))

  it("is in no error as Base64", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(key(12, 40), FastCheck.constantFrom(...Object.keys(base64s)), async (apiKey, name) => {
        const echo = base64s[name]?.(apiKey.trim()) ?? ""
        const error = await failure(reply(`Basic ${echo}`), { apiKey: Redacted.make(apiKey) })
        // The first and last characters also encode bits of the text next to the key.
        expect(texts(error).filter((text) => text.includes(echo.slice(8, -4)))).toEqual([])
      }),
      settings
    ))

  it("is in no error even if short, and words that contain it stay", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.stringMatching(/^[a-z]{1,7}$/).filter((text) => !/message|x|api|key|was|refused|wrong/.test(text)),
        FastCheck.constantFrom(...Object.keys(spellings)),
        async (apiKey, name) => {
          const echo = spellings[name]?.(apiKey) ?? ""
          const error = await failure(reply(`[${echo}] of${apiKey}s`), { apiKey: Redacted.make(apiKey) })
          const found = texts(error).join("\n")
          expect(found).not.toContain(`[${echo}]`)
          expect(found).toContain(`of${apiKey}s`)
        }
      ),
      settings
    ))
})

const secret = 'server/key="é"-0123456789'
const apiKey = Redacted.make(secret)
const spell = (name: string, text = secret) => spellings[name]?.(text) ?? ""

/** The encodings that a header can contain. */
const inHeaders = Object.keys(spellings).filter((name) => /^[\t\x20-\xff]*$/.test(spell(name)))

describe("a key echoed in a header", () => {
  it.each(inHeaders)("is in no error: %s", async (name) => {
    const headers = { "x-echo": `key ${spell(name)}`, "x-trace-id": spell(name) }
    const error = await failure({ headers }, { apiKey })
    expect(error).toMatchObject({ traceId: "<redacted>", headers: { "x-echo": "key <redacted>" } })
  })

  it("is not in the result of withResponse", async () => {
    const scripted = ScriptedClient.sequence(
      ScriptedClient.ok(ScriptedClient.customer("a"), { "x-request-id": secret })
    )
    const [, response] = await Effect.runPromise(
      Client.withResponse(retrieve).pipe(Effect.provide(ScriptedClient.services(scripted, { apiKey })))
    )
    expect(response).toMatchObject({ traceId: "<redacted>", headers: { "x-request-id": "<redacted>" } })
  })
})

describe("a key at the end of the kept part", () => {
  it.each(Object.keys(spellings))("leaves no part of itself: %s", async (name) => {
    const echo = spell(name)
    const rest = /^\.*(<(r(e(d(a(c(t(e(d(>(\.*)?)?)?)?)?)?)?)?)?)?)?…?$/
    for (let before = 1; before <= 60; before += 3) {
      const [ofMessage, ofBody] = [500, 1000].map((length) => ".".repeat(length - before))
      const { message } = await failure({ body: `${ofMessage}${echo}${".".repeat(900)}` }, { apiKey })
      expect(message).toMatch(rest)
      const error = await failure({ body: `${ofBody}${echo}${".".repeat(900)}` }, { apiKey })
      expect("body" in error && error.body).toMatch(rest)
    }
  })

  it("is redacted together with the keys after it", async () => {
    const error = await failure(
      { body: Array.from({ length: 100 }, () => spell("url, every byte")).join(" ") },
      { apiKey }
    )
    expect("body" in error && error.body.replaceAll("<redacted>", "").trim()).toBe("")
  })
})

/** Where text is truncated: after how many characters, and the response that contains it. */
const cuts: ReadonlyArray<readonly [string, number, (text: string) => Reply]> = [
  ["a message", 500, (text) => ({ body: JSON.stringify({ message: text }) })],
  ["a code", 200, (text) => ({ body: JSON.stringify({ message: "refused", code: text }) })],
  ["a trace id", 200, (text) => ({ body: JSON.stringify({ traceId: text }) })],
  ["a body", 1000, (text) => ({ body: text, status: 200 })],
  ["a header", 1000, (text) => ({ headers: { "x-echo": text } })],
  ["a header with the trace id", 200, (text) => ({ headers: { "x-trace-id": text } })],
  ["a header of a body beyond the limit", 1000, (text) => ({ ...tooLarge, headers: { "x-echo": text } })],
  ["a wrong field", 100, (text) => ({ body: JSON.stringify({ data: text }), status: 200 })],
  [
    "the path of a wrong field",
    200 - "data.metadata.".length,
    (text) => ({ body: JSON.stringify({ data: { ...customer, metadata: { [text]: 1 } } }), status: 200 })
  ],
  ["the head of a long text", 64 * 1024, (text) => ({ body: text.replace(/^\.+/, (dots) => " ".repeat(dots.length)) })]
]

describe.each(cuts)("a key at the truncation of %s", (_, length, reply) => {
  it("leaves no part of itself", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        key(8, 40),
        nested,
        FastCheck.integer({ min: 6, max: 60 }),
        async (key, names, before) => {
          const echo = names.reduce((text, name) => spellings[name]?.(text) ?? "", key.trim())
          const error = await failure(reply(`${".".repeat(length - before)}${echo}${".".repeat(900)}`), {
            apiKey: Redacted.make(key)
          })
          // Not its stack: a file name there can contain the same five characters.
          for (const text of texts({ ...error, message: error.message })) expect(text).not.toContain(echo.slice(0, 5))
        }
      ),
      settings
    ))
})

it("a title that ends inside the key shows no part of the key", async () => {
  const [before, after] = ["server-key", "0123456789"]
  const error = await failure(
    { body: `<html><title>${before}<${after}` },
    { apiKey: Redacted.make(`${before}<${after}`) }
  )
  expect(error.message).toBe("<redacted>")
})

describe("headers other than the credentials", () => {
  const echo = (header: string) => ({ body: JSON.stringify({ message: `(${header}) was refused` }) })
  const redacted = { message: "(<redacted>) was refused" }

  it.each(["Authorization", "Cookie", "X-Auth-Token", "X-API-KEY", "X-Signature"])(
    "%s of RequestOptions is a secret, even if it is short",
    async (name) => {
      for (const value of ["another/secret", "abc"]) {
        const body = echo(spell("json in ASCII", value))
        expect(await failure(body, {}, { headers: { [name]: value } })).toMatchObject(redacted)
      }
    }
  )

  it("credentials after a scheme are a secret on their own", async () => {
    const headers = { authorization: "Bearer another-token" }
    expect(await failure(echo("another-token"), {}, { headers })).toMatchObject(redacted)
  })

  it("the client's own key stays a secret next to one of RequestOptions", async () => {
    expect(await failure(echo(secret), { apiKey }, { headers: { "x-api-key": "another" } })).toMatchObject(redacted)
  })

  it("a custom header is a secret by its name or its length", async () => {
    const custom = (name: string, value: string) => ({ customHeaders: { [name]: Redacted.make(value) } })
    expect(await failure(echo("abc"), custom("x-proxy-pass", "abc"))).toMatchObject(redacted)
    expect(await failure(echo("abc-0123"), custom("x-proxy", "abc-0123"))).toMatchObject(redacted)
  })

  it("others are not secrets: the message keeps their words", async () => {
    const headers = { "x-tenant": "europe-west", "idempotency-key": "signup-4711" }
    const customHeaders = { "x-region": Redacted.make("eu") }
    const error = await failure(echo("europe-west eu signup-4711"), { customHeaders }, { headers })
    expect(error.message).toBe("(europe-west eu signup-4711) was refused")
  })
})

describe("the cause of a broken connection", () => {
  const broken = async (cause: Error) => {
    const error = await failureOf(Effect.fail(cause), { apiKey })
    return { error, cause: "cause" in error ? error.cause : undefined }
  }
  const withProperty = (value: unknown) => Object.assign(new Error("socket"), { value })

  it("is kept if it contains no secret", async () => {
    const cause = withProperty(new Map([["data", Buffer.from("HTTP/1.1 200 OK")]]))
    expect((await broken(cause)).cause).toMatchObject({ message: "socket", value: cause.value })
  })

  it.each<readonly [string, unknown]>([
    ["a string", `x-api-key: ${secret}`],
    ["an escaped text", spell("url in lower case")],
    ["bytes in UTF-8", Buffer.from(secret, "utf8")],
    ["bytes in Latin-1", new Uint8Array(Buffer.from(secret, "latin1")).buffer],
    ["the request", HttpClientRequest.get("/", { headers: { "x-api-key": secret } })],
    ["a map", new Map([["headers", { "x-api-key": secret }]])],
    ["the name of a property", { [secret]: 1 }],
    ["a symbol's property", { [Symbol("headers")]: [secret] }],
    ["a non-enumerable property", Object.defineProperty({}, "headers", { value: secret, enumerable: false })],
    ["a cause within", new Error("outer", { cause: new Error(secret) })]
  ])("is dropped if it contains a secret: %s", async (_, value) => {
    const { cause, error } = await broken(withProperty(value))
    expect(cause).toBeUndefined()
    expect(error._tag).toBe("StiggAPIConnectionError")
  })

  it("is dropped if it is too large to search", async () => {
    let deep: unknown = null
    for (let depth = 0; depth < 100_000; depth++) deep = { deep }
    for (const large of [deep, "x".repeat(10_000_000), new Uint8Array(10_000_000)]) {
      expect((await broken(withProperty(large))).cause).toBeUndefined()
    }
  })

  it("has a redacted code", async () => {
    expect((await broken(Object.assign(new Error("reset"), { code: secret }))).error).toMatchObject({
      code: "<redacted>"
    })
  })
})

it("redacting a body of many megabytes takes as long as its excerpt", async () => {
  for (const name of ["json, every character", "html in decimal with zeros", "url, every byte"]) {
    const message = spell(name).repeat(40_000)
    const started = performance.now()
    await failure({ body: JSON.stringify({ message }) }, { apiKey })
    expect(performance.now() - started).toBeLessThan(1500)
  }
})
