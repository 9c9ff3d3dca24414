import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import type { Customer } from "../../../schemas/Customer.js"
import type { OpenTarget, RowsTargetOptions, TargetOpener } from "../../../jobs/Target.js"
import { TargetError } from "../../../jobs/Target.js"
import { refuse } from "./TargetOpeners.js"

/**
 * A target of exports: rows of a table, of SQLite or PostgreSQL. A row whose key exists is updated. Rows are visible as
 * soon as their page is written, and a part that begins anew writes its rows again. There is no manifest, and no row is
 * removed, also if the job fails or is cancelled.
 *
 * @example
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const targets = [
 *   CustomerJobs.toRows({ name: "warehouse", table: "customers", columns: { id: "id", email: "email" }, key: "id" })
 * ]
 * console.log(targets.length)
 *
 * @category targets
 * @since 0.1.0
 */
export const toRows = (options: RowsTargetOptions): TargetOpener<SqlClient.SqlClient> => ({
  _tag: "Rows",
  name: options.name,
  open: (target) =>
    target._tag !== "Rows" || target.name !== options.name
      ? null
      : Effect.map(SqlClient.SqlClient, (sql) => make(sql, options))
})

const make = (sql: SqlClient.SqlClient, { changedAt, columns, key, name, table }: RowsTargetOptions): OpenTarget => {
  const names = Object.keys(columns)
  const others = names.filter((column) => column !== key)
  const assignments = others.map((column) => sql`${sql(column)} = excluded.${sql(column)}`)
  const isNewer =
    changedAt === undefined
      ? sql``
      : sql` WHERE ${sql(table)}.${sql(changedAt)} IS NULL OR ${sql(table)}.${sql(changedAt)} <= excluded.${sql(changedAt)}`
  const onConflict = others.length === 0 ? sql`DO NOTHING` : sql`DO UPDATE SET ${sql.csv(assignments)}${isNewer}`

  const upsert = (customers: ReadonlyArray<Customer>) => {
    const rows = customers.map((customer) =>
      Object.fromEntries(names.map((column) => [column, valueOf(customer, columns[column] ?? "")]))
    )
    return sql`INSERT INTO ${sql(table)} ${sql.insert(rows)} ON CONFLICT (${sql(key)}) ${onConflict}`.withoutTransform
  }

  const wrong = (message: string) => refuse(`The rows ${name}: ${message}`)
  const unavailable = ({ cause, message }: SqlError) =>
    new TargetError({
      reason: "Unavailable",
      message: `The rows ${name} cannot be written: ${cause instanceof Error ? cause.message : message}`
    })

  return {
    check: () => {
      if (columns[key] !== "id") return wrong(`Expected the column ${key} to have the field id`)
      return changedAt !== undefined && columns[changedAt] !== "updatedAt"
        ? wrong(`Expected the column ${changedAt} to have the field updatedAt`)
        : sql.onDialectOrElse({
            orElse: () => wrong("Expected SQLite or PostgreSQL"),
            pg: () => Effect.void,
            sqlite: () => Effect.void
          })
    },
    write: (_, pages) =>
      Effect.gen(function* () {
        const written = yield* Ref.make(0)
        yield* Stream.runForEach(pages, (customers) =>
          customers.length === 0
            ? Effect.void
            : Effect.zipRight(
                Effect.mapError(upsert(customers), unavailable),
                Ref.update(written, (before) => before + customers.length)
              )
        )
        return { rows: yield* Ref.get(written), files: [] }
      }),
    finish: () => Effect.succeed(null),
    discard: () => Effect.void
  }
}

const valueOf = (customer: Customer, path: string): string | number | null => {
  const names = path.startsWith("metadata.") ? ["metadata", path.slice("metadata.".length)] : path.split(".")
  const value = names.reduce<unknown>(
    (value, name) => (Predicate.isObject(value) && Object.hasOwn(value, name) ? Reflect.get(value, name) : null),
    customer
  )
  if (value === null || value === undefined) return null
  if (DateTime.isDateTime(value)) return DateTime.formatIso(value)
  if (typeof value === "object") return JSON.stringify(value)
  return typeof value === "number" ? value : String(value)
}
