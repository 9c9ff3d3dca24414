import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** An effect or stream to override options for. */
export type Target = Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>

/** Runs an effect or stream with options merged over the current ones. */
export const locally = <I, Options>(
  self: Target,
  reference: Context.Reference<I, Options>,
  options: Options,
  merge: (under: Options, over: Options) => Options
): Target =>
  Effect.isEffect(self)
    ? Effect.flatMap(reference, (under) => Effect.provideService(self, reference, merge(under, options)))
    : Stream.unwrap(Effect.map(reference, (under) => Stream.provideService(self, reference, merge(under, options))))

/** Removes undefined fields, so that they do not override defined ones in a merge. */
export const defined = <A extends object>(options: A): Partial<A> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<A>
