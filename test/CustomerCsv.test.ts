import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import { CustomerImport, Schemas } from "effect-stigg"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Arbitrary from "effect/Arbitrary"
import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { collect, make } from "./import/harness.js"

const customer = (more: Partial<Schemas.Customer> = {}): Schemas.Customer => ({
  ...Schema.decodeUnknownSync(Schemas.Customer)({
    id: "customer-acme",
    createdAt: "2026-06-13T10:00:00.000Z",
    updatedAt: "2026-06-13T10:00:00.000Z",
    archivedAt: null
  }),
  ...more
})

const written = (customers: ReadonlyArray<Schemas.Customer>, options?: CustomerCsv.EncodeOptions) =>
  Stream.mkString(CustomerCsv.encode(options)(Stream.fromIterable(customers)))

const utf8 = (text: string) => new TextEncoder().encode(text)

const decoded = (bytes: Uint8Array, options?: CustomerCsv.DecodeOptions, size = 1_000_000) =>
  Stream.fromIterable(Arr.makeBy(Math.ceil(bytes.length / size), (i) => bytes.subarray(i * size, (i + 1) * size))).pipe(
    CustomerCsv.decode(options),
    Stream.runCollect,
    Effect.map(Chunk.toReadonlyArray)
  )

const read = (text: string, options?: CustomerCsv.DecodeOptions, size?: number) => decoded(utf8(text), options, size)

const values = (rows: ReadonlyArray<CustomerImport.Row>) => rows.map(({ problem, value }) => problem ?? value)

