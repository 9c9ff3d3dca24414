/**
 * An emulator with many customers over HTTP, in a process of its own. Its argument is their number. It sends its port
 * and what loading them took, and on request the memory that it uses.
 */
import * as Effect from "effect/Effect"
import { Seed } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"

const started = performance.now()

const main = Effect.flatMap(EmulatorServer.EmulatorServer, ({ port }) =>
  Effect.async<never>(() => {
    // The most that the process has used so far, in kB.
    process.on("message", () => process.send?.(process.resourceUsage().maxRSS))
    process.on("disconnect", () => process.exit())
    process.send?.({ port, loaded: performance.now() - started })
  })
).pipe(Effect.provide(EmulatorServer.layer({ seed: Seed.random({ customers: Number(process.argv[2]), seed: 42 }) })))

void Effect.runPromise(main)
