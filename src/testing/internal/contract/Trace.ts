import * as Context from "effect/Context"
import * as Ids from "../world/Ids.js"

/** The trace ids of the errors of one world. */
export interface Traces {
  /** Returns a new id. */
  readonly next: () => string
}

/** Creates trace ids. The same seed gives the same ids in the same order. */
export const make = (ids: Ids.Ids): Traces => {
  // Mutable: each error takes the next one.
  let serial = 0
  return { next: () => ids.uuid("traces", serial++) }
}

/** The trace ids of the current request. The default is for errors that no world answers with. */
export class Current extends Context.Reference<Current>()("effect-stigg/testing/Traces", {
  defaultValue: (): Traces => make(Ids.make(0))
}) {}