describe("the writer", () => {
  it.effect("writes a header and one row per customer, each ending in CRLF", () =>
    Effect.gen(function* () {
      const rows = [customer({ email: "a@b.c" }), customer({ id: "2" })]
      expect(yield* written(rows, { columns: ["id", "email", "createdAt"] })).toBe(
        "id,email,createdAt\r\n" +
          "customer-acme,a@b.c,2026-06-13T10:00:00.000Z\r\n" +
          "2,,2026-06-13T10:00:00.000Z\r\n"
      )
    })
  )

  it.effect("writes a header when there are no customers, and no header when appending to a file", () =>
    Effect.gen(function* () {
      expect(yield* written([], { columns: ["id", "name"] })).toBe("id,name\r\n")
      expect(yield* written([customer()], { columns: ["id", "name"], header: false })).toBe("customer-acme,\r\n")
    })
  )

  it.effect("writes a file format with the same header and rows as a stream, with the same options", () =>
    Effect.gen(function* () {
      const rows = [customer({ name: "=1" }), customer({ id: "2" })]
      for (const options of [
        {},
        { columns: ["id", "name"], delimiter: ";" },
        { neutralizeFormulas: false },
        { header: false }
      ] as const) {
        const { header, rows: encode } = CustomerCsv.format(options)
        const text = yield* Stream.mkString(Stream.map(encode(Stream.fromIterable(rows)), String))
        expect(`${header === null ? "" : String(header)}${text}`).toBe(yield* written(rows, options))
      }
      expect(CustomerCsv.format({ header: false }).header).toBeNull()
    })
  )

  it.effect("quotes cells that need it and doubles the quotes inside", () =>
    Effect.gen(function* () {
      const names = ["a,b", 'say "a"', "a\nb", "a\rb", "a\r\nb", " a ", "a;b"]
      const text = yield* written(
        names.map((name) => customer({ name })),
        { columns: ["name"], header: false }
      )
      expect(text).toBe('"a,b"\r\n"say ""a"""\r\n"a\nb"\r\n"a\rb"\r\n"a\r\nb"\r\n a \r\na;b\r\n')
    })
  )

  it.effect("flattens by path: a metadata key with dots, a list item, a nested field", () =>
    Effect.gen(function* () {
      const one = customer({
        metadata: { plan: "gold", "a.b": "dots", constructor: "own" },
        integrations: [{ id: "crm", syncedEntityId: "hs-1", vendorIdentifier: "HUBSPOT" }],
        defaultPaymentMethod: {
          type: "CARD",
          billingId: "pm_1",
          cardLast4Digits: "4242",
          cardExpiryMonth: 1,
          cardExpiryYear: 2030
        }
      })
      const columns = [
        "metadata.plan",
        "metadata.a.b",
        "metadata.constructor",
        "metadata.toString",
        "integrations.0.syncedEntityId",
        "integrations.1.id",
        "defaultPaymentMethod.cardExpiryYear",
        "metadata"
      ] as const
      expect(yield* written([one], { columns, header: false })).toBe(
        'gold,dots,own,,hs-1,,2030,"{""plan"":""gold"",""a.b"":""dots"",""constructor"":""own""}"\r\n'
      )
    })
  )

  it.effect("has a column for every field of a customer by default", () =>
    Effect.gen(function* () {
      const fields = new Set(CustomerCsv.defaultColumns.map((column) => column.split(".")[0]))
      expect([...fields].sort()).toEqual(Object.keys(customer()).sort())
      const [header, row] = (yield* written([customer()])).split("\r\n")
      expect(row?.split(",")).toHaveLength(header?.split(",").length ?? 0)
    })
  )

  it.effect.each(["=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "＝1"])(
    "prefixes %j with an apostrophe unless disabled",
    (name) =>
      Effect.gen(function* () {
        const bare = (text: string) => text.replace(/^"|"?\r\n$/g, "")
        const options = { columns: ["name"], header: false } as const
        expect(bare(yield* written([customer({ name })], options))).toBe(`'${name}`)
        expect(bare(yield* written([customer({ name })], { ...options, neutralizeFormulas: false }))).toBe(name)
      })
  )

  it.effect("also escapes formulas in metadata", () =>
    Effect.gen(function* () {
      const one = customer({ metadata: { "=cmd": "=2" } })
      expect(yield* written([one], { columns: ["metadata.=cmd"] })).toBe("metadata.=cmd\r\n'=2\r\n")
    })
  )
})

describe("the reader", () => {
  it.effect("finds columns by name in any order and ignores other columns", () =>
    Effect.gen(function* () {
      const rows = yield* read("x,name,id,email,billingId\r\n1,Acme,a,a@b.c,cus_1\r\n2,,b,,\r\n")
      expect(values(rows)).toEqual([
        { id: "a", name: "Acme", email: "a@b.c", billingId: "cus_1" },
        { id: "b", name: null, email: null }
      ])
      expect(rows.map(({ byte, line, number }) => [number, line, byte])).toEqual([
        [1, 2, 27],
        [2, 3, 49]
      ])
    })
  )

  it.effect("maps columns with other names, including metadata keys", () =>
    Effect.gen(function* () {
      const columns = { id: "Account", email: "E-Mail", name: null, metadata: { plan: "Plan" } }
      const rows = yield* read("Account;E-Mail;Plan;name\na;a@b.c;gold;x\n", { columns, delimiter: ";" })
      expect(values(rows)).toEqual([{ id: "a", email: "a@b.c", name: null, metadata: { plan: "gold" } }])
    })
  )

  it.effect("reads metadata from a JSON column and from one column per key", () =>
    Effect.gen(function* () {
      const rows = yield* read(
        'id,name,email,metadata,metadata.b\na,,,"{""a"":""1"",""__proto__"":""p""}",2\nb,,,,\nc,,,x,\n'
      )
      expect(JSON.stringify(values(rows)[0])).toContain('"metadata":{"a":"1","__proto__":"p","b":"2"}')
      expect(values(rows).slice(1)).toEqual([
        { id: "b", name: null, email: null, metadata: {} },
        "Expected a JSON object in the column metadata"
      ])
    })
  )

  it.effect(
    "reads quoted cells with delimiters, quotes, and line breaks, a byte order mark, and no trailing line break",
    () =>
      Effect.gen(function* () {
        const rows = yield* read('\u{feff}"id",name,email\r\na,"x, ""y""\r\nz",\r\n\r\nb,2,')
        expect(values(rows)).toEqual([
          { id: "a", name: 'x, "y"\nz', email: null },
          { id: "b", name: "2", email: null }
        ])
        expect(rows.map(({ line }) => line)).toEqual([2, 5])
      })
  )

  it.effect("returns a broken record as one row with its line and reads all later records", () =>
    Effect.gen(function* () {
      const lines = ["id,name,email", "a,1,", 'b,"2"x,', "c,3,", 'd,4"5,', "e,6,,7", "f,8", 'g,"9,', "h,10,", 'i,"11",']
      const rows = yield* read(lines.join("\n"))
      expect(rows.map(({ line, problem, value }) => [line, problem ?? (value as { readonly id: string }).id])).toEqual([
        [2, "a"],
        [3, "A quote in this line is misplaced"],
        [4, "c"],
        [5, expect.stringContaining("quote")],
        [6, "Expected 3 cells as in the header, found 4"],
        [7, "Expected 3 cells as in the header, found 2"],
        [8, expect.stringContaining("quote")],
        [9, "h"],
        [10, "i"]
      ])
    })
  )

  it.effect(
    "returns an unclosed quote as one row and the lines after it as rows of their own, however many there are",
    () =>
      Effect.gen(function* () {
        const many = Array.from({ length: 60_000 }, (_, i) => `c-${i},Name of ${i},`)
        const rows = yield* read(`id,name,email\na,"open,\n${many.join("\n")}`, {}, 65_536)
        expect(rows).toHaveLength(60_001)
        expect(
          rows.filter(({ problem }) => problem !== null).map(({ byte, column, line }) => [line, column, byte])
        ).toEqual([[2, 3, 14]])
      }),
    20_000
  )

  it.effect("stops looking for the end of an unclosed quote after 1 MiB, not at the end of the file", () =>
    Effect.gen(function* () {
      let read = 0
      const lines = utf8("c,3,\n".repeat(10_000))
      const endless = Stream.repeatValue(lines).pipe(
        Stream.rechunk(1),
        Stream.tap(() => Effect.sync(() => (read += lines.length)))
      )
      const bytes = Stream.concat(Stream.make(utf8('id,name,email\na,"open,\n')), endless)
      const rows = yield* bytes.pipe(CustomerCsv.decode(), Stream.take(2), Stream.runCollect)
      expect(Chunk.toReadonlyArray(rows).map(({ line, problem }) => [line, problem])).toEqual([
        [2, expect.stringContaining("not closed within 1048576 bytes")],
        [3, null]
      ])
      expect(read).toBeLessThan(1.5 * 2 ** 20)
    })
  )

  it.effect("returns a line that is not UTF-8 as one row with its position", () =>
    Effect.gen(function* () {
      const latin1 = Uint8Array.from([...utf8("id,name,email\na,1,\nb,"), 0xfc, ...utf8(",\nc,3,\n")])
      const rows = yield* decoded(latin1)
      expect(rows.map(({ byte, column, line, problem }) => [line, column, byte, problem])).toEqual([
        [2, 1, 14, null],
        [3, 3, 21, "The byte 0xfc is not UTF-8"],
        [4, 1, 24, null]
      ])
    })
  )

  it.effect.each([1, 2, 5, 11])("reads the same rows from chunks of %i bytes", (size) =>
    Effect.gen(function* () {
      const text = '\u{feff}id,name,email\r\nä,"1\r\n2",\r\nb,"2"x,\n\nc,"3"""\n,\nd,"4,\ne,5,'
      expect(yield* read(text, {}, size)).toEqual(yield* read(text))
    })
  )

  it.effect.each([
    ["without the id column", "name,email\na,b\n", {}, /no column "id" for id among "name", "email"/],
    ["without the email column", "id,name\na,b\n", {}, /no column "email"/],
    ["without a mapped column", "id,name,email\n", { columns: { id: "Account" } }, /no column "Account" for id/],
    ["with a column twice", "id,name,id,email\n", {}, /column id appears twice/],
    ["without a header", "\n\n", {}, /no header row/],
    ["that is empty", "", {}, /no header row/],
    ["with a malformed header", 'id,"name,email\na,b,c\n', {}, /quote/]
  ] as const)("fails with Header and the position for a file %s", ([, text, options, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read(text, options))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Header", line: 1, column: 1, byte: 0 })
      expect(error.message).toMatch(message)
    })
  )

  it.effect.each([
    ["id;email;name\n", {}, 'not split by the delimiter ",", but contains ";". Set the option `delimiter: ";"`'],
    ["id\temail\tname\n", {}, 'contains "\\t". Set the option `delimiter: "\\t"`'],
    ["id|email|name\n", {}, 'contains "|". Set the option `delimiter: "|"`'],
    ["id,email,name\n", { delimiter: ";" }, 'delimiter ";", but contains ",". Set the option `delimiter: ","`'],
    ["id;metadata.a|b;name\n", {}, 'Set the option `delimiter: ";"`'],
    ['"id";"email";"name"\n', {}, 'Set the option `delimiter: ";"`'],
    ["id;email;name\n", { columns: { id: "Account" } }, 'Set the option `delimiter: ";"`']
  ] as const)("names the delimiter of the header %j, read with %j", ([text, options, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read(text, options))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Header" })
      expect(error.message).toContain(message)
    })
  )

  it.effect.each(["id\n", "a;b,id,name\n", '"a";"b",id,name\n'])(
    "does not suggest a delimiter for the header %j",
    (text) =>
      Effect.gen(function* () {
        expect((yield* Effect.flip(read(text))).message).not.toContain("delimiter")
      })
  )

  it.effect("reads a file with the delimiter that the message names", () =>
    Effect.gen(function* () {
      const text = '"id";"email";"name"\na;a@b.c;"A;B"\n'
      const [, delimiter = ""] = /delimiter: "(.)"/.exec((yield* Effect.flip(read(text))).message) ?? []
      expect(values(yield* read(text, { delimiter }))).toEqual([{ id: "a", email: "a@b.c", name: "A;B" }])
    })
  )

  it.effect("fails with Encoding for UTF-16", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(decoded(new Uint8Array([0xff, 0xfe, 0x69, 0])))).toMatchObject({ reason: "Encoding" })
    })
  )

  it.effect("removes the writer's apostrophe unless disabled", () =>
    Effect.gen(function* () {
      const text = "id,name,email\na,'=1,\nb,''=1,\nc,'quoted',\n"
      expect(values(yield* read(text))).toMatchObject([{ name: "=1" }, { name: "'=1" }, { name: "'quoted'" }])
      expect(values(yield* read(text, { neutralizeFormulas: false }))).toMatchObject([
        { name: "'=1" },
        { name: "''=1" },
        { name: "'quoted'" }
      ])
    })
  )
})

