import * as Schemas from "effect-stigg/Schemas"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** The schemas of the public namespace by name, so that tests cover a new one automatically. */
export const exported: ReadonlyMap<string, Schema.Schema<unknown, unknown>> = new Map(
  Object.entries<unknown>(Schemas).filter((entry): entry is [string, Schema.Schema<unknown, unknown>] =>
    Schema.isSchema(entry[1])
  )
)

export const schemaNamed = (name: string): Schema.Schema<unknown, unknown> => {
  const schema = exported.get(name)
  if (schema === undefined) throw new Error(`Schemas.${name} does not exist`)
  return schema
}

type Result = Either.Either<unknown, ParseResult.ParseError>

/** The paths at which a value was rejected. None if it was accepted. */
export const faults = (result: Result): ReadonlyArray<string> =>
  Either.match(result, {
    onLeft: (error) => [
      ...new Set(ParseResult.ArrayFormatter.formatErrorSync(error).map(({ path }) => path.join(".")))
    ],
    onRight: () => []
  })

/** The rules that a value violated, each after its path. */
export const complaints = (result: Result): ReadonlyArray<string> =>
  Either.match(result, {
    onLeft: (error) =>
      ParseResult.ArrayFormatter.formatErrorSync(error).map(({ message, path }) => `${path.join(".")}: ${message}`),
    onRight: () => []
  })
