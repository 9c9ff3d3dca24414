import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

const mutationsPerSample = 20

/** Timestamps at the edges of what the API sends, and beyond. */
export const timestamps = [
  "2026-06-13T10:00:00.000Z",
  "2024-02-29T23:59:59.999Z",
  "2026-02-29T00:00:00.000Z",
  "2026-04-31T00:00:00.000Z",
  "2026-00-10T00:00:00.000Z",
  "2026-13-10T00:00:00.000Z",
  "2026-06-13T24:00:00.000Z",
  "2026-06-13T23:60:00.000Z",
  "2026-06-13T23:59:60.000Z",
  "2026-06-13t10:00:00.000z",
  "2026-06-13 10:00:00.000Z",
  "2026-06-13T10:00:00Z",
  "2026-06-13T10:00:00.123456Z",
  "2026-06-13T10:00:00.000+02:00",
  "2026-06-13T10:00:00.00xZ",
  "x026-06-13T10:00:00.000Z",
  "0000-01-01T00:00:00.000Z",
  "0099-03-01T00:00:00.000Z",
  "1900-03-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
  "+12026-06-13T10:00:00.00Z"
]

const value = FastCheck.oneof(
  FastCheck.constantFrom<Array<unknown>>(null, undefined, 0, -0, true, "", "FEATURE", "CREDIT", "SEAT", [], {}),
  FastCheck.constantFrom(...timestamps),
  FastCheck.jsonValue(),
  FastCheck.double()
)

const mutation = FastCheck.record({
  at: FastCheck.nat(),
  key: FastCheck.nat(),
  kind: FastCheck.constantFrom("replace", "remove", "add", "addProto"),
  value
})

type Mutation = typeof mutation extends FastCheck.Arbitrary<infer A> ? A : never

/** The objects and arrays of a JSON value, itself included. */
const nodes = (json: unknown): ReadonlyArray<object> =>
  Predicate.isObject(json) ? [json, ...Object.values(json).flatMap(nodes)] : []

/** The same value, with changes somewhere in it. */
const mutate = (json: unknown, mutations: ReadonlyArray<Mutation>): unknown => {
  const root = { json: structuredClone(json) }
  for (const { at, key, kind, value: shared } of mutations) {
    const value = structuredClone(shared)
    const all = nodes(root)
    const node = all[at % all.length] ?? root
    const keys = Object.keys(node)
    const added = Array.isArray(node) ? node.length : "added"
    const name = keys[key % keys.length] ?? added
    if (kind === "replace") Reflect.set(node, name, value)
    if (kind === "remove") Reflect.deleteProperty(node, name)
    if (kind === "add") Reflect.set(node, added, value)
    // In JSON, only an object has this key.
    if (kind === "addProto" && !Array.isArray(node)) {
      Reflect.defineProperty(node, "__proto__", { value, configurable: true, enumerable: true, writable: true })
    }
  }
  return root.json
}

/** JSON that a schema accepts, with changes in most of it. Seeded, so that a failure can be repeated. */
export const samples = <A, I>(schema: Schema.Schema<A, I>, inputs: number): ReadonlyArray<unknown> => {
  const changes = FastCheck.sample(FastCheck.array(mutation, { maxLength: 3 }), { numRuns: inputs, seed: 21 })
  const encode = Schema.encodeSync(schema)
  const numRuns = Math.ceil(inputs / mutationsPerSample)
  const bases: ReadonlyArray<unknown> = FastCheck.sample(Arbitrary.make(schema), { numRuns, seed: 12 }).map((value) =>
    encode(value)
  )
  return changes.map((mutations, i) => mutate(bases[i % bases.length], mutations))
}
