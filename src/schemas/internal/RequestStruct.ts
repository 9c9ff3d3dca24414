import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * The schema of an object in a request. Two values are equal if they are sent as the same JSON: a value for which
 * `isAbsent` holds equals a missing field.
 */
export const requestStruct = <const Fields extends Schema.Struct.Fields>(
  identifier: string,
  fields: Fields,
  isAbsent: (value: unknown) => boolean = (value) => value === undefined
): Schema.Struct<Fields> => {
  const struct = Schema.Struct(fields)
  return struct.annotations({
    identifier,
    equivalence: () => {
      const fields = AST.getPropertySignatures(AST.typeAST(struct.ast)).map(
        ({ name, type }) => [name, Schema.equivalence(Schema.make<unknown>(type))] as const
      )
      return (self: object, that: object) =>
        fields.every(([name, isSame]) => {
          const a: unknown = Reflect.get(self, name)
          const b: unknown = Reflect.get(that, name)
          return isAbsent(a) || isAbsent(b) ? isAbsent(a) && isAbsent(b) : isSame(a, b)
        })
    }
  })
}
