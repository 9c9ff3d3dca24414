import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Events } from "./Event.js"

/** Takes what has happened. `events` is called at once, and only if somebody gets them. */
export interface Changes {
  readonly tell: (events: Events) => Effect.Effect<void>
}

/** Takes the changes that the current request makes. By default nobody does. */
export class Current extends Context.Reference<Current>()("effect-stigg/testing/Changes", {
  defaultValue: (): Changes => ({ tell: () => Effect.void })
}) {}

/** Tells what has happened, after the world was changed. */
export const tell = (events: Events): Effect.Effect<void> => Effect.flatMap(Current, (changes) => changes.tell(events))
