import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { JobRecord, PartRecord, RejectRecord } from "./JobRecord.js"
import { Desired, Stage, Totals } from "./JobRecord.js"
import type { Created, NewJob, RoundKey } from "./JobStore.js"
import { JobStore, JobStoreError } from "./JobStore.js"
import { afterRound } from "./RoundEnd.js"

/** A whole number, as the drivers return it: Postgres gives a BIGINT as text, SQLite a number or a bigint. */
const Whole = Schema.transform(
  Schema.Union(Schema.Number, Schema.BigIntFromSelf, Schema.NumberFromString),
  Schema.Int,
  {
    strict: true,
    decode: Number,
    encode: (value) => value
  }
)

const Flag = Schema.transform(Whole, Schema.Boolean, {
  strict: true,
  decode: (value) => value !== 0,
  encode: (value) => (value ? 1 : 0)
})

const counts = {
  row_count: Whole,
  created: Whole,
  updated: Whole,
  updated_or_skipped: Whole,
  rejected: Whole
}

const JobRow = Schema.Struct({
  id: Schema.String,
  kind: Schema.String,
  payload: Schema.String,
  source: Schema.NullOr(Schema.String),
  instance: Schema.String,
  round: Whole,
  beat: Whole,
  desired: Desired,
  stage: Stage,
  plan: Schema.NullOr(Schema.String),
  total: Schema.NullOr(Whole),
  /** What the parts had come to when the job ended, as JSON. The parts are removed then. */
  ended_totals: Schema.NullOr(Schema.String),
  problem: Schema.NullOr(Schema.String),
  result: Schema.NullOr(Schema.String),
  created_at: Whole,
  running_since: Schema.NullOr(Whole),
  rows_before: Whole,
  ended_at: Schema.NullOr(Whole),
  part_count: Whole,
  parts_done: Whole,
  ...counts
})

const PartRow = Schema.Struct({
  part: Whole,
  spec: Schema.String,
  is_done: Flag,
  output: Schema.NullOr(Schema.String),
  ...counts
})

const EndedTotals = Schema.parseJson(
  Schema.Struct({
    totals: Totals,
    parts: Schema.NullOr(Schema.Struct({ done: Schema.Int, total: Schema.Int }))
  })
)

const decodeJobs = Schema.decodeUnknown(Schema.Array(JobRow))
const decodeParts = Schema.decodeUnknown(Schema.Array(PartRow))
const decodeRejects = Schema.decodeUnknown(Schema.Array(Schema.Struct({ row_number: Whole, reject: Schema.String })))
const decodeNumbers = Schema.decodeUnknown(Schema.Array(Schema.Struct({ part: Whole })))
const decodeRunning = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ id: Schema.String, instance: Schema.String, round: Whole, beat: Whole, is_begun: Flag }))
)
const decodeBeats = Schema.decodeUnknown(Schema.Array(Schema.Struct({ part: Whole, beat: Whole })))
const decodeUntidy = Schema.decodeUnknown(Schema.Array(Schema.Struct({ id: Schema.String, ended_at: Whole })))
const decodeExecutions = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ workflow: Schema.String, execution: Schema.String }))
)
const decodeSeries = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ last_id: Schema.String, result: Schema.NullOr(Schema.String) }))
)
const decodeDesired = Schema.decodeUnknown(Schema.Array(Schema.Struct({ desired: Desired })))
const decodeEnded = Schema.decodeUnknown(EndedTotals)
const encodeEnded = Schema.encode(EndedTotals)

const totalsOf = (row: Schema.Schema.Type<Schema.Struct<typeof counts>>): Totals => ({
  rows: row.row_count,
  created: row.created,
  updated: row.updated,
  updatedOrSkipped: row.updated_or_skipped,
  rejected: row.rejected
})

const toPart = (row: typeof PartRow.Type): PartRecord => ({
  part: row.part,
  spec: row.spec,
  isDone: row.is_done,
  totals: totalsOf(row),
  output: row.output
})

/** Rows in one INSERT: SQLite allows 32,766 parameters, Postgres 65,535. */
const insertRows = 1000

