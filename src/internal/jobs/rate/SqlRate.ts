import { RateLimiterStore, RateLimitStoreError } from "@effect/experimental/RateLimiter"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ParseError } from "effect/ParseResult"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { InvalidOptionsError } from "../../../StiggError.js"
import type { RateOptions as Options } from "../../../jobs/FleetRate.js"
import { FleetRate } from "../../../jobs/FleetRate.js"
import * as RateOptions from "./RateOptions.js"
import * as SharedRate from "./SharedRate.js"
import * as TokenBucket from "./TokenBucket.js"

// No column is an integer, so that each client returns numbers, whatever it makes of integers.

const create = (sql: SqlClient.SqlClient) =>
  // Postgres may fail if two runners create it at the same time.
  Effect.retry(
    sql`CREATE TABLE IF NOT EXISTS stigg_rate (
      name TEXT PRIMARY KEY,
      full_at DOUBLE PRECISION,
      resume_at DOUBLE PRECISION
    )`,
    Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(3))
  )

const Remaining = Schema.Tuple(Schema.Struct({ remaining: Schema.Number }))

const remaining = <R>(
  rows: Effect.Effect<ReadonlyArray<object>, SqlError, R>
): Effect.Effect<number, RateLimitStoreError, R> =>
  Effect.flatMap(rows, Schema.decodeUnknown(Remaining)).pipe(
    Effect.mapBoth({ onSuccess: ([row]) => row.remaining, onFailure: storeError })
  )

const storeError = (cause: SqlError | ParseError) =>
  new RateLimitStoreError({ message: "The statement on the table stigg_rate failed", cause })

const make = (options: Options) =>
  Effect.gen(function* () {
    const settings = yield* RateOptions.make(options)
    const sql = yield* SqlClient.SqlClient
    const dialect = sql.onDialectOrElse({
      pg: () => ({
        // Not `now()`, which is the start of the transaction: a statement may have waited for the row since.
        now: sql.literal("(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::float8"),
        later: sql.literal("GREATEST")
      }),
      sqlite: () => ({
        now: sql.literal("((julianday('now') - 2440587.5) * 86400000.0)"),
        later: sql.literal("MAX")
      }),
      orElse: () => null
    })
    if (dialect === null) {
      return yield* new InvalidOptionsError({ field: "SqlClient", rule: "Expected a client of Postgres or SQLite" })
    }
    yield* create(sql)

    const { later, now } = dialect
    const millis = (value: number) => sql`CAST(${value} AS DOUBLE PRECISION)`

    const store = TokenBucket.make(({ key, limit, refillMillis, tokens }) => {
      const taken = millis(tokens * refillMillis)
      const empty = sql`${now} + ${millis(limit * refillMillis)}`
      return remaining(sql`
        INSERT INTO stigg_rate (name, full_at) VALUES (${key}, ${empty} + ${taken})
        ON CONFLICT (name) DO UPDATE SET full_at = ${later}(COALESCE(stigg_rate.full_at, ${empty}), ${now}) + ${taken}
        RETURNING ${millis(limit)} - (full_at - ${now}) / ${millis(refillMillis)} AS remaining`)
    })

    const pause: SharedRate.SharedPause = {
      left: Effect.map(
        remaining(
          sql`SELECT COALESCE(MAX(resume_at - ${now}), 0.0) AS remaining FROM stigg_rate WHERE name = ${settings.name}`
        ),
        (left) => Math.max(0, left)
      ),
      extend: (length) =>
        sql`
          INSERT INTO stigg_rate (name, resume_at) VALUES (${settings.name}, ${now} + ${millis(length)})
          ON CONFLICT (name) DO UPDATE
          SET resume_at = ${later}(COALESCE(stigg_rate.resume_at, 0.0), excluded.resume_at)`.pipe(
          Effect.asVoid,
          Effect.mapError(storeError)
        )
    }

    return yield* Effect.provideService(SharedRate.make(settings, pause), RateLimiterStore, store)
  })

/**
 * A rate that runners share through Postgres or SQLite, for a fleet without Redis: a row in the table `stigg_rate`, which
 * the layer creates. Time is the database's, so the clocks of the runners may differ. A file of SQLite is for the runners of
 * one process, which share one client.
 *
 * While the database cannot be reached, no request is sent, and one warning is logged. Do not wait for a turn inside a
 * transaction: other runners would wait for its end. Fails with `SqlError` if the table cannot be created, and with
 * `StiggInvalidOptionsError` if an option is out of range or the client is of another database.
 *
 * @example
 * import { PgClient } from "@effect/sql-pg"
 * import { Config, Layer } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const RateLive = CustomerJobs.rateSql({ name: "production" }).pipe(
 *   Layer.provide(PgClient.layerConfig({ url: Config.redacted("DATABASE_URL") }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const rateSql = (
  options: Options = {}
): Layer.Layer<FleetRate, InvalidOptionsError | SqlError, SqlClient.SqlClient> => Layer.effect(FleetRate, make(options))
