import { PgClient } from "@effect/sql-pg"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

/** The URL of a Postgres for tests; undefined if there is none. */
export const postgresUrl = process.env["STIGG_TEST_POSTGRES_URL"]

/** What the title of a test says that needs Postgres. */
export const withPostgres = (title: string): string =>
  postgresUrl === undefined ? `${title}: skipped, STIGG_TEST_POSTGRES_URL is not set` : title

const client = (url: string) => PgClient.layer({ url: Redacted.make(url) })

/** The URL of a database of its own, which is dropped when the scope closes. */
export const database = Effect.acquireRelease(
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const name = `test_${crypto.randomUUID().replaceAll("-", "")}`
    yield* sql`CREATE DATABASE ${sql(name)}`
    const url = new URL(postgresUrl ?? "")
    url.pathname = `/${name}`
    return { name, url: url.toString() }
  }).pipe(Effect.provide(client(postgresUrl ?? ""))),
  ({ name }) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`).pipe(
      Effect.provide(client(postgresUrl ?? "")),
      Effect.ignore
    )
).pipe(Effect.map(({ url }) => url))

/** A client of a database of its own. */
export const Postgres = Layer.unwrapScoped(Effect.map(database, client))
