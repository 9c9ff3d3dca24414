import { describe, expect, it } from "@effect/vitest"
import { CustomerImport } from "effect-stigg"
import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { make } from "./harness.js"

const utf8 = (text: string) => new TextEncoder().encode(text)

const stream = (bytes: Uint8Array, size = 1_000_000) =>
  CustomerImport.fromBulkFile(
    Stream.fromIterable(Arr.makeBy(Math.ceil(bytes.length / size), (i) => bytes.subarray(i * size, (i + 1) * size)))
  )

const read = (text: string, size?: number) =>
  Effect.map(Stream.runCollect(stream(utf8(text), size)), Chunk.toReadonlyArray)

/** The file as Stigg documents it for its tool. */
const documented = `{
  "customers": [
    {
      "customerId": "lorem-ipsum",
      "email": "john@example.com",
      "name": "Lorem-ipsum",
      "billingId": "cus_MvdQq1bVD1BQHe",
      "paymentMethodId": "pm_1N04AHEdaKWoSZ0OgP78RflV",
      "updatedAt": "2022-01-01T00:00:00.000Z",
      "metadata": { "isTest": "true", "note": "a \\"]},{[\\" b" }
    },
    { "customerId": "dolor" }
  ]
}
`

describe("the file of Stigg's bulk import tool", () => {
  it.effect("decodes as documented: customerId becomes the id, and a missing email or name becomes null", () =>
    Effect.gen(function* () {
      const rows = yield* read(documented)
      expect(rows.map(({ column, line, number, problem, value }) => [number, line, column, problem, value])).toEqual([
        [
          1,
          3,
          5,
          null,
          {
            id: "lorem-ipsum",
            email: "john@example.com",
            name: "Lorem-ipsum",
            billingId: "cus_MvdQq1bVD1BQHe",
            paymentMethodId: "pm_1N04AHEdaKWoSZ0OgP78RflV",
            updatedAt: "2022-01-01T00:00:00.000Z",
            metadata: { isTest: "true", note: 'a "]},{[" b' }
          }
        ],
        [2, 12, 5, null, { id: "dolor", email: null, name: null }]
      ])
    })
  )

  it.effect("can be imported", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const summary = yield* CustomerImport.summarize(CustomerImport.run(stream(utf8(documented))))
      expect(summary).toMatchObject({ rows: 2, created: 2, rejected: 0 })
    }).pipe(Effect.provide(layer))
  })

  it.effect.each([1, 2, 3, 5, 17])("reads the same rows from chunks of %i bytes", (size) =>
    Effect.gen(function* () {
      expect(yield* read(documented, size)).toEqual(yield* read(documented))
      const broken = `\u{feff}{"a":[{"customers":[1]}],"customers":[ {"customerId":"ä"} , {"x":tru}\n, 5 ],"b":"]"}`
      expect(yield* read(broken, size)).toEqual(yield* read(broken))
    })
  )

  it.effect("can be empty and can contain other keys, which are ignored", () =>
    Effect.gen(function* () {
      expect(yield* read('{"customers":[]}')).toEqual([])
      const rows = yield* read('{"a":{"customers":[{}]},"b":"customers","customers":[{"customerId":"1"}],"c":1}')
      expect(rows.map(({ value }) => value)).toEqual([{ id: "1", email: null, name: null }])
    })
  )

  it.effect("returns a malformed customer as one row with its position and continues", () =>
    Effect.gen(function* () {
      const rows = yield* read('{"customers":[\n  {"customerId": "1",\n   "name": x},\n  7,\n  {"customerId":"3"}]}')
      expect(rows.map(({ byte, column, line, number, problem }) => [number, line, column, byte, problem])).toEqual([
        [1, 3, 12, 48, 'Expected a value, found "x"'],
        [2, 4, 3, 54, "Expected an object"],
        [3, 5, 3, 59, null]
      ])
    })
  )

  it.effect("returns customers without a comma between them as one row", () =>
    Effect.gen(function* () {
      const rows = yield* read('{"customers":[{} {}, {}]}')
      expect(rows.map(({ column, problem, value }) => [column, problem, value])).toMatchObject([
        [18, 'Expected the end, found "{"', "{} {}"],
        [22, null, {}]
      ])
    })
  )

  it.effect.each([
    ["nothing", "", "Unexpected end of the source", 1, 1],
    ["a list", '[{"customerId":"1"}]', 'Expected { "customers": [ … ] }', 1, 1],
    ["another object", '{"subscriptions":[]}', 'found no "customers"', 1, 21],
    ["customers that are not a list", '{\n"customers":{}}', "a list of", 2, 13],
    ["a file truncated between customers", '{"customers":[{"customerId":"1"},', "Unexpected end of the source", 1, 34],
    [
      "a file truncated inside a customer",
      '{"customers":[\n{"customerId":"1',
      "Unexpected end of the source in the customer that starts at line 2",
      2,
      17
    ],
    ["content after the end", '{"customers":[]} x', "Expected the end", 1, 18]
  ] as const)("fails with the position for %s", ([, text, message, line, column]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read(text))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Format", line, column })
      expect(error.message).toContain(message)
    })
  )

  it.effect("fails for UTF-16", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Stream.runDrain(stream(new Uint8Array([0xff, 0xfe, 0x7b, 0]))))
      expect(error).toMatchObject({ reason: "Encoding", byte: 0 })
    })
  )
})
