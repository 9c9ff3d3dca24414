import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** A service in which every operation dies with its own name, but for those that are given. */
export const fake = <Service extends object>(
  service: string,
  operations: { readonly effects: ReadonlyArray<keyof Service>; readonly streams: ReadonlyArray<keyof Service> },
  given: Partial<Service>
): Service => {
  const missing = (operation: keyof Service) =>
    new Error(`${service}.${String(operation)} was called, but layerTest was given no such operation`)
  return {
    ...Object.fromEntries(operations.effects.map((name) => [name, () => Effect.die(missing(name))])),
    ...Object.fromEntries(operations.streams.map((name) => [name, () => Stream.die(missing(name))])),
    ...given
    // The two lists and what is given are the whole service: a test holds the lists against the real one.
  } as Service
}
