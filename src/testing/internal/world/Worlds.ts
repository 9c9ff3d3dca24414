import type * as Headers from "@effect/platform/Headers"
import * as Effect from "effect/Effect"
import type { InvalidSeed } from "../../Seed.js"
import * as Credential from "./Credential.js"
import * as Instance from "./Instance.js"

/** The instances of one emulator. */
export interface Worlds {
  /** Handles the requests that no other instance does. It is always there. */
  readonly main: Instance.Instance
  /** The instance that handles a request with these headers. */
  readonly ofRequest: (headers: Headers.Headers) => Effect.Effect<Instance.Instance>
  readonly ofKey: (apiKey: string) => Effect.Effect<Instance.Instance>
  /** The instance with a name, made if there is none. Always {@link main} if the worlds are not by key. */
  readonly named: (name: string) => Effect.Effect<Instance.Instance>
  readonly all: Effect.Effect<ReadonlyArray<Instance.Instance>>
  /** Removes an instance other than {@link main}. Returns whether there was one. */
  readonly remove: (name: string) => Effect.Effect<boolean>
}

/** The name of {@link Worlds.main}. */
export const mainName = "default"

/** Creates the first instance, and with it checks what the others start with. */
export const make = (start: Instance.Start, byKey: boolean): Effect.Effect<Worlds, InvalidSeed> =>
  Effect.gen(function* () {
    const main = yield* Instance.make(mainName, start)
    // Mutable: an instance is made on first use.
    const byName = new Map([[mainName, main]])
    const byCredential = new Map<string, Instance.Instance>()

    const named = (name: string): Effect.Effect<Instance.Instance> =>
      Effect.suspend(() => {
        const existing = byKey ? byName.get(name) : main
        if (existing !== undefined) return Effect.succeed(existing)
        // It cannot fail: `main` was made from the same seed.
        return Effect.map(Effect.catchAll(Instance.make(name, start), Effect.die), (made) => {
          // Another request may have made it meanwhile.
          const first = byName.get(name) ?? made
          if (first !== made) made.outbox.leave()
          byName.set(name, first)
          return first
        })
      })

    const ofCredential = (credential: string | undefined): Effect.Effect<Instance.Instance> => {
      if (!byKey || credential === undefined) return Effect.succeed(main)
      const known = byCredential.get(credential)
      if (known !== undefined) return Effect.succeed(known)
      return Effect.tap(Effect.flatMap(Credential.fingerprint(credential), named), (found) =>
        Effect.sync(() => byCredential.set(credential, found))
      )
    }

    return {
      main,
      ofRequest: (headers) => Effect.suspend(() => ofCredential(Credential.of(headers))),
      ofKey: (apiKey) => Effect.suspend(() => ofCredential(Credential.ofKey(apiKey))),
      named,
      all: Effect.sync(() => Array.from(byName.values())),
      remove: (name) =>
        Effect.sync(() => {
          const removed = byName.get(name)
          for (const [credential, instance] of byCredential) {
            if (instance === removed) byCredential.delete(credential)
          }
          removed?.outbox.leave()
          return byName.delete(name)
        })
    }
  })
