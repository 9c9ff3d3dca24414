import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { describe, expect, it } from "@effect/vitest"
import { CustomerImport } from "effect-stigg"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import * as Str from "effect/String"
import { randomUUID } from "node:crypto"
import * as SourceOpeners from "../../../src/internal/jobs/source/SourceOpeners.js"
import type { RowsOptions } from "../../../src/jobs/Source.js"
import { rows } from "../../../src/internal/jobs/source/SqlRows.js"
import { collect as collectEvents, make } from "../../import/harness.js"
import { collect, expectSameFromEachPosition, ids } from "./reread.js"

const postgresUrl = process.env["STIGG_TEST_POSTGRES_URL"] ?? ""
const isMissing = postgresUrl === ""
if (isMissing && process.env["CI"] === "true") throw new Error("CI needs a Postgres: set STIGG_TEST_POSTGRES_URL")

type Database = Layer.Layer<SqlClient.SqlClient, SqlError | ConfigError>

const sqlite = (options: Partial<LibsqlClient.LibsqlClientConfig.Full>): Database =>
  Layer.unwrapScoped(
    Effect.map(
      Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()),
      (folder) => LibsqlClient.layer({ url: `file:${folder}/rows.db`, ...options })
    ).pipe(Effect.provide(NodeFileSystem.layer), Effect.orDie)
  )

const postgres = (options: Partial<PgClient.PgClientConfig> = {}): Database =>
  PgClient.layer({ url: Redacted.make(postgresUrl), maxConnections: 2, ...options })

const names = { transformQueryNames: Str.camelToSnake, transformResultNames: Str.snakeToCamel }

const databases: ReadonlyArray<readonly [name: string, isSkipped: boolean, database: Database]> = [
  ["SQLite, integers as numbers", false, sqlite({})],
  ["SQLite, integers as bigints", false, sqlite({ intMode: "bigint" })],
  ["SQLite, integers as strings, and names transformed", false, sqlite({ intMode: "string", ...names })],
  ["Postgres (skipped without STIGG_TEST_POSTGRES_URL)", isMissing, postgres()],
  ["Postgres, and names transformed (skipped without STIGG_TEST_POSTGRES_URL)", isMissing, postgres(names)]
]

const open = (options: Partial<RowsOptions>, name = "customers") =>
  SourceOpeners.openers([rows({ name: "customers", from: "customers", key: "id", ...options })])({ _tag: "Rows", name })

/** A table with the given columns, and rows. It is dropped at the end. */
const table = (
  columns: string,
  records: ReadonlyArray<Readonly<Record<string, string | number | bigint | null>>> = []
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const name = `customers_${randomUUID().replaceAll("-", "")}`
    yield* Effect.acquireRelease(sql`create table ${sql(name)} (${sql.literal(columns)})`.withoutTransform, () =>
      Effect.orDie(sql`drop table ${sql(name)}`.withoutTransform)
    )
    for (const record of records) {
      const keys = Object.keys(record).map((key) => `"${key}"`)
      const values = sql.csv(Object.values(record).map((value) => sql`${value}`))
      yield* sql`insert into ${sql(name)} (${sql.literal(keys.join(", "))}) values ${sql.literal("(")}${values}${sql.literal(")")}`
        .withoutTransform
    }
    return name
  })

const none = { name: null, email: null }

