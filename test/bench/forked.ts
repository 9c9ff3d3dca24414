import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"

/**
 * Runs a server of this folder in a separate process, so that its cost is not measured. Returns its address once it
 * listens.
 */
export const forked = (file: string, ...args: ReadonlyArray<string>): Effect.Effect<string, Error, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => fork(fileURLToPath(new URL(file, import.meta.url)), args)),
    (child) => Effect.sync(() => child.kill())
  ).pipe(
    Effect.flatMap((child) =>
      Effect.async<string, Error>((resume) => {
        child.once("message", (port) => resume(Effect.succeed(`http://127.0.0.1:${String(port)}`)))
        child.once("exit", (code) => resume(Effect.fail(new Error(`${file} ended with ${String(code)}`))))
      })
    )
  )
