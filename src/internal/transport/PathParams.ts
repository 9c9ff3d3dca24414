import * as Schema from "effect/Schema"
import { PathSegment } from "../../schemas/Identifier.js"

/** The names in a path, in their order: `"/a/{id}/b/{key}"` has `id` and `key`. */
export const names = (path: string): ReadonlyArray<string> =>
  Array.from(path.matchAll(/\{([^{}]+)\}/g), ([, name = ""]) => name)

/** The schema of a path's parameters: each is one segment unless `given` has a narrower schema. */
export const schema = (
  path: string,
  given: Readonly<Record<string, Schema.Schema<string> | undefined>> = {}
): Schema.Schema<Readonly<Record<string, string>>> =>
  Schema.Struct(Object.fromEntries(names(path).map((name) => [name, given[name] ?? PathSegment])))
