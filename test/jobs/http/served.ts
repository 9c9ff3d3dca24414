import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import { NodeHttpServer } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
import { CustomerImport } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"
import { createServer } from "node:http"
import { FleetRate } from "../../../src/jobs/FleetRate.js"

export const key = "test-key-1"

/** Rows, of which one in 50 is invalid. The email of the first such row is HTML. */
export const sources = (count: number): ReadonlyArray<CustomerJobs.SourceOpener<never>> => [
  {
    _tag: "Folder",
    name: null,
    open: () =>
      Effect.succeed({
        version: Effect.succeed("1"),
        rows: (from, until = null) =>
          CustomerImport.fromValues(
            Stream.map(Stream.range(1, count), (n) => ({
              id: n === 50 ? "<img src=x onerror=alert(1)>" : `customer-${n}`,
              email: n % 50 === 0 ? "broken" : null,
              name: `Name ${n}`
            }))
          ).pipe(
            Stream.drop((from?.row ?? 1) - 1),
            Stream.takeWhile(({ number }) => until === null || number < until.row),
            Stream.map((row) => ({ row, position: { row: row.number, line: null, byte: null, key: null } }))
          )
      })
  }
]

const rate = (every: number) => Layer.succeed(FleetRate, { take: Effect.sleep(every), pause: () => Effect.void })

/** A payload of 100 rows per request, and one request at a time. */
export const payload = (id: string) => ({
  id,
  source: { _tag: "Folder", path: "x?signature=hidden", format: { _tag: "Ndjson" } } as const,
  batchSize: 100,
  partRows: 500,
  concurrency: 1
})

/** A runner in this process with its server on a free port. */
export const served = (
  options: { readonly rows?: number; readonly every?: number } & Partial<CustomerJobsHttp.Options> = {}
) => {
  const { every = 0, rows = 1000, ...http } = options
  return HttpLayerRouter.serve(CustomerJobsHttp.layer({ key: Redacted.make(key), ...http }), {
    disableLogger: true,
    disableListenLog: true
  }).pipe(
    Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
    Layer.provideMerge(
      CustomerJobs.layerMemory({ rate: rate(every), sources: sources(rows) }).pipe(Layer.provide(StiggTest.layer()))
    )
  )
}

export const url = HttpServer.addressWith((address) =>
  Effect.succeed(address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : "")
)

/** Waits until a job is in one of the states. */
export const until = (id: string, ...states: ReadonlyArray<CustomerJobs.Job["state"]>) =>
  Effect.flatMap(CustomerJobs.CustomerJobs, ({ poll }) =>
    Effect.repeat(Effect.zipLeft(poll(id), Effect.sleep("50 millis")), { until: ({ state }) => states.includes(state) })
  )