const make = Effect.gen(function* () {
  // The names of columns are those below, whatever the client of the user does with names.
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  // Of runners that start at once, all but one can fail to create what the other creates.
  yield* Effect.retry(createTables(sql), { times: 5, schedule: Schedule.jittered(Schedule.exponential("50 millis")) })

  const run = <A, R>(
    effect: Effect.Effect<A, SqlError | ParseResult.ParseError, R>
  ): Effect.Effect<A, JobStoreError, R> =>
    Effect.mapError(effect, (cause) => new JobStoreError({ message: messageOf(cause), cause }))
  const atomic = <A, R>(
    effect: Effect.Effect<A, SqlError | ParseResult.ParseError, R>
  ): Effect.Effect<A, JobStoreError, R> => run(sql.withTransaction(effect))

  /** Whether a statement that returns the rows it changed has changed one. */
  const changed = (statement: Effect.Effect<ReadonlyArray<unknown>, SqlError>) =>
    Effect.map(statement, (rows) => rows.length > 0)

  const isCurrent = ({ id, instance, round }: RoundKey): Fragment =>
    sql`id = ${id} AND instance = ${instance} AND round = ${round} AND stage = 'Running'`

  const select = (where: Fragment, tail: Fragment = sql``) =>
    Effect.flatMap(
      sql`
        SELECT j.*,
          COUNT(p.part) AS part_count,
          COALESCE(SUM(p.is_done), 0) AS parts_done,
          COALESCE(SUM(p.row_count), 0) AS row_count,
          COALESCE(SUM(p.created), 0) AS created,
          COALESCE(SUM(p.updated), 0) AS updated,
          COALESCE(SUM(p.updated_or_skipped), 0) AS updated_or_skipped,
          COALESCE(SUM(p.rejected), 0) AS rejected
        FROM stigg_jobs j LEFT JOIN stigg_job_parts p ON p.job_id = j.id
        WHERE ${where}
        GROUP BY j.id ${tail}`,
      (rows) => Effect.flatMap(decodeJobs(rows), Effect.forEach(toJob))
    )

  const toJob = (row: typeof JobRow.Type): Effect.Effect<JobRecord, ParseResult.ParseError> =>
    Effect.gen(function* () {
      const ended = row.ended_totals === null ? null : yield* decodeEnded(row.ended_totals)
      return {
        id: row.id,
        kind: row.kind,
        payload: row.payload,
        source: row.source,
        instance: row.instance,
        round: row.round,
        beat: row.beat,
        desired: row.desired,
        stage: row.stage,
        plan: row.plan,
        total: row.total,
        parts:
          ended !== null ? ended.parts : row.plan === null ? null : { done: row.parts_done, total: row.part_count },
        totals: ended?.totals ?? totalsOf(row),
        problem: row.problem,
        result: row.result,
        createdAt: row.created_at,
        runningSince: row.running_since,
        rowsBefore: row.rows_before,
        endedAt: row.ended_at
      }
    })

  const get = (id: string) => Effect.map(select(sql`j.id = ${id}`), (jobs) => Option.fromNullable(jobs[0]))

  /** Ends a job whose `where` still holds: keeps the totals and removes the parts. */
  const end = (
    job: JobRecord,
    where: Fragment,
    to: { readonly stage: Stage; readonly now: number; readonly result: string | null }
  ) =>
    Effect.gen(function* () {
      const totals = yield* encodeEnded({ totals: job.totals, parts: job.parts })
      const isEnded = yield* changed(sql`
        UPDATE stigg_jobs
        SET stage = ${to.stage}, ended_at = ${to.now}, ended_totals = ${totals}, result = ${to.result}, beat = beat + 1
        WHERE id = ${job.id} AND ${where} RETURNING id`)
      if (isEnded) yield* sql`DELETE FROM stigg_job_parts WHERE job_id = ${job.id}`
      return isEnded
    })

  /** The job of a round, if that is current. */
  const current = (key: RoundKey) =>
    Effect.map(
      get(key.id),
      Option.filter(
        ({ instance, round, stage }) => instance === key.instance && round === key.round && stage === "Running"
      )
    )

  const insert = ({ id, instance, kind, now, payload }: NewJob) =>
    Effect.gen(function* () {
      const isNew = yield* changed(sql`
        INSERT INTO stigg_jobs
          (id, kind, payload, instance, round, beat, desired, stage, created_at, rows_before, is_begun, is_tidy)
        VALUES (${id}, ${kind}, ${payload}, ${instance}, 1, 0, 'Run', 'Running', ${now}, 0, 0, 0)
        ON CONFLICT (id) DO NOTHING RETURNING id`)
      return { isNew, id, job: Option.getOrNull(yield* get(id)) }
    })

  const created = ({ id, isNew, job }: Effect.Effect.Success<ReturnType<typeof insert>>) =>
    job === null
      ? Effect.fail(new JobStoreError({ message: `The job ${id} was removed while it was created` }))
      : Effect.succeed<Created>({ isNew, job })

  const store: JobStore = {
    create: (job) => Effect.flatMap(atomic(insert(job)), created),
    createNext: ({ after, name }, job) =>
      atomic(
        Effect.gen(function* () {
          const isLast = yield* changed(
            after === null
              ? sql`
                  INSERT INTO stigg_job_series (name, last_id) VALUES (${name}, ${job.id})
                  ON CONFLICT (name) DO NOTHING RETURNING name`
              : sql`
                  UPDATE stigg_job_series SET last_id = ${job.id}
                  WHERE name = ${name} AND last_id = ${after} RETURNING name`
          )
          return isLast ? Option.some(yield* insert(job)) : Option.none()
        })
      ).pipe(
        Effect.flatMap(
          Option.match({
            onNone: () => Effect.succeedNone,
            onSome: (inserted) => Effect.asSome(created(inserted))
          })
        )
      ),
    series: (name) =>
      run(
        Effect.map(
          Effect.flatMap(sql`SELECT last_id, result FROM stigg_job_series WHERE name = ${name}`, decodeSeries),
          ([series]) =>
            series === undefined ? Option.none() : Option.some({ lastId: series.last_id, result: series.result })
        )
      ),
    get: (id) => run(get(id)),
    list: ({ before, limit }) =>
      run(
        select(
          before === null
            ? sql`1 = 1`
            : sql`(j.created_at < ${before.createdAt}
                   OR (j.created_at = ${before.createdAt} AND j.id < ${before.id}))`,
          sql`ORDER BY j.created_at DESC, j.id DESC LIMIT ${limit}`
        )
      ),
    running: run(
      Effect.map(
        Effect.flatMap(
          sql`SELECT id, instance, round, beat, is_begun FROM stigg_jobs WHERE stage = 'Running'`,
          decodeRunning
        ),
        (rows) => rows.map(({ is_begun, ...key }) => ({ ...key, isBegun: is_begun }))
      )
    ),
    untidy: run(
      Effect.flatMap(
        sql`
          SELECT id, ended_at FROM stigg_jobs
          WHERE is_tidy = 0 AND ended_at IS NOT NULL ORDER BY ended_at LIMIT 100`,
        (rows) =>
          Effect.flatMap(
            decodeUntidy(rows),
            Effect.forEach((job) =>
              sql`SELECT workflow, execution FROM stigg_job_executions WHERE job_id = ${job.id}`.pipe(
                Effect.flatMap(decodeExecutions),
                Effect.map((executions) => ({ id: job.id, endedAt: job.ended_at, executions }))
              )
            )
          )
      )
    ),
    tidied: (id) =>
      atomic(
        Effect.zipRight(
          sql`DELETE FROM stigg_job_executions WHERE job_id = ${id}`,
          Effect.asVoid(sql`UPDATE stigg_jobs SET is_tidy = 1 WHERE id = ${id}`)
        )
      ),
    addExecutions: (id, executions) =>
      run(
        executions.length === 0
          ? Effect.void
          : Effect.asVoid(sql`
              INSERT INTO stigg_job_executions ${sql.insert(
                executions.map(({ execution, workflow }) => ({ job_id: id, workflow, execution }))
              )} ON CONFLICT (job_id, workflow, execution) DO NOTHING`)
      ),

    plan: (key, { now, parts, plan, total }) =>
      atomic(
        Effect.gen(function* () {
          const isFirst = yield* changed(sql`
            UPDATE stigg_jobs
            SET plan = ${plan}, total = ${total}, running_since = ${now}, beat = beat + 1
            WHERE ${isCurrent(key)} AND plan IS NULL RETURNING id`)
          if (!isFirst) return Option.exists(yield* current(key), (job) => job.plan !== null)
          for (let from = 0; from < parts.length; from += insertRows) {
            yield* sql`INSERT INTO stigg_job_parts ${sql.insert(
              parts.slice(from, from + insertRows).map((spec, index) => ({
                ...{ job_id: key.id, part: from + index, spec, beat: 0, is_done: 0, row_count: 0, created: 0 },
                ...{ updated: 0, updated_or_skipped: 0, rejected: 0 }
              }))
            )}`
          }
          return true
        })
      ),
    openParts: (id) =>
      run(
        Effect.map(
          Effect.flatMap(
            sql`SELECT part FROM stigg_job_parts WHERE job_id = ${id} AND is_done = 0 ORDER BY part`,
            decodeNumbers
          ),
          (rows) => rows.map(({ part }) => part)
        )
      ),
    parts: (id) =>
      run(
        Effect.map(
          Effect.flatMap(sql`SELECT * FROM stigg_job_parts WHERE job_id = ${id} ORDER BY part`, decodeParts),
          (rows) => rows.map(toPart)
        )
      ),
    claim: (key) =>
      run(
        Effect.map(
          Effect.flatMap(
            sql`
              UPDATE stigg_job_parts SET owner = ${key.owner}, beat = beat + 1
              WHERE job_id = ${key.id} AND part = ${key.part} AND is_done = 0
                AND EXISTS (SELECT 1 FROM stigg_jobs WHERE ${isCurrent(key)})
              RETURNING *`,
            decodeParts
          ),
          (rows) => Option.map(Option.fromNullable(rows[0]), toPart)
        )
      ),
    wanted: (key) =>
      run(
        Effect.map(
          Effect.flatMap(
            sql`
              SELECT desired FROM stigg_jobs
              WHERE ${isCurrent(key)} AND EXISTS (
                SELECT 1 FROM stigg_job_parts WHERE job_id = ${key.id} AND part = ${key.part} AND owner = ${key.owner})`,
            decodeDesired
          ),
          (rows) => rows[0]?.desired ?? null
        )
      ),
    record: (key, { isDone, output, rejects, totals }) =>
      atomic(
        Effect.gen(function* () {
          const isOwner = yield* changed(sql`
            UPDATE stigg_job_parts
            SET row_count = row_count + ${totals.rows}, created = created + ${totals.created},
              updated = updated + ${totals.updated},
              updated_or_skipped = updated_or_skipped + ${totals.updatedOrSkipped},
              rejected = rejected + ${totals.rejected}, is_done = ${isDone ? 1 : 0}, output = ${output}
            WHERE job_id = ${key.id} AND part = ${key.part} AND owner = ${key.owner} AND is_done = 0
            RETURNING part`)
          if (!isOwner) return false
          for (let from = 0; from < rejects.length; from += insertRows) {
            yield* sql`INSERT INTO stigg_job_rejects ${sql.insert(
              rejects
                .slice(from, from + insertRows)
                .map(({ reject, row }) => ({ job_id: key.id, row_number: row, reject }))
            )} ON CONFLICT (job_id, row_number) DO NOTHING`
          }
          return true
        })
      ),
    beat: (key) => run(Effect.asVoid(sql`UPDATE stigg_jobs SET beat = beat + 1, is_begun = 1 WHERE ${isCurrent(key)}`)),
    beatPart: (key) =>
      run(
        Effect.asVoid(sql`
          UPDATE stigg_job_parts SET beat = beat + 1
          WHERE job_id = ${key.id} AND part = ${key.part} AND owner = ${key.owner}`)
      ),
    partBeats: (id) =>
      run(
        Effect.flatMap(sql`SELECT part, beat FROM stigg_job_parts WHERE job_id = ${id} AND is_done = 0`, decodeBeats)
      ),
    note: (key, problem) =>
      run(Effect.asVoid(sql`UPDATE stigg_jobs SET problem = ${problem}, beat = beat + 1 WHERE ${isCurrent(key)}`)),
    halt: (key, { desired, problem }) =>
      run(
        Effect.asVoid(sql`
          UPDATE stigg_jobs SET desired = ${desired}, problem = ${problem}, beat = beat + 1
          WHERE ${isCurrent(key)} AND desired <> 'Cancel' AND desired <> 'Fail'`)
      ),
    endRound: (key, now) =>
      atomic(
        Effect.gen(function* () {
          const job = Option.getOrNull(yield* current(key))
          if (job === null) return { _tag: "Superseded" } as const
          const next = afterRound(job)
          const unchanged = sql`instance = ${job.instance} AND round = ${job.round} AND desired = ${job.desired}`
          if (next._tag === "Paused") {
            const isPaused = yield* changed(sql`
              UPDATE stigg_jobs SET stage = 'Paused', beat = beat + 1
              WHERE id = ${job.id} AND stage = 'Running' AND ${unchanged} RETURNING id`)
            return isPaused ? next : ({ _tag: "Unfinished" } as const)
          }
          if (next._tag !== "Ended") return next
          const isEnded = yield* end(job, sql`stage = 'Running' AND ${unchanged}`, {
            ...{ stage: next.stage, now, result: null }
          })
          return isEnded ? next : ({ _tag: "Unfinished" } as const)
        })
      ),
    complete: (key, { now, result }) =>
      atomic(
        Effect.gen(function* () {
          const job = Option.getOrNull(yield* current(key))
          if (job === null) return false
          const isEnded = yield* end(job, sql`${isCurrent(key)}`, { stage: "Done", now, result })
          if (isEnded) yield* sql`UPDATE stigg_job_series SET result = ${result} WHERE last_id = ${job.id}`
          return isEnded
        })
      ),
    nextRound: (key) =>
      run(
        Effect.map(
          changed(sql`
            UPDATE stigg_jobs SET round = round + 1, beat = beat + 1, is_begun = 0 WHERE ${isCurrent(key)} RETURNING id`),
          (isNext) => (isNext ? Option.some({ ...key, round: key.round + 1 }) : Option.none())
        )
      ),

    pause: (id) =>
      atomic(
        Effect.zipRight(
          sql`
            UPDATE stigg_jobs SET desired = 'Pause', problem = NULL
            WHERE id = ${id} AND stage = 'Running' AND desired = 'Run'`,
          get(id)
        )
      ),
    cancel: (id, now) =>
      atomic(
        Effect.gen(function* () {
          yield* sql`
            UPDATE stigg_jobs SET desired = 'Cancel' WHERE id = ${id} AND stage IN ('Running', 'Paused')`
          const job = yield* get(id)
          if (Option.isSome(job) && job.value.stage === "Paused") {
            yield* end(job.value, sql`stage = 'Paused'`, { stage: "Cancelled", now, result: null })
          }
          return yield* get(id)
        })
      ),
    resume: (id, now, options) =>
      atomic(
        Effect.gen(function* () {
          if (options !== undefined) {
            yield* sql`
              UPDATE stigg_jobs SET source = ${options.source} WHERE id = ${id} AND stage IN ('Running', 'Paused')`
          }
          yield* sql`
            UPDATE stigg_jobs SET desired = 'Run', problem = NULL
            WHERE id = ${id} AND stage = 'Running' AND desired = 'Pause'`
          const before = Option.getOrNull(yield* get(id))
          if (before === null || before.stage !== "Paused") {
            return { job: Option.fromNullable(before), begin: Option.none() }
          }
          const isResumed = yield* changed(sql`
            UPDATE stigg_jobs
            SET stage = 'Running', desired = 'Run', problem = NULL, round = round + 1, beat = beat + 1, is_begun = 0,
              running_since = ${before.plan === null ? null : now}, rows_before = ${before.totals.rows}
            WHERE id = ${id} AND stage = 'Paused' AND round = ${before.round} RETURNING id`)
          const job = yield* get(id)
          const { instance, round } = before
          return { job, begin: isResumed ? Option.some({ id, instance, round: round + 1 }) : Option.none() }
        })
      ),

    rejects: (id, { after, limit }) =>
      run(
        Effect.map(
          Effect.flatMap(
            sql`
              SELECT row_number, reject FROM stigg_job_rejects
              WHERE job_id = ${id} AND row_number > ${after} ORDER BY row_number LIMIT ${limit}`,
            decodeRejects
          ),
          (rows) => rows.map(({ reject, row_number }): RejectRecord => ({ row: row_number, reject }))
        )
      ),
    removeEnded: (before) =>
      atomic(
        Effect.gen(function* () {
          const ended = sql`SELECT id FROM stigg_jobs WHERE ended_at < ${before} AND is_tidy = 1`
          yield* sql`DELETE FROM stigg_job_rejects WHERE job_id IN (${ended})`
          const removed = yield* sql`DELETE FROM stigg_jobs WHERE ended_at < ${before} AND is_tidy = 1 RETURNING id`
          return removed.length
        })
      )
  }
  return store
})

