import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { InvalidOptionsError } from "../../../StiggError.js"
import type * as Controls from "../../Controls.js"
import type * as Emulator from "../../Emulator.js"
import * as Faults from "../../Faults.js"
import * as Limits from "../../Limits.js"
import * as Seed from "../../Seed.js"
import * as ApiApp from "../http/ApiApp.js"
import * as Outbox from "../webhooks/Outbox.js"
import type * as Instance from "../world/Instance.js"
import * as Worlds from "../world/Worlds.js"
import * as WorldControls from "./WorldControls.js"

/** An emulator, and the instance whose controls are its own. */
export interface Made {
  readonly service: Context.Tag.Service<Emulator.Emulator>
  readonly main: Instance.Instance
}

/** Creates an emulator with its own state. */
export const make = (options: Emulator.Options): Effect.Effect<Made, Emulator.InvalidOptions> =>
  Effect.gen(function* () {
    const seed = yield* Seed.decode(options.seed ?? {})
    const limits = yield* Limits.decode(options.limits)
    const idSeed = options.idSeed ?? 0
    if (!Number.isFinite(idSeed)) {
      return yield* new InvalidOptionsError({ field: "idSeed", rule: "Expected a finite number" })
    }
    const { journal = 1000 } = options
    if (!Number.isInteger(journal) || journal < 0 || journal > 1_000_000) {
      return yield* new InvalidOptionsError({ field: "journal", rule: "Expected an integer from 0 to 1,000,000" })
    }
    const faults = yield* Effect.forEach(options.faults ?? [], Faults.decode)
    const start = { seed, limits, idSeed, faults, journal, webhooks: Outbox.family() }
    const hasWorldsByKey = options.worlds === "byKey"
    const worlds = yield* Worlds.make(start, hasWorldsByKey)
    const made = new WeakMap<Instance.Instance, Controls.Controls>()
    // Made once for each world: a list of thousands of worlds would take longer to make than to answer.
    const controls = (instance: Instance.Instance) => {
      const found = made.get(instance) ?? WorldControls.make(instance, start)
      made.set(instance, found)
      return found
    }
    const service: Made["service"] = {
      ...controls(worlds.main),
      httpApp: yield* ApiApp.make(worlds, {
        apiKey: Option.fromNullable(options.apiKey),
        strict: options.strict ?? false
      }),
      hasWorldsByKey,
      worlds: Effect.map(worlds.all, (all) => all.map(controls)),
      world: (apiKey) => Effect.map(worlds.ofKey(Redacted.value(apiKey)), controls),
      worldNamed: (name) => Effect.map(worlds.named(name), controls),
      removeWorld: (name) =>
        name === Worlds.mainName ? Effect.as(controls(worlds.main).reset, true) : worlds.remove(name)
    }
    return { service, main: worlds.main }
  })
