/**
 * The emulator in a process of its own. It sends its port, and, when it gets a number of rows, what its customers come
 * to: how many there are, how many have another name than the row that won, and how many were written twice.
 */
import { Customers, Stigg } from "../../../src/index.js"
import { Emulator, Faults } from "../../../src/testing/index.js"
import { EmulatorServer } from "../../../src/testing/node.js"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import { nameOf } from "./rows.js"

/** The part of imports that fail, in each of these ways. */
const faulty = Number(process.argv[2] ?? 0)
const faults = [Faults.status(503), Faults.reset, Faults.answerLost, Faults.resetInBody, Faults.status(429)]

const check = (rows: number) =>
  Effect.gen(function* () {
    yield* Emulator.clearFaults
    const customers = yield* Customers.Customers
    return yield* Stream.runFold(customers.list(), { customers: 0, stale: 0, twice: 0 }, (seen, customer) => ({
      customers: seen.customers + 1,
      stale: seen.stale + (customer.name === nameOf(customer.id, rows) ? 0 : 1),
      twice: seen.twice + (DateTime.Equivalence(customer.createdAt, customer.updatedAt) ? 0 : 1)
    }))
  })

const main = Effect.gen(function* () {
  const { port } = yield* EmulatorServer.EmulatorServer
  const runPromise = Runtime.runPromise(yield* Effect.runtime<Emulator.Emulator | Customers.Customers>())
  return yield* Effect.async<never>(() => {
    process.on("message", (rows) => void runPromise(check(Number(rows))).then((found) => process.send?.(found)))
    process.on("disconnect", () => process.exit())
    process.send?.({ port })
  })
})

void Effect.runPromise(
  main.pipe(
    Effect.provide(
      Stigg.layer({ apiKey: Redacted.make("key") }).pipe(
        Layer.provide(Emulator.layerHttpClient),
        Layer.provideMerge(
          EmulatorServer.layer({
            faults:
              faulty === 0
                ? []
                : faults.map((fault) => ({ operation: "customers.import", fault, probability: faulty / faults.length }))
          })
        )
      )
    )
  )
)
