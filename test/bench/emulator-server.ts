/**
 * The emulator over HTTP in a separate process, so that its cost is measured without its client's. It sends its port
 * and the cost of the first `StiggTest.layer` of a program. On request it sends its CPU time so far.
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
      // Exits when the bench exits or is killed, because that closes the channel.
      process.on("disconnect", () => process.exit())
      process.send?.({ port, firstBuild })
    })
  ).pipe(Effect.provide(EmulatorServer.layer({ seed: Seed.demo })))
})

void Effect.runPromise(main)
