import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { fork } from "node:child_process"
import * as Program from "../Program.js"

/** A server of this folder in a process of its own, so that its cost is measured without its client's. */
export interface ServerProcess {
  /** The next message of the process. */
  readonly told: <A>() => Effect.Effect<A, Error>
  /** Sends a message and returns the answer. */
  readonly ask: <A>(question: string) => Effect.Effect<A, Error>
}

/** Starts a program of this folder, bundled: the names that `tsx` keeps for its functions cost a tenth of a request. */
export const serverOf = (
  file: string,
  ...args: ReadonlyArray<string>
): Effect.Effect<ServerProcess, never, Scope.Scope> =>
  Program.make(`test/bench/${file}`).pipe(
    Effect.flatMap((program) =>
      Effect.acquireRelease(
        Effect.sync(() => fork(program.file, args, { execArgv: [] })),
        (child) => Effect.sync(() => child.kill())
      )
    ),
    Effect.map((child) => {
      const told = <A>() =>
        Effect.async<A, Error>((resume) => {
          const ended = (code: number | null) => resume(Effect.fail(new Error(`${file} ended with ${String(code)}`)))
          child.once("exit", ended).once("message", (message) => {
            child.off("exit", ended)
            // The process is the bench's own.
            resume(Effect.succeed(message as A))
          })
        })
      return {
        told,
        ask: <A>(question: string) =>
          Effect.zipRight(
            Effect.sync(() => child.send(question)),
            told<A>()
          )
      }
    })
  )
