/** The emulator in a process of its own. Its messages: the port; then, on request, what its customers come to. */
import * as Effect from "effect/Effect"
import { EmulatorServer } from "../../../src/testing/node.js"

void Effect.runPromise(
  Effect.flatMap(EmulatorServer.EmulatorServer, ({ port }) =>
    Effect.async<never>(() => {
      process.on("disconnect", () => process.exit())
      process.send?.({ port })
    })
  ).pipe(Effect.provide(EmulatorServer.layer()))
)
