import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { fork } from "node:child_process"
import type { Program } from "../Program.js"

/** A process that answers each message with a message. */
export interface Process<In, Out> {
  readonly ask: (message: In) => Effect.Effect<Out, Error>
  /** Like `kill -9`. */
  readonly kill: Effect.Effect<void>
}

/** Starts a program as a process that ends with the scope, and waits for its first message. */
export const start = <First, In, Out>(
  { file }: Program,
  ...args: ReadonlyArray<string>
): Effect.Effect<Process<In, Out> & { readonly first: First }, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => fork(file, args, { execArgv: [] })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const next = <A>() =>
      Effect.async<A, Error>((resume) => {
        const onExit = (code: number | null) => resume(Effect.fail(new Error(`${file} ended with ${String(code)}`)))
        child.once("exit", onExit)
        child.once("message", (message) => {
          child.off("exit", onExit)
          // Our own processes send what their types say.
          resume(Effect.succeed(message as A))
        })
      })
    const first = yield* next<First>()
    return {
      first,
      ask: (message) =>
        Effect.suspend(() => {
          child.send(message as object)
          return next<Out>()
        }),
      kill: Effect.sync(() => child.kill("SIGKILL"))
    }
  })