describe("a written file", () => {
  const arbitrary = FastCheck.array(Arbitrary.make(Schemas.Customer), { maxLength: 5 })
  /** UTF-8 cannot encode lone surrogates, CRLF inside a cell becomes LF, and CSV cannot represent an empty string. */
  const normal = (text: string | null) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8(text ?? "")).replace(/\r\n/g, "\n") || null

  it.effect(
    "reads back unchanged, whatever a customer contains",
    () =>
      Effect.promise(() =>
        FastCheck.assert(
          FastCheck.asyncProperty(arbitrary, async (customers) => {
            const texts = customers.map((one) => ({ ...one, id: `id${one.id}` }))
            const rows = await Effect.runPromise(Effect.flatMap(written(texts), (text) => read(text, {}, 1000)))
            expect(rows.map(({ value }) => value)).toMatchObject(
              texts.map(({ email, id, metadata, name }) => ({
                id: normal(id),
                name: normal(name),
                email: normal(email),
                metadata: JSON.parse(JSON.stringify(metadata)) as unknown
              }))
            )
          }),
          { numRuns: 100, seed: 1 }
        )
      ),
    30_000
  )

  it.scoped("imports from a file except for a broken row", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/customers.csv`
      const customers = [customer({ id: "a" }), customer({ id: "b", name: "=HYPERLINK(1)" }), customer({ id: "/" })]
      yield* files.writeFileString(path, yield* written(customers))
      const { rejected, summary } = yield* collect(CustomerImport.run(CustomerCsv.read(path)))
      expect(summary).toMatchObject({ rows: 3, created: 2, rejected: 1 })
      expect(rejected).toMatchObject([{ row: 3, line: 4, reason: "Invalid", field: "id" }])
      const missing = yield* Effect.flip(Stream.runDrain(CustomerCsv.read(`${path}.not`)))
      expect(missing).toMatchObject({ reason: "NotFound" })
    }).pipe(Effect.provide([layer, NodeFileSystem.layer]))
  })
})