const messageOf = (cause: SqlError | ParseResult.ParseError): string =>
  cause._tag === "SqlError"
    ? `The job store failed: ${cause.message}`
    : "The job store holds a row that this version cannot read"

const createTables = (sql: SqlClient.SqlClient) =>
  Effect.forEach(
    [
      sql`
        CREATE TABLE IF NOT EXISTS stigg_jobs (
          id TEXT PRIMARY KEY,
          kind TEXT NOT NULL,
          payload TEXT NOT NULL,
          source TEXT,
          instance TEXT NOT NULL,
          round INTEGER NOT NULL,
          beat BIGINT NOT NULL,
          desired TEXT NOT NULL,
          stage TEXT NOT NULL,
          plan TEXT,
          total BIGINT,
          ended_totals TEXT,
          problem TEXT,
          result TEXT,
          created_at BIGINT NOT NULL,
          running_since BIGINT,
          rows_before BIGINT NOT NULL,
          ended_at BIGINT,
          is_begun INTEGER NOT NULL,
          is_tidy INTEGER NOT NULL
        )`,
      sql`CREATE INDEX IF NOT EXISTS stigg_jobs_created ON stigg_jobs (created_at, id)`,
      sql`
        CREATE TABLE IF NOT EXISTS stigg_job_parts (
          job_id TEXT NOT NULL,
          part INTEGER NOT NULL,
          spec TEXT NOT NULL,
          owner TEXT,
          beat BIGINT NOT NULL,
          is_done INTEGER NOT NULL,
          output TEXT,
          row_count BIGINT NOT NULL,
          created BIGINT NOT NULL,
          updated BIGINT NOT NULL,
          updated_or_skipped BIGINT NOT NULL,
          rejected BIGINT NOT NULL,
          PRIMARY KEY (job_id, part)
        )`,
      sql`
        CREATE TABLE IF NOT EXISTS stigg_job_series (
          name TEXT PRIMARY KEY,
          last_id TEXT NOT NULL,
          result TEXT
        )`,
      sql`CREATE INDEX IF NOT EXISTS stigg_job_series_last ON stigg_job_series (last_id)`,
      sql`
        CREATE TABLE IF NOT EXISTS stigg_job_executions (
          job_id TEXT NOT NULL,
          workflow TEXT NOT NULL,
          execution TEXT NOT NULL,
          PRIMARY KEY (job_id, workflow, execution)
        )`,
      sql`
        CREATE TABLE IF NOT EXISTS stigg_job_rejects (
          job_id TEXT NOT NULL,
          row_number BIGINT NOT NULL,
          reject TEXT NOT NULL,
          PRIMARY KEY (job_id, row_number)
        )`
    ],
    (statement) => statement,
    { discard: true }
  )

export const layer: Layer.Layer<JobStore, SqlError, SqlClient.SqlClient> = Layer.effect(JobStore, make)
