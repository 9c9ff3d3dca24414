/** Whether the heap grows with the work that was done. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Customers, Stigg } from "effect-stigg"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import { pageCount, pageSize } from "./customers.js"
import { checksInMemory } from "./entitlements.js"
import { forked } from "./forked.js"
import { collectGarbage } from "./measure.js"

/** The bytes by which the heap grows when `run` runs after a first, smaller run. */
const growth = <E, R>(run: (times: number) => Effect.Effect<unknown, E, R>, first: number, times: number) =>
  Effect.gen(function* () {
    yield* run(first)
    const before = heapUsed()
    yield* run(times)
    return heapUsed() - before
  })

const heapUsed = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** 10 million cached checks. */
export const afterChecks = Effect.scoped(Effect.flatMap(checksInMemory, (run) => growth(run, 200_000, 10_000_000)))

/** 1,000,000 customers of a list, over HTTP. */
export const afterList = Effect.scoped(
  Effect.gen(function* () {
    const baseUrl = yield* forked("server.ts")
    const context = yield* Layer.build(
      Stigg.layer({ apiKey: Redacted.make("server-key-of-the-bench"), baseUrl: `${baseUrl}/usual` }).pipe(
        Layer.provide(UndiciHttpClient.layer)
      )
    )
    const customers = yield* Effect.provide(Customers.Customers, context)
    const lists = (count: number) =>
      Effect.repeatN(Stream.runDrain(customers.list()), Math.ceil(count / (pageCount * pageSize)) - 1)
    return yield* growth(lists, pageCount * pageSize, 1_000_000)
  })
)
