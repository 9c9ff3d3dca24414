import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** What an override can be put on. */
export type Target = Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>

/** Runs an effect or a stream with options merged over those of its surroundings. */
export const locally = <I, Options>(
  self: Target,
  reference: Context.Reference<I, Options>,
  options: Options,
  merge: (under: Options, over: Options) => Options
): Target =>
  Effect.isEffect(self)
    ? Effect.flatMap(reference, (under) => Effect.provideService(self, reference, merge(under, options)))
    : Stream.unwrap(Effect.map(reference, (under) => Stream.provideService(self, reference, merge(under, options))))

/** Without the fields that are undefined: they must not hide those beneath. */
export const defined = <A extends object>(options: A): Partial<A> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<A>
