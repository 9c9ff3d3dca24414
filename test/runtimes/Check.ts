import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"

export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** Where the servers of the checks are, as the runtime reaches them. */
export interface Addresses {
  /** The emulator. */
  readonly api: string
  /** The peer with responses that the emulator does not give: see `Peer.ts`. */
  readonly peer: string
}

export class Servers extends Context.Tag("test/runtimes/Servers")<Servers, Addresses>() {}

/** A check returns what it saw. The runner, which is on Node, compares it with what is expected. */
export interface Check {
  readonly name: string
  readonly seen: Effect.Effect<Json, unknown, Servers>
  readonly expected: Json
}

export const check = (name: string, seen: Check["seen"], expected: Json): Check => ({ name, seen, expected })

/** What a runtime reports of one check: what it saw, or how it failed. */
export const Outcome = Schema.Struct({
  name: Schema.String,
  seen: Schema.optional(Schema.Unknown),
  failure: Schema.optional(Schema.String)
})

export type Outcome = typeof Outcome.Type

/** Runs the checks one after the other, each as a program of its own. A check that does not end fails. */
export const run = async (checks: ReadonlyArray<Check>, addresses: Addresses): Promise<ReadonlyArray<Outcome>> => {
  const outcomes: Array<Outcome> = []
  for (const { name, seen } of checks) {
    const limited = Effect.disconnect(Effect.timeout(seen, "10 seconds"))
    const exit = await Effect.runPromiseExit(Effect.provideService(limited, Servers, addresses))
    outcomes.push(Exit.isSuccess(exit) ? { name, seen: exit.value } : { name, failure: Cause.pretty(exit.cause) })
  }
  return outcomes
}
