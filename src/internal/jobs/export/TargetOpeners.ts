import * as Effect from "effect/Effect"
import type { Needs } from "../../../jobs/Needs.js"
import type { OpenTarget, Target, TargetOpener } from "../../../jobs/Target.js"
import { TargetError } from "../../../jobs/Target.js"

export type WriteOptions = Parameters<TargetOpener<never>["open"]>[1]

/** Opens a target with the first of the openers that takes it. Fails with `Refused` if none does. */
export const openers =
  <O extends TargetOpener<unknown>>(list: ReadonlyArray<O>) =>
  (target: Target, options: WriteOptions): Effect.Effect<OpenTarget, TargetError, Needs<never, O>> => {
    for (const opener of list) {
      const opening = opener.open(target, options)
      // The compiler cannot infer a union of requirements from a list, so `TargetOpener<unknown>` stands for it.
      if (opening !== null) return opening as Effect.Effect<OpenTarget, TargetError, Needs<never, O>>
    }
    const known = list.map(({ _tag, name }) => (name === null ? _tag : `${_tag} ${name}`)).join(", ")
    const found = target._tag === "Rows" ? `Rows ${target.name}` : target._tag
    return refuse(`target: Expected a target that this runner opens (${known === "" ? "none" : known}), found ${found}`)
  }

export const refuse = (message: string): Effect.Effect<never, TargetError> =>
  Effect.fail(new TargetError({ reason: "Refused", message }))
