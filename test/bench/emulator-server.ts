/**
 * The emulator over HTTP in a process of its own, so that what it costs can be told from what asks it. It tells its port
 * and what the first `StiggTest.layer` of a program takes; asked, it tells the CPU time that it has used.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Seed, StiggTest } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"

const cpuMillis = () => {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1000
}

const main = Effect.gen(function* () {
  const before = cpuMillis()
  yield* Effect.scoped(Layer.build(StiggTest.layer({ seed: Seed.demo })))
  const firstBuild = cpuMillis() - before
  yield* Effect.flatMap(EmulatorServer.EmulatorServer, ({ port }) =>
    Effect.async<never>(() => {
      process.on("message", () => process.send?.(cpuMillis()))
      // Whatever ends the bench, a kill included, ends the channel to it.
      process.on("disconnect", () => process.exit())
      process.send?.({ port, firstBuild })
    })
  ).pipe(Effect.provide(EmulatorServer.layer({ seed: Seed.demo })))
})

void Effect.runPromise(main)
