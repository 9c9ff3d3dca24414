import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Emulator, Faults, Operation, Seed } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import { readFileSync } from "node:fs"
import * as net from "node:net"
import { fileURLToPath } from "node:url"
import type { Json } from "./document.js"
import { departures, json, list } from "./document.js"
import { customers } from "./exchange.js"

/**
 * The exact bytes that the vendor's own clients send, and what they read from the responses. The requests were
 * recorded between those clients and the emulator. `{headers}` stands for headers that only some requests have.
 */

const Request = { method: Schema.String, target: Schema.String, headers: Schema.optional(Schema.Array(Schema.String)) }

const Client = Schema.Struct({
  client: Schema.String,
  headers: Schema.Array(Schema.String),
  length: Schema.String,
  /** Whether a POST without a body has `content-length: 0`. */
  emptyLength: Schema.Boolean,
  operations: Schema.Array(
    Schema.Struct({
      operation: Schema.String,
      ...Request,
      body: Schema.optional(Schema.String),
      status: Schema.Number,
      data: Schema.Union(Schema.Array(Schema.Unknown), Schema.Record({ key: Schema.String, value: Schema.Unknown }))
    })
  ),
  ids: Schema.Array(Schema.Struct({ id: Schema.String, target: Schema.String }))
})

const clients = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ typescript: Client, ruby: Client })))(
  readFileSync(fileURLToPath(new URL("./official-clients.requests.json", import.meta.url)), "utf8")
)

type Name = keyof typeof clients

interface Asked {
  readonly method: string
  readonly target: string
  readonly headers?: ReadonlyArray<string> | undefined
  readonly body?: string | undefined
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json
}

const typed = (name: Name, more: ReadonlyArray<string> = []) =>
  name === "typescript" ? [...more, "content-type: application/json"] : more

/** The bytes of a request: its head and its body. The Ruby client sends the body in a separate packet. */
const written = (
  name: Name,
  { body = "", headers = [], method, target }: Asked,
  host: string
): ReadonlyArray<string> => {
  const client = clients[name]
  const lines = client.headers.flatMap((line) => (line === "{headers}" ? headers : [line]))
  const length = body !== "" || (client.emptyLength && method !== "GET" && method !== "DELETE")
  const sized = length ? [...lines, `${client.length}: ${Buffer.byteLength(body)}`] : lines
  const head = [`${method} ${target} HTTP/1.1`, ...sized, "", ""].join("\r\n")
  const filled = head.replace("{host}", host).replace("{key}", "server-key")
  return name === "ruby" && body !== "" ? [filled, body] : [filled + body]
}

/** The first response in the received bytes, and the rest. */
const parsed = (received: Buffer): readonly [Answer, Buffer] | undefined => {
  const end = received.indexOf("\r\n\r\n")
  if (end === -1) return undefined
  const [status = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n")
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()])
  )
  const stop = end + 4 + Number(headers["content-length"])
  if (!(received.length >= stop)) return undefined
  const body: unknown = JSON.parse(received.subarray(end + 4, stop).toString())
  return [{ status: Number(status.split(" ")[1]), headers, body: json(body) }, received.subarray(stop)]
}

/** One keep-alive connection over which a client sends one request after another. */
const connected = (name: Name) =>
  Effect.gen(function* () {
    const { port } = yield* EmulatorServer.EmulatorServer
    const answers = yield* Queue.unbounded<Answer | "closed">()
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => net.connect({ port, host: "127.0.0.1", noDelay: true })),
      (open) => Effect.sync(() => open.destroy())
    )
    // Mutable: packets arrive by callback and need not be whole responses.
    let received = Buffer.alloc(0)
    socket.on("data", (packet) => {
      received = Buffer.concat([received, packet])
      for (let answer = parsed(received); answer !== undefined; answer = parsed(received)) {
        received = Buffer.from(answer[1])
        Queue.unsafeOffer(answers, answer[0])
      }
    })
    socket.on("error", () => {})
    socket.on("close", () => Queue.unsafeOffer(answers, "closed"))
    return (asked: Asked) =>
      Effect.gen(function* () {
        for (const packet of written(name, asked, `127.0.0.1:${port}`)) {
          yield* Effect.async<void>((resume) => void socket.write(packet, () => resume(Effect.void)))
        }
        const answer = yield* Queue.take(answers)
        if (answer === "closed") return yield* Effect.dieMessage(`closed after ${asked.method} ${asked.target}`)
        expect(departures(asked.method, asked.target, answer.status, answer.body), JSON.stringify(answer)).toEqual([])
        return answer
      })
  })

