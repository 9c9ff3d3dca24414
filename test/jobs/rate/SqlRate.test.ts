import * as Reactivity from "@effect/experimental/Reactivity"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@effect/sql/Statement"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { randomUUID } from "node:crypto"
import { FleetRate } from "../../../src/jobs/FleetRate.js"
import { rateSql } from "../../../src/internal/jobs/rate/SqlRate.js"
import * as Door from "../../Door.js"
import { describeStore } from "./sharedStore.js"

const postgresUrl = process.env["STIGG_TEST_POSTGRES_URL"] ?? ""
const isMissing = postgresUrl === ""
if (isMissing && process.env["CI"] === "true") throw new Error("CI needs a Postgres: set STIGG_TEST_POSTGRES_URL")

const file = Effect.map(
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped()),
  (folder) => `file:${folder}/rate.db`
).pipe(Effect.provide(NodeFileSystem.layer))

const sqlite = (url: string) => LibsqlClient.layer({ url, intMode: "bigint" })

const postgres = (url: string) =>
  PgClient.layer({ url: Redacted.make(url), maxConnections: 4, connectTimeout: "30 seconds" })

// One client for all runners: after `SQLITE_BUSY`, a connection of libsql does not commit until a garbage collection, see
// https://github.com/tursodatabase/libsql-client-ts/issues/352.
describeStore(
  "the rate of runners that share a client of SQLite",
  false,
  Effect.gen(function* () {
    const url = yield* file
    const client = Context.get(yield* Layer.build(sqlite(url)), SqlClient.SqlClient)
    const locker = Context.get(yield* Layer.build(Layer.fresh(sqlite(url))), SqlClient.SqlClient)
    return {
      layer: (options) => Layer.provide(rateSql(options), Layer.succeed(SqlClient.SqlClient, client)),
      shut: Effect.orDie(locker`BEGIN EXCLUSIVE`),
      open: Effect.orDie(locker`ROLLBACK`)
    }
  })
)

describeStore(
  "the rate on Postgres (skipped without STIGG_TEST_POSTGRES_URL)",
  isMissing,
  Effect.gen(function* () {
    const url = new URL(postgresUrl)
    const { open, port, shut } = yield* Door.make({ host: url.hostname, port: Number(url.port) })
    url.port = String(port)
    return { layer: (options) => Layer.provide(rateSql(options), postgres(url.href)), open, shut }
  })
)

describe("the table", () => {
  it.scopedLive("has a row for each name, also after many requests", () =>
    Effect.gen(function* () {
      const url = yield* file
      for (const name of ["one", "two", "one"]) {
        yield* Effect.gen(function* () {
          const rate = yield* FleetRate
          yield* Effect.repeatN(rate.take, 9)
          yield* rate.pause(Duration.millis(1))
        }).pipe(Effect.provide(Layer.provide(rateSql({ perMinute: 60_000, name }), sqlite(url))))
      }
      const sql = Context.get(yield* Layer.build(sqlite(url)), SqlClient.SqlClient)
      expect(yield* sql`SELECT name FROM stigg_rate ORDER BY name`).toMatchObject([{ name: "one" }, { name: "two" }])
    })
  )

  it.scopedLive("that cannot be created fails the layer", () =>
    Effect.gen(function* () {
      const url = yield* file
      const sql = Context.get(yield* Layer.build(sqlite(url)), SqlClient.SqlClient)
      yield* sql`BEGIN EXCLUSIVE`
      const error = yield* Effect.flip(Layer.build(Layer.provide(rateSql(), sqlite(url))))
      expect(error._tag).toBe("SqlError")
    })
  )

  it.scopedLive.skipIf(isMissing)(
    "is created by runners that start together (skipped without STIGG_TEST_POSTGRES_URL)",
    () =>
      Effect.gen(function* () {
        const schema = `rate_${randomUUID().replaceAll("-", "")}`
        const sql = Context.get(yield* Layer.build(postgres(postgresUrl)), SqlClient.SqlClient)
        yield* Effect.acquireRelease(sql`CREATE SCHEMA ${sql(schema)}`, () =>
          Effect.orDie(sql`DROP SCHEMA ${sql(schema)} CASCADE`)
        )
        const url = new URL(postgresUrl)
        url.searchParams.set("options", `-c search_path=${schema}`)
        yield* Effect.replicateEffect(Layer.build(Layer.fresh(Layer.provide(rateSql(), postgres(url.href)))), 12, {
          concurrency: 12,
          discard: true
        })
        const tables = yield* sql`SELECT 1 FROM pg_tables WHERE schemaname = ${schema} AND tablename = 'stigg_rate'`
        expect(tables).toHaveLength(1)
      })
  )
})

describe("a client of another database", () => {
  it.scoped("is refused", () =>
    Effect.gen(function* () {
      const client = yield* SqlClient.make({
        acquirer: Effect.dieMessage("no statement is sent"),
        compiler: Statement.makeCompiler({
          dialect: "mysql",
          placeholder: () => "?",
          onIdentifier: (name) => name,
          onRecordUpdate: () => ["", []],
          onCustom: () => ["", []]
        }),
        spanAttributes: []
      })
      const error = yield* Layer.build(rateSql()).pipe(Effect.provideService(SqlClient.SqlClient, client), Effect.flip)
      expect(error).toMatchObject({ field: "SqlClient", rule: "Expected a client of Postgres or SQLite" })
    }).pipe(Effect.provide(Reactivity.layer))
  )
})
