/** The emulator with 1,000,000 customers: how long it takes to load them, its memory, and its speed with them. */
import * as Effect from "effect/Effect"
import { Agent, request } from "node:http"
import { serverOf } from "./emulator-process.js"
import type { Row } from "./export.js"
import { load, requestOf } from "./load.js"
import { isShort } from "./measure.js"

const count = isShort ? 100_000 : 1_000_000
const provisions = 20_000

interface Answer {
  readonly status: number
  readonly body: string
}

interface Page {
  readonly data: ReadonlyArray<{ readonly id: string; readonly name: string; readonly createdAt: string }>
  readonly pagination: { readonly next: string | null }
}

const rows = Effect.gen(function* () {
  const { ask, told } = yield* serverOf("emulator-large-server.ts", String(count))
  const { loaded, port } = yield* told<{ readonly port: number; readonly loaded: number }>()
  const usage = Effect.map(
    ask<{ readonly cpu: number; readonly kilobytes: number }>("usage"),
    ({ cpu, kilobytes }) => ({
      cpu: cpu / 1000,
      megabytes: kilobytes / 1024
    })
  )
  const afterLoad = yield* usage

  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const get = (path: string) =>
    new Promise<Answer>((resolve, reject) => {
      request({ agent, port, host: "127.0.0.1", path, headers: { "x-api-key": "any" } }, (response) => {
        let text = ""
        response.on("data", (bytes: Buffer) => (text += bytes.toString("latin1")))
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }))
      })
        .on("error", reject)
        .end()
    })
  const page = (query: string) =>
    Effect.promise(async () => JSON.parse((await get(`/api/v1/customers?${query}`)).body) as Page)
  /** The first answer, and the median of the next ones, in milliseconds. */
  const latency = (query: string) =>
    Effect.promise(async () => {
      const times: Array<number> = []
      for (let i = 0; i < 51; i++) {
        const start = performance.now()
        const { status } = await get(`/api/v1/customers?${query}`)
        times.push(performance.now() - start)
        if (status !== 200) throw new Error(`${query}: ${status}`)
      }
      const [first = Number.NaN, ...others] = times
      return { first, median: others.toSorted((a, b) => a - b)[25] ?? Number.NaN }
    })
  const within = (name: string, query: string, promised: number) =>
    Effect.map(latency(query), ({ first, median }): Row => ({
      name,
      value: `${median.toFixed(2)} ms (promised ${promised}), the first time ${first.toFixed(2)} ms`,
      isKept: median <= promised
    }))

  const [sample] = (yield* page("limit=1")).data
  const [email, name] = ["email", "name"].map((key) => encodeURIComponent(String(Reflect.get(sample ?? {}, key))))
  const recent = new Date(Date.now() - 36 * 3_600_000).toISOString()
  const atTheEnd = (yield* page(`limit=100&createdAt[gte]=${recent}`)).pagination.next
  const latencies = yield* Effect.all([
    within("a page at the end of their list", `limit=100&after=${String(atTheEnd)}`, 5),
    within("the list filtered by email", `email=${String(email)}`, 2),
    within("the list filtered by name, 20 of 1,800", `name=${String(name)}`, 2),
    within("the list filtered by time", `createdAt[gte]=${recent}`, 2)
  ])

  /** Provisions customers over a few connections. Returns how many per second. */
  const provision = (from: number) =>
    Effect.promise(async () => {
      const start = performance.now()
      await load({
        port,
        count: provisions,
        status: 201,
        request: (index) => {
          const id = `new-${from + index}`
          return requestOf("POST", "/api/v1/customers", JSON.stringify({ id, name: "New", email: `${id}@example.com` }))
        }
      })
      return provisions / ((performance.now() - start) / 1000)
    })
  const cold = yield* provision(0)
  const before = yield* usage
  const perSecond = yield* provision(provisions)
  const after = yield* usage
  const streamed = yield* Effect.promise(async () => {
    // Mutable: counted while the answer arrives.
    let [bytes, longest, isDone] = [0, 0, false]
    const start = performance.now()
    const read = new Promise<void>((resolve, reject) => {
      request({ port, host: "127.0.0.1", path: "/_emulator/snapshot" }, (response) => {
        response.on("data", (piece: Buffer) => (bytes += piece.length))
        response.on("end", resolve)
      })
        .on("error", reject)
        .end()
    }).finally(() => {
      isDone = true
    })
    while (!isDone) {
      const asked = performance.now()
      await get("/api/v1/customers?limit=1")
      longest = Math.max(longest, performance.now() - asked)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await read
    return { bytes, longest, seconds: (performance.now() - start) / 1000 }
  })
  agent.destroy()
  const grown = (yield* usage).megabytes - after.megabytes
  const seconds = loaded / 1000
  return [
    {
      name: `load of ${count.toLocaleString("en")} customers`,
      value:
        `${seconds.toFixed(1)} s (promised 10), ${afterLoad.cpu.toFixed(1)} s of CPU, ` +
        `${afterLoad.megabytes.toFixed(0)} MB (promised 1,500), ${after.megabytes.toFixed(0)} MB at the end`,
      isKept: seconds <= 10 && afterLoad.megabytes <= 1500
    },
    ...latencies,
    {
      name: "provisions with them there",
      value:
        `${perSecond.toFixed(0)} per second (promised 4000), ${(provisions / (after.cpu - before.cpu)).toFixed(0)} per CPU second; ` +
        `${cold.toFixed(0)} per second for the first ${provisions.toLocaleString("en")}`,
      isKept: perSecond >= 4000
    },
    {
      name: "the whole state in one answer",
      value: `${(streamed.bytes / 1e6).toFixed(0)} MB in ${streamed.seconds.toFixed(1)} s, memory grew by ${grown.toFixed(0)} MB (promised 300), another request took at most ${streamed.longest.toFixed(0)} ms`,
      isKept: grown <= 300
    }
  ]
}).pipe(Effect.scoped)

/** The rows that the bench prints for a large emulator. */
export const emulatorLarge: Effect.Effect<ReadonlyArray<Row>, unknown> = rows