const many = {
  id: "many",
  resources: ["r1", "r2", "r3", "r4", "r5"].map((id) => ({ id })),
  integrations: ["i1", "i2", "i3"].map((id) => ({ id, vendorIdentifier: "STRIPE", syncedEntityId: null })),
  invoices: [1, 2, 3, 4, 5, 6].map((n) => ({
    invoiceId: `in_${n}`,
    issueDate: `2026-0${n}-01T00:00:00.000Z`,
    state: "PAID"
  }))
}

/** Ids that predate the pattern for new ones. */
const olderIds = clients.typescript.ids.map(({ id }) => ({ id }))

const seed: Seed.Input = { ...Seed.demo, customers: [...(Seed.demo.customers ?? []), many, ...olderIds] }

const served = (options: EmulatorServer.Options = {}) => EmulatorServer.layer({ seed, ...options })

interface Cursors {
  readonly after?: string
  readonly before?: string
}

/** How each client gets from one page to the next. */
const following: { readonly [name in Name]: (asked: Cursors, pagination: Json) => Cursors | undefined } = {
  typescript: (asked, { next, prev }) =>
    asked.before !== undefined
      ? typeof prev === "string"
        ? { ...asked, before: prev }
        : undefined
      : typeof next === "string"
        ? { ...asked, after: next }
        : undefined,
  ruby: (asked, { next, prev }) =>
    typeof prev === "string"
      ? { ...asked, before: prev }
      : typeof next === "string"
        ? { ...asked, after: next }
        : undefined
}

/** The pages of a list as a client walks them: until there is no cursor or an empty page. */
const walked = (name: Name, path: string, from: Cursors = {}) =>
  Effect.gen(function* () {
    const ask = yield* connected(name)
    const pages: Array<ReadonlyArray<unknown>> = []
    for (let cursors: Cursors | undefined = from; cursors !== undefined && pages.length < 20;) {
      const query = Object.entries(cursors).map(([key, cursor]) => `&${key}=${String(cursor)}`)
      const { body, status } = yield* ask({ method: "GET", target: `${path}${query.join("")}` })
      expect(status, JSON.stringify(body)).toBe(200)
      const ids = list(body["data"]).map((item) => json(item)["id"] ?? json(item)["invoiceId"])
      if (ids.length === 0) break
      pages.push(ids)
      cursors = following[name](cursors, json(body["pagination"]))
    }
    return pages
  })

const failed = ({ body, status }: Answer) => ({ status, message: typeof body["message"], code: body["code"] })

