import { describe, expect, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { LibsqlClient } from "@effect/sql-libsql"
import * as SqlClient from "@effect/sql/SqlClient"
import { Customers } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as CustomerJobs from "../../../src/CustomerJobs.js"
import * as ExportJob from "../../../src/internal/jobs/export/ExportJob.js"
import * as TargetOpeners from "../../../src/internal/jobs/export/TargetOpeners.js"
import * as Account from "../../export/Account.js"
import * as ScriptedServer from "../../transport/ScriptedServer.js"
import { Postgres, postgresUrl, withPostgres } from "../postgres.js"
import * as Fixture from "./Fixture.js"

const rows = Account.spread.evenly(450)
const ids = rows.map(({ id }) => id).toSorted()

const begin = <O extends CustomerJobs.TargetOpener<unknown>>(opener: O, target: object) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<CustomerJobs.Needs<never, O>>()
    const customers = yield* Effect.provide(Customers.Customers, Account.make({ rows }).layer)
    const open = TargetOpeners.openers([opener])
    const kind = ExportJob.make(customers, (target, writing) => Effect.provide(open(target, writing), context))
    return yield* Fixture.byHand(kind, { id: "job", target, partRows: 200 })
  })

describe("an export job to an HTTP server", () => {
  it.live("puts each file whole, also after a failure, and the manifest last", () =>
    Effect.gen(function* () {
      const stored = new Map<string, string>()
      const server = yield* ScriptedServer.make(({ body, headers, method, target }, response, index) =>
        Effect.sync(() => {
          const isAllowed = method === "PUT" && headers.authorization === "Bearer secret"
          if (index === 0) return void response.writeHead(503).end()
          if (index === 1) return void response.destroy()
          if (!isAllowed) return void response.writeHead(403).end()
          stored.set(target, body)
          response.writeHead(200).end()
        })
      )
      const opener = CustomerJobs.toHttp({
        url: `${server.url}/bucket/`,
        headers: { authorization: Redacted.make("Bearer secret") }
      })
      const job = yield* begin(opener, { _tag: "Http", path: "a b/c" })
      yield* Fixture.runAll(job)
      const names = [...stored.keys()]
      expect(names.at(-1)).toBe("/bucket/a%20b/c/manifest.json")
      const manifest = yield* Schema.decode(Schema.parseJson(CustomerJobs.ExportManifest))(
        stored.get(names.at(-1) ?? "") ?? ""
      )
      const lines = manifest.parts.flatMap(({ name }) =>
        (stored.get(`/bucket/a%20b/c/${name}`) ?? "").trim().split("\n")
      )
      const Line = Schema.parseJson(Schema.Struct({ id: Schema.String }))
      expect(
        (yield* Effect.forEach(lines, (line) => Schema.decode(Line)(line))).map(({ id }) => id).toSorted()
      ).toEqual(ids)
    }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))
  )

  it.live("pauses if it is refused, without the secret in the problem", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make((_, response) =>
        Effect.sync(() => void response.writeHead(403).end("no"))
      )
      const opener = CustomerJobs.toHttp({
        url: server.url,
        headers: { authorization: Redacted.make("Bearer secret") }
      })
      const job = yield* begin(opener, { _tag: "Http", path: "c" })
      const failure = yield* Effect.flip(job.run(0, "owner"))
      expect(failure).toHaveProperty("desired", "Pause")
      expect(JSON.stringify(failure)).toContain("403")
      expect(JSON.stringify(failure)).not.toContain("secret")
    }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))
  )
})

describe("an export job to a table", () => {
  const opener = CustomerJobs.toRows({
    ...{ name: "table", table: "customers", key: "customer", changedAt: "changed" },
    columns: { customer: "id", label: "name", about: "metadata", changed: "updatedAt" }
  })

  const holds = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`CREATE TABLE customers (customer TEXT PRIMARY KEY, label TEXT, about TEXT, changed TEXT)`
    yield* sql`INSERT INTO customers VALUES ('customer-0', 'newer', NULL, '2030-01-01T00:00:00.000Z')`
    yield* sql`INSERT INTO customers VALUES ('customer-1', 'older', NULL, '2000-01-01T00:00:00.000Z')`
    const job = yield* begin(opener, { _tag: "Rows", name: "table" })
    yield* Fixture.runAll(job)
    yield* job.run(0, "again")
    const stored = yield* sql<{ customer: string; label: string; about: string }>`SELECT * FROM customers`
    expect(stored.map(({ customer }) => customer).toSorted()).toEqual(ids)
    const byId = new Map(stored.map((row) => [row.customer, row]))
    expect(byId.get("customer-0")?.label).toBe("newer")
    expect(byId.get("customer-1")?.label).toBe("Customer customer-1")
    expect(byId.get("customer-1")?.about).toContain('a \\"key\\"')
  })

  it.effect("has each customer once, and no older row replaces a newer one, in SQLite", () =>
    Effect.provide(holds, LibsqlClient.layer({ url: ":memory:" }))
  )

  it.live.skipIf(postgresUrl === undefined)(
    withPostgres("has each customer once, and no older row replaces a newer one, in Postgres"),
    () => Effect.provide(holds, Postgres)
  )

  it.effect("fails if no runner has the name", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(begin(opener, { _tag: "Rows", name: "other" }))
      expect(failure.desired).toBe("Fail")
      expect(failure.problem).toContain("Rows table")
    }).pipe(Effect.provide(LibsqlClient.layer({ url: ":memory:" })))
  )
})
