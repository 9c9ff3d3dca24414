import { expect, it } from "@effect/vitest"
import { needing } from "./leftOut.js"

const packages = new Set(["@effect/sql-libsql"])

const needingOf = (texts: Readonly<Record<string, string>>) => [...needing(packages, new Map(Object.entries(texts)))]

it.each([
  ["imports it", 'import { LibsqlClient } from "@effect/sql-libsql"'],
  ["imports a module of it", 'import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"'],
  ["imports a type of it", 'import type { LibsqlClient } from "@effect/sql-libsql"'],
  ["exports from it", 'export * from "@effect/sql-libsql"'],
  ["imports it when it runs", 'const client = await import("@effect/sql-libsql")']
])("a file that %s needs the package", (_, text) => {
  expect(needingOf({ "test/a.ts": text })).toEqual(["test/a.ts"])
})

it("a file that only mentions the package or imports another one does not need it", () => {
  expect(
    needingOf({
      "test/a.ts": "// @effect/sql-libsql",
      "test/b.ts": 'import { SqlClient } from "@effect/sql"',
      "test/c.ts": 'import { Other } from "@effect/sql-libsql-other"'
    })
  ).toEqual([])
})

it("files that import such a file or start it as a process need the package too", () => {
  expect(
    needingOf({
      "test/jobs/kill.test.ts": 'Program.make("test/jobs/runner.ts")',
      "test/jobs/runner.ts": 'import { layer } from "../sql/layer.js"',
      "test/sql/layer.ts": 'import { LibsqlClient } from "@effect/sql-libsql"',
      "test/sql/other.ts": 'import { layer } from "./postgres.js"'
    }).toSorted()
  ).toEqual(["test/jobs/kill.test.ts", "test/jobs/runner.ts", "test/sql/layer.ts"])
})