describe.each(["typescript", "ruby"] as const)("the official client for %s", (name) => {
  const client = clients[name]

  it.live("performs every operation over one connection", () =>
    Effect.gen(function* () {
      const ask = yield* connected(name)
      for (const { data, operation, status, ...asked } of client.operations) {
        const answer = yield* ask(asked)
        expect({ operation, status: answer.status, data: answer.body["data"] }).toMatchObject({
          operation,
          status,
          data
        })
        // Both parse a body as JSON by its content type alone, and treat length 0 as no body.
        expect(answer.headers["content-type"]).toMatch(/^application\/json(;|$)/)
        expect(answer.headers["connection"]).toBe("keep-alive")
      }
      expect(client.operations.map(({ operation }) => operation).toSorted()).toEqual(Operation.all.toSorted())
    }).pipe(Effect.scoped, Effect.provide(served()))
  )

  it.live.each(client.ids)("reaches the customer $id as $target", ({ id, target }) =>
    Effect.gen(function* () {
      const ask = yield* connected(name)
      const type = typed(name)
      expect((yield* ask({ method: "GET", target })).body).toMatchObject({ data: { id, name: null } })
      const renamed = yield* ask({ method: "PATCH", target, headers: type, body: JSON.stringify({ name: "é" }) })
      expect(renamed.body).toMatchObject({ data: { id, name: "é" } })
      expect((yield* ask({ method: "POST", target: `${target}/archive` })).body).toMatchObject({ data: { id } })
      expect((yield* ask({ method: "GET", target })).status).toBe(404)
    }).pipe(Effect.scoped, Effect.provide(served()))
  )

  it.live.each([
    [`${customers}/many/resources?limit=2`, [["r1", "r2"], ["r3", "r4"], ["r5"]]],
    [`${customers}/many/integrations?limit=1`, [["i1"], ["i2"], ["i3"]]],
    [
      `${customers}/many/invoices?limit=2`,
      [
        ["in_1", "in_2"],
        ["in_3", "in_4"],
        ["in_5", "in_6"]
      ]
    ]
  ] as const)("walks %s to the end", ([path, pages]) =>
    Effect.gen(function* () {
      expect(yield* walked(name, path)).toEqual(pages)
    }).pipe(Effect.scoped, Effect.provide(served()))
  )

  it.live("walks all customers, each once", () =>
    Effect.gen(function* () {
      const ids = (yield* walked(name, `${customers}?limit=3`)).flat()
      expect(ids).toHaveLength(seed.customers?.filter(({ archivedAt }) => archivedAt === undefined).length ?? 0)
      expect(new Set(ids).size).toBe(ids.length)
    }).pipe(Effect.scoped, Effect.provide(served()))
  )

  it.live("reads the message and code of an error", () =>
    Effect.gen(function* () {
      const ask = yield* connected(name)
      const get = (target: string) => ask({ method: "GET", target })
      const bad = { status: 400, message: "string", code: "BadUserInput" }
      expect(failed(yield* get(`${customers}?limit=0`))).toEqual(bad)
      const unknown = yield* get(`${customers}/nobody`)
      expect(failed(unknown)).toEqual({ status: 404, message: "string", code: "CustomerNotFound" })
      const again = { method: "POST", target: customers, headers: typed(name), body: `{"id":"customer-acme"}` }
      const twice = { status: 409, message: "string", code: "DuplicatedEntityNotAllowed" }
      expect(failed(yield* ask(again))).toEqual(twice)
      // The connection can still be used.
      expect((yield* get(`${customers}/customer-acme`)).status).toBe(200)
    }).pipe(Effect.scoped, Effect.provide(served()))
  )

  it.live("is rejected with a wrong key", () =>
    Effect.gen(function* () {
      const ask = yield* connected(name)
      const refused = yield* ask({ method: "GET", target: customers })
      expect(failed(refused)).toEqual({ status: 401, message: "string", code: "Unauthenticated" })
    }).pipe(Effect.scoped, Effect.provide(served({ apiKey: Redacted.make("another") })))
  )

  it.live("gets Retry-After when it exceeds a limit", () =>
    Effect.gen(function* () {
      const ask = yield* connected(name)
      const rename = { method: "PATCH", target: `${customers}/many`, headers: typed(name), body: `{"name":"n"}` }
      for (let n = 0; n < 30; n++) expect((yield* ask(rename)).status).toBe(200)
      const limited = yield* ask(rename)
      expect(failed(limited)).toEqual({ status: 429, message: "string", code: "RateLimitExceeded" })
      expect(Number.parseFloat(limited.headers["retry-after"] ?? "")).toBeGreaterThan(0)
    }).pipe(Effect.scoped, Effect.provide(served({ limits: true })))
  )

  it.live.each([
    [503, "x-should-retry", "false"],
    [429, "retry-after-ms", "50"],
    [429, "retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"]
  ] as const)("reads from a fault with status %i the header %s that it depends on", ([status, header, value]) =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(status, { headers: { [header]: value } }), times: 1 })
      const ask = yield* connected(name)
      const answer = yield* ask({ method: "GET", target: `${customers}/customer-acme` })
      expect([answer.status, answer.headers[header]]).toEqual([status, value])
      expect((yield* ask({ method: "GET", target: `${customers}/customer-acme` })).status).toBe(200)
    }).pipe(Effect.scoped, Effect.provide(served()))
  )

  it.live("can send its own key with a POST and gets the same response again", () =>
    Effect.gen(function* () {
      const ask = yield* connected(name)
      const headers = typed(name, ["Idempotency-Key: k"])
      const keyed = { method: "POST", target: customers, headers, body: `{"id":"keyed"}` }
      const first = yield* ask(keyed)
      expect(first.status).toBe(201)
      expect((yield* ask(keyed)).body).toEqual(first.body)
    }).pipe(Effect.scoped, Effect.provide(served()))
  )
})

describe("the official client for typescript", () => {
  it.live("walks backwards by prev", () =>
    Effect.gen(function* () {
      const path = `${customers}/many/resources?limit=2`
      const ask = yield* connected("typescript")
      const page = (query: string) => Effect.map(ask({ method: "GET", target: path + query }), ({ body }) => body)
      const cursors = (body: Json) => json(body["pagination"])
      const first = yield* page("")
      const second = yield* page(`&after=${String(cursors(first)["next"])}`)
      const third = yield* page(`&after=${String(cursors(second)["next"])}`)
      expect(yield* walked("typescript", path, { before: String(cursors(third)["prev"]) })).toEqual([
        ["r3", "r4"],
        ["r1", "r2"]
      ])
    }).pipe(Effect.scoped, Effect.provide(served()))
  )
})
