/**
 * An emulator with many customers over HTTP, in a process of its own. Its argument is their number. It sends its port
 * and what loading them took, and on request its CPU time and the most memory that it used.
 */
import * as Effect from "effect/Effect"
import { Seed } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"

const started = performance.now()

const usage = () => {
  const { maxRSS, systemCPUTime, userCPUTime } = process.resourceUsage()
  return { cpu: (systemCPUTime + userCPUTime) / 1000, kilobytes: maxRSS }
}

const main = Effect.flatMap(EmulatorServer.EmulatorServer, ({ port }) =>
  Effect.async<never>(() => {
    process.on("message", () => process.send?.(usage()))
    process.on("disconnect", () => process.exit())
    process.send?.({ port, loaded: performance.now() - started })
  })
).pipe(Effect.provide(EmulatorServer.layer({ seed: Seed.random({ customers: Number(process.argv[2]), seed: 42 }) })))

void Effect.runPromise(main)