describe.each(databases)("rows of %s", (name, isSkipped, database) => {
  const isExact = !name.includes("numbers")

  describe.skipIf(isSkipped)("a table", () => {
    it.live("is read from any position, whatever the size of a page", () =>
      Effect.gen(function* () {
        const from = yield* table(
          "id bigint primary key, name text, email text",
          Array.from({ length: 7 }, (_, i) => ({ id: (i - 2) * 10, name: `n${i}`, email: null }))
        )
        for (const pageSize of [1, 2, 3, 6, 7, 8]) {
          const found = yield* expectSameFromEachPosition(open({ from, pageSize }))
          expect(ids(found)).toEqual(["-20", "-10", "0", "10", "20", "30", "40"])
        }
      }).pipe(Effect.scoped, Effect.provide(database))
    )

    it.live("can have texts as keys, in the order of the database", () =>
      Effect.gen(function* () {
        const keys = ["", "10", "2", "Z", "a", "a'b", 'a"b', "é", "日本", "😀"]
        const from = yield* table(
          "id text primary key, name text, email text",
          keys.map((id) => ({ id, name: null, email: null }))
        )
        const found = yield* expectSameFromEachPosition(open({ from, pageSize: 3 }))
        expect(new Set(ids(found))).toEqual(new Set(keys))
      }).pipe(Effect.scoped, Effect.provide(database))
    )

    it.live("has the columns of the database, also where the client has other names for them", () =>
      Effect.gen(function* () {
        const columns = 'account_id text primary key, "Full Name" text, "billingId" integer, changed_at text, plan text'
        const from = yield* table(columns, [
          { account_id: "a", "Full Name": "Acme", billingId: 7, changed_at: "2026-06-13T10:00:00Z", plan: "gold" },
          { account_id: "b", "Full Name": null, billingId: null, changed_at: null, plan: null }
        ])
        const found = yield* collect(
          yield* open({
            from,
            key: "account_id",
            columns: {
              id: "account_id",
              name: "Full Name",
              email: null,
              updatedAt: "changed_at",
              metadata: { tier: "plan" }
            }
          })
        )
        expect(found.map(({ row }) => row)).toEqual([
          {
            ...{ number: 1, line: null, column: null, byte: null, problem: null },
            value: {
              id: "a",
              name: "Acme",
              email: null,
              billingId: "7",
              updatedAt: "2026-06-13T10:00:00Z",
              metadata: { tier: "gold" }
            }
          },
          {
            ...{ number: 2, line: null, column: null, byte: null, problem: null },
            value: { id: "b", name: null, email: null, metadata: {} }
          }
        ])
      }).pipe(Effect.scoped, Effect.provide(database))
    )

    it.live("can be a query", () =>
      Effect.gen(function* () {
        const from = yield* table("id integer primary key, active integer, name text", [
          { id: 1, active: 1, name: "a" },
          { id: 2, active: 0, name: "b" },
          { id: 3, active: 1, name: "c" }
        ])
        const found = yield* expectSameFromEachPosition(
          open({
            from: (sql) => sql`select id, name as label from ${sql(from)} where active = ${1}`,
            columns: { name: "label", email: null },
            pageSize: 1
          })
        )
        expect(found.map(({ row }) => row.value)).toEqual([
          { id: "1", name: "a", email: null },
          { id: "3", name: "c", email: null }
        ])
      }).pipe(Effect.scoped, Effect.provide(database))
    )

    it.live("can be empty", () =>
      Effect.gen(function* () {
        const from = yield* table("id integer primary key")
        expect(yield* collect(yield* open({ from }))).toEqual([])
      }).pipe(Effect.scoped, Effect.provide(database))
    )

    it.live("has metadata in a JSON column; what is no JSON object is a problem of its row", () =>
      Effect.gen(function* () {
        const from = yield* table("id integer primary key, name text, email text, metadata text", [
          { id: 1, ...none, metadata: '{"plan":"gold"}' },
          { id: 2, ...none, metadata: "gold" },
          { id: 3, ...none, metadata: null }
        ])
        const found = yield* expectSameFromEachPosition(open({ from }))
        expect(found.map(({ row: { problem, value } }) => problem ?? value)).toEqual([
          { id: "1", ...none, metadata: { plan: "gold" } },
          "Expected a JSON object in the column metadata",
          { id: "3", ...none, metadata: {} }
        ])
        expect(found[1]?.row.value).toBe("2, , , gold")
      }).pipe(Effect.scoped, Effect.provide(database))
    )

    it.live("fails for a key that is null or repeated, even where a page ends", () =>
      Effect.gen(function* () {
        const repeated = yield* table(
          "id integer, name text, email text",
          [1, 2, 2, 3].map((id) => ({ id, ...none }))
        )
        for (const pageSize of [1, 2, 3, 10]) {
          const error = yield* Effect.flip(collect(yield* open({ from: repeated, pageSize })))
          expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Format" })
          expect(error.message).toMatch(/^The rows customers: The key "?2"? of the column id is not unique$/)
        }
        const nulls = yield* table(
          "id integer, name text, email text",
          [1, 2, null].map((id) => ({ id, ...none }))
        )
        const error = yield* Effect.flip(collect(yield* open({ from: nulls, pageSize: 1 })))
        expect(error).toMatchObject({ reason: "Format", message: "The rows customers: The key column id has nulls" })
      }).pipe(Effect.scoped, Effect.provide(database))
    )

    it.live("fails for a missing table, and for a missing column, which it names", () =>
      Effect.gen(function* () {
        const missing = yield* Effect.flip(collect(yield* open({ from: "no_such_table" })))
        expect(missing).toMatchObject({
          reason: "Unreadable",
          message: expect.stringMatching(/no_such_table/) as unknown
        })
        const from = yield* table("id integer primary key, name text", [{ id: 1, name: "a" }])
        const column = yield* Effect.flip(collect(yield* open({ from })))
        expect(column.reason).toBe("Header")
        expect(column.message).toContain('The rows customers: There is no column "email" for email among "id", "name"')
      }).pipe(Effect.scoped, Effect.provide(database))
    )

    it.live("has no version, and its rows are those of the moment", () =>
      Effect.gen(function* () {
        const from = yield* table(
          "id integer primary key, name text, email text",
          [1, 2, 4].map((id) => ({ id, ...none }))
        )
        const source = yield* open({ from })
        expect(yield* source.version).toBe(null)
        const [, second, fourth] = yield* collect(source)
        const sql = yield* SqlClient.SqlClient
        yield* sql`insert into ${sql(from)} (id) values (3)`.withoutTransform
        // A part ends at a key, not after a number of rows: the new row is in it, and no row is in two parts.
        expect(ids(yield* collect(source, second?.position, fourth?.position))).toEqual(["2"])
        expect(ids(yield* collect(source, fourth?.position))).toEqual(["3", "4"])
      }).pipe(Effect.scoped, Effect.provide(database))
    )

    it.live("is imported", () => {
      const { layer } = make()
      return Effect.gen(function* () {
        const from = yield* table(
          "id text primary key, name text, email text",
          Array.from({ length: 20 }, (_, i) => ({ id: `customer-${i}`, name: `n${i}`, email: i === 3 ? "no" : null }))
        )
        const source = yield* open({ from, pageSize: 7 })
        const { rejected, summary } = yield* collectEvents(
          CustomerImport.run(Stream.map(source.rows(null), ({ row }) => row))
        )
        expect(summary).toMatchObject({ rows: 20, created: 19, rejected: 1 })
        expect(rejected).toMatchObject([{ reason: "Invalid", field: "email" }])
      }).pipe(Effect.scoped, Effect.provide([database, layer]))
    })

    it.live("has the same rows from any position, whatever the keys", () =>
      Effect.gen(function* () {
        const runtime = yield* Effect.runtime<SqlClient.SqlClient>()
        yield* Effect.promise(() =>
          FastCheck.assert(
            FastCheck.asyncProperty(
              FastCheck.uniqueArray(
                isExact ? FastCheck.bigInt(-(2n ** 63n), 2n ** 63n - 1n) : FastCheck.maxSafeInteger().map(BigInt),
                { maxLength: 8 }
              ),
              FastCheck.integer({ min: 1, max: 4 }),
              (keys, pageSize) =>
                Effect.gen(function* () {
                  const from = yield* table(
                    "id bigint primary key",
                    keys.map((id) => ({ id }))
                  )
                  const found = yield* expectSameFromEachPosition(open({ from, pageSize, columns: none }))
                  const inOrder = [...keys].sort((a, b) => (a < b ? -1 : 1))
                  expect(ids(found)).toEqual(inOrder.map(String))
                }).pipe(Effect.scoped, Runtime.runPromise(runtime))
            ),
            { numRuns: 15 }
          )
        )
      }).pipe(Effect.provide(database))
    )
  })
})

