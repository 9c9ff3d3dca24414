import { describe, expect, it } from "@effect/vitest"
import { CustomerImport } from "effect-stigg"
import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const utf8 = (text: string) => new TextEncoder().encode(text)
const join = (...parts: ReadonlyArray<Uint8Array>) => Uint8Array.from(parts.flatMap((part) => [...part]))

/** Bytes in chunks of a given size. */
const chunked = (bytes: Uint8Array, size: number) =>
  Stream.fromIterable(Arr.makeBy(Math.ceil(bytes.length / size), (i) => bytes.subarray(i * size, (i + 1) * size)))

const read = (bytes: Uint8Array, size = 1_000_000) =>
  Effect.map(Stream.runCollect(CustomerImport.fromNdjson(chunked(bytes, size))), Chunk.toReadonlyArray)

const problems = (rows: ReadonlyArray<CustomerImport.Row>) =>
  rows
    .filter(({ problem }) => problem !== null)
    .map(({ byte, column, line, number, problem }) => ({ number, line, column, byte, problem }))

describe("NDJSON", () => {
  it.effect("has one object per line, numbered", () =>
    Effect.gen(function* () {
      const rows = yield* read(utf8('{"id":"a"}\n{"id":"b"}\n'))
      expect(rows.map(({ byte, line, number, problem, value }) => [number, line, byte, value, problem])).toEqual([
        [1, 1, 0, { id: "a" }, null],
        [2, 2, 11, { id: "b" }, null]
      ])
    })
  )

  it.effect("skips blank lines, which count as lines but not as rows", () =>
    Effect.gen(function* () {
      const rows = yield* read(utf8('\n{"id":"a"}\r\n \t\r\n\n{"id":"b"}'))
      expect(rows.map(({ line, number, value }) => [number, line, value])).toEqual([
        [1, 2, { id: "a" }],
        [2, 5, { id: "b" }]
      ])
    })
  )

  it.effect("can have a byte order mark, CRLF, and no line feed at the end", () =>
    Effect.gen(function* () {
      const rows = yield* read(join(new Uint8Array([0xef, 0xbb, 0xbf]), utf8('{"id":"ä"}\r\n{"id":"b"}')))
      expect(rows.map(({ byte, problem, value }) => [value, byte, problem])).toEqual([
        [{ id: "ä" }, 3, null],
        [{ id: "b" }, 16, null]
      ])
    })
  )

  it.effect.each([1, 2, 3, 7, 64])("reads the same rows from chunks of %i bytes", (size) =>
    Effect.gen(function* () {
      const bytes = join(
        new Uint8Array([0xef, 0xbb, 0xbf]),
        utf8('{"id":"ä€😀"}\r\n\n{"id":"b}\n{"id":"c"}\n'),
        new Uint8Array([0x7b, 0xff, 0x7d, 0x0a]),
        utf8('{"id":"d"}')
      )
      expect(yield* read(bytes, size)).toEqual(yield* read(bytes))
    })
  )

  it.effect.each([
    ['{"id":"a"', 10, "Expected ',' or '}', found the end"],
    ['{"id":"a}', 10, "Expected the rest of a string, found the end"],
    ['{"id":a}', 7, 'Expected a value, found "a"'],
    ['{"id" "a"}', 7, 'Expected \':\', found "\\""'],
    ['{"id":"a",}', 11, 'Expected a name, found "}"'],
    ['{"id":[1,2}', 11, "Expected ',' or ']', found \"}\""],
    ['{"id":"a"} {}', 12, 'Expected the end, found "{"'],
    ["{'id':1}", 2, "Expected a name or '}', found \"'\""],
    ['{"id":"\\x"}', 8, 'Expected the rest of a string, found "\\\\"'],
    ['{"id":01}', 8, "Expected ',' or '}', found \"1\""],
    ['"a"', 1, "Expected an object"],
    ["[]", 1, "Expected an object"],
    ["null", 1, "Expected an object"]
  ] as const)("returns a malformed line %s as one row with its position and continues", ([text, column, problem]) =>
    Effect.gen(function* () {
      const rows = yield* read(utf8(`{"id":"1"}\n${text}\n{"id":"3"}\n`))
      expect(rows).toHaveLength(3)
      expect(problems(rows)).toEqual([{ number: 2, line: 2, column, byte: 10 + column, problem }])
      expect(rows[1]?.value).toBe(text)
    })
  )

  it.effect("reports where a line is not UTF-8, in characters and in bytes", () =>
    Effect.gen(function* () {
      const rows = yield* read(join(utf8('{"id":"1"}\n{"id":"ü'), new Uint8Array([0xe4]), utf8('"}\n{"id":"3"}\n')))
      expect(problems(rows)).toEqual([
        { number: 2, line: 2, column: 9, byte: 20, problem: "The byte 0xe4 is not UTF-8" }
      ])
      expect(rows[2]?.value).toEqual({ id: "3" })
    })
  )

  it.effect("counts bytes, not characters, before an error that follows non-ASCII text", () =>
    Effect.gen(function* () {
      const rows = yield* read(utf8('{"id":"😀",}\n'))
      expect(problems(rows)).toMatchObject([{ column: 12, byte: 13 }])
    })
  )

  it.effect("returns a line longer than 1 MiB as one row and does not keep its content", () =>
    Effect.gen(function* () {
      const long = utf8(`{"id":"${"x".repeat(3_000_000)}"}`)
      const rows = yield* read(join(utf8('{"id":"1"}\n'), long, utf8('\n{"id":"3"}\n')), 65_536)
      expect(problems(rows)).toEqual([
        { number: 2, line: 2, column: null, byte: 11, problem: "The line has 3000009 bytes, more than 1048576" }
      ])
      expect(String(rows[1]?.value)).toHaveLength(200)
      expect(rows[2]).toMatchObject({ number: 3, line: 3, byte: 11 + 3_000_009 + 1, value: { id: "3" } })
    })
  )

  it.effect("treats a line nested a hundred thousand levels deep as malformed", () =>
    Effect.gen(function* () {
      const rows = yield* read(utf8(`${"[".repeat(100_000)}\n{"id":"2"}`))
      expect(problems(rows)).toMatchObject([{ line: 1, column: 100_001 }])
    })
  )

  it.effect.each([
    ["little", [0xff, 0xfe, 0x7b, 0x00]],
    ["big", [0xfe, 0xff, 0x00, 0x7b]]
  ] as const)("fails for UTF-16, %s endian", ([, bytes]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read(new Uint8Array(bytes)))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Encoding", line: 1, column: 1, byte: 0 })
    })
  )

  it.effect("detects the UTF-16 mark only at the start: elsewhere it makes the line malformed", () =>
    Effect.gen(function* () {
      // The chunks end with the lines.
      const rows = yield* read(
        join(utf8('{"a":1}\n'), new Uint8Array([0xff, 0xfe, 0x7b, 0x7d, 0x31, 0x32, 0x33, 0x0a])),
        8
      )
      expect(problems(rows)).toEqual([
        { number: 2, line: 2, column: 1, byte: 8, problem: "The byte 0xff is not UTF-8" }
      ])
    })
  )

  it.effect("keeps a __proto__ key", () =>
    Effect.gen(function* () {
      const rows = yield* read(utf8('{"id":"a","metadata":{"__proto__":"x"}}'))
      expect(JSON.stringify(rows[0]?.value)).toContain('"__proto__":"x"')
    })
  )
})
