import { describe, it } from "@effect/vitest"
import { LibsqlClient } from "@effect/sql-libsql"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as CustomerJobs from "../../src/CustomerJobs.js"
import { CustomerImport } from "../../src/index.js"
import { FleetRate } from "../../src/internal/jobs/rate/FleetRate.js"
import { OpenSources } from "../../src/internal/jobs/source/OpenSources.js"
import { StiggTest } from "../../src/testing/index.js"

const sources = (count: number) =>
  Layer.succeed(OpenSources, {
    open: () =>
      Effect.succeed({
        version: Effect.succeed("1"),
        rows: (from) =>
          CustomerImport.fromValues(
            Stream.map(Stream.range(1, count), (n) => ({
              id: `customer-${n % 100 === 0 ? n - 1 : n}`,
              email: n % 50 === 7 ? "broken" : null,
              name: `Name ${n}`
            }))
          ).pipe(
            Stream.drop((from?.row ?? 1) - 1),
            Stream.map((row) => ({ row, position: { row: row.number, line: null, byte: null, key: null } }))
          )
      })
  })

const NoRate = Layer.succeed(FleetRate, { take: Effect.void, pause: () => Effect.void })

const program = Effect.gen(function* () {
  const jobs = yield* CustomerJobs.CustomerJobs
  const started = yield* jobs.start(CustomerJobs.Import, {
    id: "one",
    source: { _tag: "Folder", path: "x" },
    partRows: 1000,
    batchSize: 100
  })
  console.log(started)
  const last = yield* Stream.runLast(
    Stream.tap(jobs.progress("one", { every: "50 millis" }), (j) =>
      Effect.sync(() => console.log(j.state, j.rows, j.parts))
    )
  )
  console.log(last, yield* jobs.result(CustomerJobs.Import, "one"))
  const rejects = yield* Stream.runCollect(jobs.rejects("one"))
  console.log(Chunk.size(rejects), Chunk.head(rejects))
})

describe("CustomerJobs", () => {
  it.live("memory", () =>
    program.pipe(
      Effect.provide(
        CustomerJobs.layerMemory({ rate: NoRate }).pipe(Layer.provide([sources(10_000), StiggTest.layer()]))
      )
    )
  )
  it.live(
    "sqlite",
    () =>
      program.pipe(
        Effect.provide(
          CustomerJobs.layerSingle({ rate: NoRate }).pipe(
            Layer.provide([
              sources(10_000),
              StiggTest.layer(),
              LibsqlClient.layer({ url: "file:/tmp/jobs-test.db", intMode: "bigint" })
            ])
          )
        )
      ),
    20000
  )
})