describe.skipIf(isMissing)("rows of Postgres (skipped without STIGG_TEST_POSTGRES_URL)", () => {
  it.live("can have a uuid as key, timestamps with a zone, and metadata in a jsonb column", () =>
    Effect.gen(function* () {
      const from = yield* table("key uuid primary key, id bigint, changed timestamptz, metadata jsonb", [
        { key: "00000000-0000-0000-0000-00000000000b", id: 2n ** 60n, changed: "infinity", metadata: "{}" },
        {
          key: "00000000-0000-0000-0000-00000000000a",
          id: 1,
          changed: "2026-06-13T12:00:00+02:00",
          metadata: '{"a":"b"}'
        }
      ])
      const columns = { name: null, email: null, updatedAt: "changed" }
      const found = yield* expectSameFromEachPosition(open({ from, key: "key", columns, pageSize: 1 }))
      expect(found.map(({ row }) => row.value)).toEqual([
        { id: "1", ...none, updatedAt: "2026-06-13T10:00:00.000Z", metadata: { a: "b" } },
        { id: "1152921504606846976", ...none, updatedAt: "Infinity", metadata: {} }
      ])
    }).pipe(Effect.scoped, Effect.provide(postgres()))
  )
})

describe("rows", () => {
  it.live("are found by their name", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(open({}, "others"))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Invalid" })
      expect(error.message).toBe("source: Expected a source that this runner opens (Rows customers), found Rows others")
    }).pipe(Effect.scoped, Effect.provide(sqlite({})))
  )

  it.live("fail for an integer key that a client cannot read exactly", () =>
    Effect.gen(function* () {
      const from = yield* table("id integer primary key", [{ id: 2n ** 53n + 1n }])
      expect(yield* Effect.flip(collect(yield* open({ from, columns: none })))).toMatchObject({ reason: "Unreadable" })
    }).pipe(Effect.scoped, Effect.provide(sqlite({})))
  )

  it.live("fail for a key of another type", () =>
    Effect.gen(function* () {
      const from = yield* table("id real primary key", [{ id: 1.5 }])
      const error = yield* Effect.flip(collect(yield* open({ from, columns: none })))
      expect(error.message).toBe("The rows customers: Expected a text or an integer in the key column id, found 1.5")
    }).pipe(Effect.scoped, Effect.provide(sqlite({})))
  )

  it.live("refuse a page without rows", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(open({ pageSize: 0 }))
      expect(error).toMatchObject({ reason: "Invalid" })
      expect(error.message).toContain("The rows customers: pageSize: Expected")
    }).pipe(Effect.provide(sqlite({})))
  )

  it.live("refuse a position whose key is not one", () =>
    Effect.gen(function* () {
      const from = yield* table("id integer primary key")
      const position = { row: 1, line: null, byte: null, key: "x" }
      expect(yield* Effect.flip(collect(yield* open({ from }), position))).toMatchObject({ reason: "Invalid" })
    }).pipe(Effect.scoped, Effect.provide(sqlite({})))
  )
})
