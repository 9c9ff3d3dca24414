import * as Predicate from "effect/Predicate"

/**
 * Marks an encoder that writes a header on each run. As the `rows` of a format, it would write one per batch. A mark
 * and not a type: TypeScript does not infer the error of a generic function, such as `Stream.map(f)`, for a parameter
 * that has properties besides its call signature.
 */
const mark = Symbol.for("effect-stigg/HeaderMark")

export const add = <F extends object>(encoder: F): F => Object.assign(encoder, { [mark]: true })

export const has = (encoder: unknown): boolean => Predicate.hasProperty(encoder, mark)
