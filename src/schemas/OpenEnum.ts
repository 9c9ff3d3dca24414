import * as Schema from "effect/Schema"

/**
 * An enum that the API may extend. Editors complete the known values, and any other string passes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const Colour = Schemas.openEnum("Colour", "red", "green")
 * console.log(Schema.decodeUnknownSync(Colour)("violet")) // violet
 *
 * @category constructors
 * @since 0.1.0
 */
// The public type of an enum is `Extract<typeof Colour.Type, string>`: the union gets a name of its own, which editors and
// the API pages show where they would list the values.
export const openEnum = <const Known extends ReadonlyArray<string>>(
  identifier: string,
  ...known: Known
): OpenEnum<Known[number]> =>
  // Every string is valid, but a plain union with `string` would lose the known names, so the type is cast.
  Schema.String.annotations({
    identifier,
    jsonSchema: { type: "string", "x-open-enum": known },
    arbitrary: () => (fc) => fc.oneof(fc.constantFrom(...known), fc.string({ minLength: 1 }))
  }) as Schema.Schema<string, string> as OpenEnum<Known[number]>

/**
 * The schema that {@link openEnum} returns. It decodes to one of `Known`, or to any other string.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * type Colour = Schemas.OpenEnum<"red" | "green">["Type"]
 * const colour: Colour = "violet"
 * console.log(colour) // violet
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenEnum<Known extends string> extends Schema.Schema<Known | (string & {}), string> {}
