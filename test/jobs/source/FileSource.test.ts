import { describe, expect, it } from "@effect/vitest"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import * as FileSource from "../../../src/internal/jobs/source/FileSource.js"
import type { Format } from "../../../src/internal/jobs/source/Format.js"
import { collect, expectSameFromEachPosition, ids } from "./reread.js"

const utf8 = (text: string) => new TextEncoder().encode(text)

const snapshot = (bytes: Uint8Array, chunk: number, version = "1"): FileSource.Snapshot => ({
  version,
  size: bytes.length,
  read: (from, until) => {
    const part = bytes.subarray(from, until ?? bytes.length)
    return Stream.fromIterable(
      Arr.makeBy(Math.ceil(part.length / chunk), (i) => part.subarray(i * chunk, (i + 1) * chunk))
    )
  }
})

const opened = (format: Format, bytes: Uint8Array, chunk = 1_000_000) =>
  Effect.flatMap(FileSource.reading(format, [CustomerCsv.jobFormat]), (read) =>
    FileSource.make("customers", Effect.succeed(snapshot(bytes, chunk)), read)
  )

/** Contents made of pieces, in which good rows are likely and everything else is possible. */
const contents = (good: ReadonlyArray<string>, odd: ReadonlyArray<string>, start: string, end: string) =>
  FastCheck.record({
    mark: FastCheck.boolean(),
    pieces: FastCheck.array(
      FastCheck.oneof(
        { weight: 20, arbitrary: FastCheck.constantFrom(...good).map(utf8) },
        { weight: 10, arbitrary: FastCheck.constantFrom(...odd).map(utf8) },
        { weight: 1, arbitrary: FastCheck.string({ unit: "grapheme-ascii", maxLength: 5 }).map(utf8) },
        { weight: 1, arbitrary: FastCheck.uint8Array({ maxLength: 3 }) }
      ),
      { minLength: 5, maxLength: 15, size: "max" }
    ),
    chunk: FastCheck.constantFrom(1, 3, 7, 64, 100_000)
  }).map(({ chunk, mark, pieces }) => ({
    bytes: Uint8Array.from([
      ...(mark ? [0xef, 0xbb, 0xbf] : []),
      ...[utf8(start), ...pieces, utf8(end)].flatMap((piece) => [...piece])
    ]),
    chunk
  }))

const check = (format: Format, content: ReturnType<typeof contents>) =>
  Effect.gen(function* () {
    let positions = 0
    yield* Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(content, async ({ bytes, chunk }) => {
          const file = opened(format, bytes, chunk)
          // What cannot be read as a whole has no parts to compare.
          const isReadable = await Effect.runPromise(Effect.isSuccess(Effect.flatMap(file, collect)))
          if (!isReadable) return
          const rows = await Effect.runPromise(expectSameFromEachPosition(file))
          positions += rows.filter(({ position }) => position !== null).length
        }),
        { numRuns: 25 }
      )
    )
    expect(positions).toBeGreaterThan(30)
  })

describe("a part of a file has the rows of the whole file", () => {
  it.effect("in NDJSON", () =>
    check(
      { _tag: "Ndjson" },
      contents(
        ['{"id":"a"}\n', '{"id":"é€😀","name":null}\r\n', '  {"id":"b"} \n'],
        ["\n", " \t\r\n", '{"id":"c}\n', "[]\n", '{"id":', '"d"}', "\ufeff"],
        "",
        ""
      )
    )
  )

  it.effect("in CSV", () =>
    check(
      { _tag: "Csv" },
      contents(
        ["a,b,c\n", "é€😀,,x\r\n", '"d\n""e""\r\nf",g,h\n'],
        ['"i\n', 'j"k,,\n', "\n", " \r\n", "l,m\n", ",,\n", '"', '"",,\n', ",", "\r", "\ufeff"],
        "id,email,name\r\n",
        ""
      )
    )
  )

  it.effect("in CSV with JSON and another delimiter, after a header of several lines", () =>
    check(
      { _tag: "Csv", delimiter: ";", columns: { id: "the\nid", name: null, email: null } },
      contents(
        ["a;{};x\n", 'b;{"plan":1};y\n', '"c";"{""plan"":""x""}";z\r\n'],
        ["d;{;e\n", ";;\n", '"', "\n"],
        '"the\r\nid";metadata;metadata.plan\r\n',
        ""
      )
    )
  )

  it.effect("in a bulk file", () =>
    check(
      { _tag: "Bulk" },
      contents(
        ['{"customerId":"a"},', '\n  {"customerId":"é€😀","metadata":{"x":"]}"}},', '\r\n{"customerId":"b"}\n,'],
        ["5,", '{"customerId"},', "\n", " "],
        '{"version":[1,{"customers":2}],"customers":[',
        '{"customerId":"z"}], "more": [3]}\n'
      )
    )
  )
})

const good = ["a", "b", "c"].map((id) => JSON.stringify({ id })).join("\n")

describe("an open file", () => {
  it.effect("offers no position at a row with a problem", () =>
    Effect.gen(function* () {
      const rows = yield* collect(yield* opened({ _tag: "Ndjson" }, utf8('{"id":"a"}\n{\n{"id":"b"}')))
      expect(rows.map(({ position }) => position)).toEqual([
        { row: 1, line: 1, byte: 0, key: null },
        null,
        { row: 3, line: 3, byte: 13, key: null }
      ])
    })
  )

  it.effect("has the column in the position of a row that starts within a line", () =>
    Effect.gen(function* () {
      const text = '{"customers":[{"customerId":"a"},{"customerId":"b"}]}'
      const rows = yield* collect(yield* opened({ _tag: "Bulk" }, utf8(text)))
      expect(rows[1]?.position).toEqual({ row: 2, line: 1, column: 34, byte: 33, key: null })
    })
  )

  it.effect("reads nothing of the rows before a part, and nothing of those after it", () =>
    Effect.gen(function* () {
      const reads: Array<readonly [number, number | null]> = []
      const file = snapshot(utf8(good), 5)
      const read = yield* FileSource.reading({ _tag: "Ndjson" }, [])
      const source = yield* FileSource.make(
        "customers",
        Effect.succeed({
          ...file,
          read: (from, until) => {
            reads.push([from, until])
            return file.read(from, until)
          }
        }),
        read
      )
      const [, second, third] = yield* collect(source)
      expect(ids(yield* collect(source, second?.position, third?.position))).toEqual(["b"])
      expect(reads).toEqual([
        [0, null],
        [11, 22]
      ])
    })
  )

  it.effect("names the file in an error about its content", () =>
    Effect.gen(function* () {
      const source = yield* opened({ _tag: "Csv" }, utf8("id,email\n"))
      expect(yield* Effect.flip(collect(source))).toMatchObject({
        reason: "Header",
        path: "customers",
        message: expect.stringMatching(/^customers: There is no column "name"/) as unknown
      })
    })
  )

  it.effect("stays at its first version, and fails with Changed when it finds another", () =>
    Effect.gen(function* () {
      let version = "1"
      const read = yield* FileSource.reading({ _tag: "Ndjson" }, [])
      const source = yield* FileSource.make(
        "customers",
        Effect.sync(() => snapshot(utf8(good), 9, version)),
        read
      )
      expect(yield* source.version).toBe("1")
      version = "2"
      expect(yield* Effect.flip(source.version)).toMatchObject({ reason: "Changed", path: "customers" })
    })
  )

  it.effect("cannot have a format that the runner does not read", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(FileSource.reading({ _tag: "Csv" }, []))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Invalid" })
      expect(error.message).toContain("source.format: This runner has no reader for Csv")
    })
  )
})
