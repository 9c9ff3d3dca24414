/**
 * Durable jobs: imports, exports and syncs that outlive the process that began them. A job is started once, runs on
 * whichever runner lives, and can be watched, paused, resumed and cancelled from any process with the same database.
 * Built on `@effect/workflow` and `@effect/cluster`.
 *
 * Import it from `effect-stigg/CustomerJobs`, and install `@effect/workflow`, `@effect/cluster`, `@effect/rpc`,
 * `@effect/sql` and `@effect/experimental`.
 *
 * @module
 * @since 0.1.0
 */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import type * as FileSystem from "@effect/platform/FileSystem"
import type { SqlClient } from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as WorkflowEngine from "@effect/workflow/WorkflowEngine"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Cron from "effect/Cron"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { JobFormat } from "./CustomerCsv.js"
import type { ImportRejectsError, Rejected } from "./CustomerImport.js"
import * as NdjsonRejects from "./internal/import/NdjsonRejects.js"
import * as RejectsFile from "./internal/import/RejectsFile.js"
import * as JobCron from "./internal/jobs/Cron.js"
import * as CustomersModule from "./Customers.js"
import * as EngineTraces from "./internal/jobs/EngineTraces.js"
import * as ExportJob from "./internal/jobs/export/ExportJob.js"
import * as TargetOpeners from "./internal/jobs/export/TargetOpeners.js"
import * as ImportJob from "./internal/jobs/import/ImportJob.js"
import { JobKinds } from "./internal/jobs/JobKind.js"
import * as JobService from "./internal/jobs/JobService.js"
import type { JobStore } from "./internal/jobs/JobStore.js"
import type { JobStoreError } from "./internal/jobs/JobStore.js"
import * as Leaving from "./internal/jobs/Leaving.js"
import * as MemoryJobStore from "./internal/jobs/MemoryJobStore.js"
import * as Rounds from "./internal/jobs/Rounds.js"
import { rateMemory } from "./internal/jobs/rate/MemoryRate.js"
import { rateSql } from "./internal/jobs/rate/SqlRate.js"
import * as OpenSources from "./internal/jobs/source/OpenSources.js"
import * as SqlJobStore from "./internal/jobs/SqlJobStore.js"
import * as Sweep from "./internal/jobs/Sweep.js"
import * as Environments from "./internal/jobs/sync/Environment.js"
import * as SyncJob from "./internal/jobs/sync/SyncJob.js"
import * as Waiting from "./internal/jobs/Waiting.js"
import type { EnvironmentOpener } from "./jobs/Environment.js"
import { Export } from "./jobs/ExportWorkflow.js"
import type { FleetRate } from "./jobs/FleetRate.js"
import { Import } from "./jobs/ImportWorkflow.js"
import type { JobEndedError, JobFailedError, JobNotFoundError } from "./jobs/JobError.js"
import { JobState } from "./jobs/JobError.js"
import type { EnvironmentError, Needs } from "./jobs/Needs.js"
import type { Source, SourceOpener } from "./jobs/Source.js"
import { Sync } from "./jobs/SyncWorkflow.js"
import type { TargetOpener } from "./jobs/Target.js"
import type { StiggClient } from "./StiggClient.js"
import type { InvalidOptionsError, InvalidRequestError } from "./StiggError.js"

export { JobStoreError } from "./internal/jobs/JobStore.js"
export { toFolder } from "./internal/jobs/export/FolderTarget.js"
export { toHttp } from "./internal/jobs/export/HttpTarget.js"
export { toRows } from "./internal/jobs/export/RowsTarget.js"
export { rateMemory, rateNone } from "./internal/jobs/rate/MemoryRate.js"
export { rateSql } from "./internal/jobs/rate/SqlRate.js"
export { folder } from "./internal/jobs/source/Folder.js"
export { rows } from "./internal/jobs/source/SqlRows.js"
export { url } from "./internal/jobs/source/Url.js"
export * from "./jobs/Environment.js"
export { ExportedFile, ExportManifest } from "./jobs/ExportManifest.js"
export * from "./jobs/ExportWorkflow.js"
export * from "./jobs/FleetRate.js"
export * from "./jobs/ImportWorkflow.js"
export * from "./jobs/JobError.js"
export * from "./jobs/Needs.js"
export { Source } from "./jobs/Source.js"
export type { LocatedRow, OpenSource, RowsOptions, SourceOpener, SourcePosition, UrlOptions } from "./jobs/Source.js"
export * from "./jobs/SyncWorkflow.js"
export { Target, TargetError } from "./jobs/Target.js"
export type { HttpTargetOptions, OpenTarget, RowsTargetOptions, TargetOpener } from "./jobs/Target.js"

const count = Schema.Int.pipe(Schema.nonNegative())

/**
 * The schema of a {@link Job}.
 *
 * @example
 * import { Schema } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const toJson = Schema.encode(Schema.parseJson(CustomerJobs.Job))
 * console.log(toJson)
 *
 * @category models
 * @since 0.1.0
 */
export const Job = Schema.Struct({
  id: Schema.String,
  kind: Schema.String,
  state: JobState,
  /** Rows processed so far. */
  rows: count,
  /** Rows in the source; null until they are counted. */
  total: Schema.NullOr(count),
  created: count,
  updated: count,
  updatedOrSkipped: count,
  rejected: count,
  /** Null until the job is planned. */
  parts: Schema.NullOr(Schema.Struct({ done: count, total: count })),
  /** Rows per second since the job was planned or resumed; null before. */
  rate: Schema.NullOr(Schema.Number),
  /** The part that is done, from 0 to 1; null if unknown. */
  fraction: Schema.NullOr(Schema.Number),
  /** How long the rest will take at that rate, in milliseconds; null if unknown. */
  remaining: Schema.NullOr(Schema.Number),
  /** Why the job waits, paused itself or failed; null if it did not. */
  problem: Schema.NullOr(Schema.String),
  createdAt: Schema.DateTimeUtc,
  /** Null until the job has ended. */
  endedAt: Schema.NullOr(Schema.DateTimeUtc)
})

/**
 * A job at a moment: `rows = created + updated + updatedOrSkipped + rejected`, as in `CustomerImport.Counts`. Each count is
 * of rows whose result is stored, so none is counted twice. An export has only `rows`, and counts those of a part when
 * the part is done.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const line = ({ fraction, rows, state }: CustomerJobs.Job): string =>
 *   fraction === null ? `${state}: ${rows} rows` : `${state}: ${rows} rows, ${Math.floor(100 * fraction)} %`
 * console.log(line)
 *
 * @category models
 * @since 0.1.0
 */
export type Job = typeof Job.Type

/**
 * The kinds of jobs: {@link Import}, {@link Export} and {@link Sync}.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const restart = <K extends CustomerJobs.Kind>(kind: K, payload: CustomerJobs.Payload<K>) =>
 *   Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) => jobs.start(kind, payload))
 * console.log(restart)
 *
 * @category workflows
 * @since 0.1.0
 */
export type Kind = typeof Import | typeof Export | typeof Sync

/**
 * The payload of a kind of job, as {@link Service.start} takes it.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const payload: CustomerJobs.Payload<typeof CustomerJobs.Export> = {
 *   id: "export-2026-06-13",
 *   target: { _tag: "Folder", path: "exports/2026-06-13" }
 * }
 * console.log(payload.id) // export-2026-06-13
 *
 * @category models
 * @since 0.1.0
 */
export type Payload<K extends Kind> = Schema.Simplify<Schema.Struct.Constructor<K["payloadSchema"]["fields"]>>

/**
 * The payload of a job of a series, without its id.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const next: CustomerJobs.NextPayload<typeof CustomerJobs.Sync> = { from: "production", keepNewer: true }
 * console.log(next.from) // production
 *
 * @category models
 * @since 0.1.0
 */
export type NextPayload<K extends Kind> = K extends Kind ? Omit<Payload<K>, "id"> : never

/**
 * The result of a kind of job.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const rejectedOf = (result: CustomerJobs.Result<typeof CustomerJobs.Import>): number => result.rejected
 * console.log(rejectedOf)
 *
 * @category models
 * @since 0.1.0
 */
export type Result<K extends Kind> = K["successSchema"]["Type"]

/**
 * The jobs of a fleet. Any process with the same database can start, watch and steer them.
 *
 * All fail with `StiggJobStoreError` if the database cannot be reached. Where an id is asked for, they fail with
 * `StiggJobNotFoundError` if there is no such job, and to steer one that has ended fails with `StiggJobEndedError`.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const watch = (id: string) =>
 *   Effect.gen(function* () {
 *     const jobs: CustomerJobs.Service = yield* CustomerJobs.CustomerJobs
 *     yield* jobs.progress(id, { every: "5 seconds" }).pipe(
 *       Stream.runForEach(({ rows, state, total }) => Effect.log(`${state}: ${rows} of ${total ?? "?"} rows`))
 *     )
 *     yield* jobs.rejects(id).pipe(Stream.runForEach(({ message, row }) => Effect.logWarning(row, message)))
 *   })
 * console.log(watch)
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Starts a job. The same id twice is the same job: the second call returns it as it is. Fails with
   * `StiggInvalidRequestError` if the payload is invalid, or if the id belongs to a job with another payload.
   */
  readonly start: <K extends Kind>(
    kind: K,
    payload: Payload<K>
  ) => Effect.Effect<Job, InvalidRequestError | JobStoreError>
  /**
   * Starts the next job of a series. True if the job with this id is started, now or by an earlier call. False if the
   * previous job of the series has not ended, which includes that it is paused: two never overlap. `payload` gets the
   * result of the last job of the series that was done, also if that job was removed; null if none was. Fails like
   * {@link Service.start}.
   */
  readonly startNext: <K extends Kind>(
    kind: K,
    next: {
      /** Names the series. */
      readonly series: string
      readonly id: string
      readonly payload: (previous: Result<K> | null) => NextPayload<K>
    }
  ) => Effect.Effect<boolean, InvalidRequestError | JobStoreError>
  /** The job as it is now. */
  readonly poll: (id: string) => Effect.Effect<Job, JobNotFoundError | JobStoreError>
  /** Emits the job at once, then each time that it has changed, and ends when the job has. */
  readonly progress: (
    id: string,
    options?: {
      /** How often to look. Default: every second. */
      readonly every?: Duration.DurationInput | undefined
    }
  ) => Stream.Stream<Job, JobNotFoundError | JobStoreError>
  /** Stops a job until {@link Service.resume}: batches in flight end, and none begins. Returns before they have ended. */
  readonly pause: (id: string) => Effect.Effect<Job, JobNotFoundError | JobEndedError | JobStoreError>
  /** Goes on with a job that was paused, or that paused itself because of a `problem`. */
  readonly resume: (id: string) => Effect.Effect<Job, JobNotFoundError | JobEndedError | JobStoreError>
  /**
   * Like {@link Service.resume}, for an import whose source is elsewhere now: a URL that expired, with a new signature, or
   * a file that was moved. It must be the same file in the same format: the job fails if its length, and its ETag or time,
   * are not those that were read for its parts. What was imported is not imported again.
   *
   * Fails with `StiggInvalidRequestError` if the job is no import from a file or URL, or if the source is of another kind
   * or format.
   */
  readonly resumeFrom: (
    id: string,
    source: Source
  ) => Effect.Effect<Job, InvalidRequestError | JobNotFoundError | JobEndedError | JobStoreError>
  /**
   * Ends a job: what is in flight ends, and nothing begins. What was imported stays. The files of an export are removed by
   * the runners, also if it fails, as far as its target can list them.
   */
  readonly cancel: (id: string) => Effect.Effect<Job, JobNotFoundError | JobEndedError | JobStoreError>
  /** Waits until a job has ended. Fails with `StiggJobFailedError` if it failed or was cancelled. */
  readonly result: <K extends Kind>(
    kind: K,
    id: string
  ) => Effect.Effect<Result<K>, JobFailedError | JobNotFoundError | JobStoreError>
  /** At most `limit` jobs, 100 by default, newest first; those that are older than `before`, a job of an earlier page. */
  readonly page: (options?: {
    readonly limit?: number | undefined
    readonly before?: Pick<Job, "createdAt" | "id"> | null | undefined
  }) => Effect.Effect<ReadonlyArray<Job>, JobStoreError>
  /** All jobs, newest first. */
  readonly list: Stream.Stream<Job, JobStoreError>
  /**
   * The rows that a job has rejected so far, in the order of their numbers. Of a job that still runs, rows with a smaller
   * number can be rejected later. For a file of them, see {@link writeRejects}.
   */
  readonly rejects: (id: string) => Stream.Stream<Rejected, JobNotFoundError | JobStoreError>
}

/**
 * The tag of the jobs.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const pauseAll = (ids: ReadonlyArray<string>) =>
 *   Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) => Effect.forEach(ids, jobs.pause, { concurrency: 10 }))
 * console.log(pauseAll)
 *
 * @category tags
 * @since 0.1.0
 */
export class CustomerJobs extends Context.Tag("effect-stigg/CustomerJobs")<CustomerJobs, Service>() {}

/**
 * Options of {@link layerMemory}, {@link layerSingle} and {@link layerCluster}.
 *
 * @example
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const formats = [CustomerCsv.jobFormat]
 * const options = {
 *   sources: [CustomerJobs.folder("/mnt/imports", { formats }), CustomerJobs.url({ formats })],
 *   targets: [CustomerJobs.toFolder("/mnt/exports", { formats })],
 *   rate: CustomerJobs.rateSql({ perMinute: 200 }),
 *   keepEnded: "30 days"
 * } as const
 * const JobsLive = CustomerJobs.layerCluster(options)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<
  Source extends SourceOpener<unknown> = never,
  Target extends TargetOpener<unknown> = never,
  Environment extends EnvironmentOpener<unknown, unknown> = never,
  E = never,
  R = never
> {
  /** What an import can read. Every runner of a fleet needs the same list. Default: none. */
  readonly sources?: ReadonlyArray<Source> | undefined
  /** Where exports can go. Every runner needs the same list. Default: none. */
  readonly targets?: ReadonlyArray<Target> | undefined
  /** What a sync can read. Every runner needs the same list. Default: none. */
  readonly environments?: ReadonlyArray<Environment> | undefined
  /**
   * The rate that all runners share. Default: 250 requests a minute, in the database of the jobs or, with
   * {@link layerMemory}, in memory.
   */
  readonly rate?: Layer.Layer<FleetRate, E, R> | undefined
  /** How long ended jobs and their rejected rows are kept. Default: for ever. */
  readonly keepEnded?: Duration.DurationInput | undefined
}

/**
 * Jobs in memory, for tests: they end with the process.
 *
 * Fails with `StiggInvalidOptionsError` if an option is invalid, and like the layers of `environments` and `rate`.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 * import { StiggTest } from "effect-stigg/testing"
 *
 * const JobsTest = CustomerJobs.layerMemory({ sources: [CustomerJobs.folder("test/files")], rate: CustomerJobs.rateNone })
 * const program = Effect.gen(function* () {
 *   const jobs = yield* CustomerJobs.CustomerJobs
 *   yield* jobs.start(CustomerJobs.Import, {
 *     id: "once",
 *     source: { _tag: "Folder", path: "customers.ndjson", format: { _tag: "Ndjson" } }
 *   })
 *   return yield* jobs.result(CustomerJobs.Import, "once")
 * }).pipe(Effect.provide(JobsTest.pipe(Layer.provide(StiggTest.layer()))))
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = <
  Source extends SourceOpener<unknown> = never,
  Target extends TargetOpener<unknown> = never,
  Environment extends EnvironmentOpener<unknown, unknown> = never,
  E = never,
  R = never
>(
  options: Options<Source, Target, Environment, E, R> = {}
): Layer.Layer<
  CustomerJobs | WorkflowEngine.WorkflowEngine,
  E | EnvironmentError<Environment> | InvalidOptionsError,
  StiggClient | Needs<Source, Target, Environment> | R
> =>
  layer(options, rateMemory()).pipe(
    Layer.provide([MemoryJobStore.layer, EngineTraces.layerNone]),
    Layer.provideMerge(WorkflowEngine.layerMemory)
  )

/**
 * Jobs in one process that outlive it: started again with the same database, it goes on where it was. The process is a
 * cluster of its own, for {@link cron}. A database has one such process at a time.
 *
 * Fails like {@link layerMemory}, with `SqlError` if the tables cannot be made, and with a `ConfigError` if a variable of
 * the environment that sets up the cluster, such as `SHARDS_PER_GROUP`, is invalid.
 *
 * @example
 * import { LibsqlClient } from "@effect/sql-libsql"
 * import { Config, Layer } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const Runner = CustomerJobs.layerSingle({ sources: [CustomerJobs.url()] }).pipe(
 *   Layer.provide(Stigg.layerConfig({ apiKey: Config.redacted("STIGG_API_KEY") })),
 *   Layer.provide(LibsqlClient.layer({ url: "file:jobs.db", intMode: "bigint" }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSingle = <
  Source extends SourceOpener<unknown> = never,
  Target extends TargetOpener<unknown> = never,
  Environment extends EnvironmentOpener<unknown, unknown> = never,
  E = never,
  R = never
>(
  options: Options<Source, Target, Environment, E, R> = {}
): Layer.Layer<
  CustomerJobs | WorkflowEngine.WorkflowEngine | Sharding | MessageStorage,
  E | EnvironmentError<Environment> | InvalidOptionsError | SqlError | ConfigError,
  StiggClient | Needs<Source, Target, Environment> | SqlClient | R
> => {
  const single = SingleRunner.layer({ shardingConfig, runnerStorage: "memory" })
  return layerCluster(options).pipe(Layer.provideMerge(single))
}

/**
 * Jobs of a fleet: each process with this layer is a runner. It needs a cluster over a database, such as
 * `NodeClusterSocket` makes over Postgres. Give that the {@link shardingConfig}.
 *
 * Fails like {@link layerMemory}, and with `SqlError` if the tables cannot be made.
 *
 * @example
 * import { NodeClusterSocket, NodeHttpClient, NodeRuntime } from "@effect/platform-node"
 * import { PgClient } from "@effect/sql-pg"
 * import { Config, Layer } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const Runner = CustomerJobs.layerCluster({ sources: [CustomerJobs.url()], keepEnded: "30 days" }).pipe(
 *   Layer.provide(NodeClusterSocket.layer({ storage: "sql", shardingConfig: CustomerJobs.shardingConfig })),
 *   Layer.provide(Stigg.layerConfig({ apiKey: Config.redacted("STIGG_API_KEY") })),
 *   Layer.provide(NodeHttpClient.layerUndici),
 *   Layer.provide(PgClient.layerConfig({ url: Config.redacted("DATABASE_URL") }))
 * )
 * const main = () => NodeRuntime.runMain(Layer.launch(Runner))
 *
 * @category layers
 * @since 0.1.0
 */
export const layerCluster = <
  Source extends SourceOpener<unknown> = never,
  Target extends TargetOpener<unknown> = never,
  Environment extends EnvironmentOpener<unknown, unknown> = never,
  E = never,
  R = never
>(
  options: Options<Source, Target, Environment, E, R> = {}
): Layer.Layer<
  CustomerJobs | WorkflowEngine.WorkflowEngine,
  E | EnvironmentError<Environment> | InvalidOptionsError | SqlError,
  StiggClient | Needs<Source, Target, Environment> | SqlClient | Sharding | MessageStorage | R
> =>
  layer(options, rateSql()).pipe(
    Layer.provide([SqlJobStore.layer, EngineTraces.layerCluster]),
    Layer.provideMerge(ClusterWorkflowEngine.layer)
  )

/**
 * Options of {@link cron}.
 *
 * @example
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 * import { Cron } from "effect"
 *
 * const weekly: CustomerJobs.CronOptions<typeof CustomerJobs.Sync> = {
 *   name: "weekly",
 *   cron: Cron.unsafeParse("0 4 * * 0", "UTC"),
 *   kind: CustomerJobs.Sync,
 *   payload: (_, previous) => ({ from: "production", changedSince: previous?.watermark ?? undefined })
 * }
 * console.log(weekly.name) // weekly
 *
 * @category models
 * @since 0.1.0
 */
export interface CronOptions<K extends Kind> {
  /** Names the jobs, which have the id `name@2026-01-31T02:00:00.000Z`. 1 to 175 characters, unique in the cluster. */
  readonly name: string
  /** When a job starts. */
  readonly cron: Cron.Cron
  /** What the jobs do. */
  readonly kind: K
  /**
   * The payload of the job for a time, without its id. `previous` is the result of the last job that was done, also if
   * that job was removed since; null if none was.
   */
  readonly payload: (scheduledAt: DateTime.Utc, previous: Result<K> | null) => NextPayload<K>
}

/**
 * Starts a job at each time of a cron expression, on one runner of the cluster. Each runner has this layer.
 *
 * - While no runner lives, no job starts. Then one starts at once, for the last time that was missed, however many were.
 * - Two jobs never overlap: a time is skipped, with a warning, if the previous job has not ended. A paused job has not.
 * - A time has one job: whatever the cluster repeats, the id of the job is the same.
 * - While the store cannot be reached, the start is tried again. An invalid payload is logged, and that time has no job.
 * - A job that fails does not stop the next one, which gets the result of the last one that was done.
 *
 * Fails with `StiggInvalidOptionsError` if the name is invalid.
 *
 * @example
 * import { Cron, DateTime } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const Nightly = CustomerJobs.cron({
 *   name: "nightly",
 *   cron: Cron.unsafeParse("0 2 * * *", "UTC"),
 *   kind: CustomerJobs.Import,
 *   payload: (scheduledAt) => ({
 *     source: {
 *       _tag: "Folder",
 *       path: `customers-${DateTime.formatIsoDateUtc(scheduledAt)}.ndjson`,
 *       format: { _tag: "Ndjson" }
 *     }
 *   })
 * })
 *
 * @category layers
 * @since 0.1.0
 */
export const cron = <K extends Kind>(
  options: CronOptions<K>
): Layer.Layer<never, InvalidOptionsError, CustomerJobs | Sharding | MessageStorage> =>
  JobCron.layer(CustomerJobs, options)

/**
 * Options of {@link writeRejects}.
 *
 * @example
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const options: CustomerJobs.RejectsOptions = { overwrite: true, format: CustomerCsv.jobFormat }
 * console.log(options.overwrite)
 *
 * @category rejects
 * @since 0.1.0
 */
export interface RejectsOptions {
  /** Whether to replace an existing file; if no row was rejected, it is deleted. Default: false. */
  readonly overwrite?: boolean | undefined
  /** `CustomerCsv.jobFormat` for rows that were read from a CSV. Default: NDJSON. */
  readonly format?: JobFormat | undefined
}

/**
 * Writes the rows that a job has rejected so far to a file that can be fixed and imported again: as NDJSON, like
 * `CustomerImport.writeRejects`, or like `CustomerCsv.writeRejects`. Returns how many there are. The file has the suffix
 * `.partial` until it is complete. No file is written if no row was rejected.
 *
 * Of a job that still runs, the file lacks the rows that are rejected later: write it again with `overwrite`.
 *
 * Do not import the rows with the reason `Duplicate` again: each would overwrite the row that won.
 *
 * Fails with `StiggImportRejectsError` if the file exists and `overwrite` is not set, if it cannot be written, or as CSV
 * if a rejected row was not read from a CSV.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const rejected = Effect.gen(function* () {
 *   const rows = yield* CustomerJobs.writeRejects("accounts", "accounts.rejected.ndjson", { overwrite: true })
 *   yield* Effect.log(`${rows} rows are in accounts.rejected.ndjson`)
 * })
 *
 * @category rejects
 * @since 0.1.0
 */
export const writeRejects = (
  id: string,
  path: string,
  { format, overwrite }: RejectsOptions = {}
): Effect.Effect<number, ImportRejectsError | JobNotFoundError | JobStoreError, CustomerJobs | FileSystem.FileSystem> =>
  Effect.flatMap(CustomerJobs, ({ poll, rejects }) =>
    Effect.zipRight(
      poll(id),
      format === undefined
        ? RejectsFile.writeAll(path, { overwrite }, NdjsonRejects.format, rejects(id))
        : format.writeRejects(path, { overwrite })(rejects(id))
    )
  )

/**
 * Starts, watches and steers jobs in a process that is no runner, such as a web server: all it needs is the database.
 * A job that it starts begins within seconds, on a runner. Fails with `SqlError` if the tables cannot be made.
 *
 * @example
 * import { PgClient } from "@effect/sql-pg"
 * import { Config, Effect, Layer, Stream } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const ClientLive = CustomerJobs.layerClient.pipe(
 *   Layer.provide(PgClient.layerConfig({ url: Config.redacted("DATABASE_URL") }))
 * )
 * const paused = Effect.map(CustomerJobs.CustomerJobs, (jobs) =>
 *   Stream.filter(jobs.list, ({ state }) => state === "Paused")
 * ).pipe(Stream.unwrap, Stream.runCollect, Effect.provide(ClientLive))
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClient: Layer.Layer<CustomerJobs, SqlError, SqlClient> = Layer.effect(
  CustomerJobs,
  JobService.makeClient
).pipe(Layer.provide(SqlJobStore.layer))

/**
 * Settings of the cluster with which a dead runner is replaced within 15 seconds.
 *
 * @example
 * import { NodeClusterSocket } from "@effect/platform-node"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const ClusterLive = NodeClusterSocket.layer({ storage: "sql", shardingConfig: CustomerJobs.shardingConfig })
 *
 * @category layers
 * @since 0.1.0
 */
export const shardingConfig = {
  shardLockDisableAdvisory: true,
  shardLockExpiration: Duration.seconds(10),
  shardLockRefreshInterval: Duration.seconds(3),
  entityMessagePollInterval: Duration.seconds(1),
  entityReplyPollInterval: Duration.millis(200),
  refreshAssignmentsInterval: Duration.seconds(1),
  runnerHealthCheckInterval: Duration.seconds(5),
  entityTerminationTimeout: Duration.seconds(10),
  simulateRemoteSerialization: false
} as const

const executions = Layer.unwrapEffect(
  Effect.map(CustomerJobs, (jobs) =>
    Layer.mergeAll(
      Import.toLayer((payload, executionId) => Waiting.run(jobs, Import, { payload, executionId })),
      Export.toLayer((payload, executionId) => Waiting.run(jobs, Export, { payload, executionId })),
      Sync.toLayer((payload, executionId) => Waiting.run(jobs, Sync, { payload, executionId }))
    )
  )
)

const layer = <
  Source extends SourceOpener<unknown>,
  Target extends TargetOpener<unknown>,
  Environment extends EnvironmentOpener<unknown, unknown>,
  E,
  R,
  E1,
  R1
>(
  options: Options<Source, Target, Environment, E, R>,
  defaultRate: Layer.Layer<FleetRate, E1, R1>
): Layer.Layer<
  CustomerJobs,
  E | E1 | EnvironmentError<Environment>,
  | StiggClient
  | Needs<Source, Target, Environment>
  | JobStore
  | EngineTraces.EngineTraces
  | WorkflowEngine.WorkflowEngine
  | R
  | R1
> => {
  const rate: Layer.Layer<FleetRate, E | E1, R | R1> = options.rate ?? defaultRate
  const kinds = Layer.scoped(
    JobKinds,
    Effect.gen(function* () {
      const context = yield* Effect.context<Needs<never, Target>>()
      const open = TargetOpeners.openers(options.targets ?? [])
      const made = [
        yield* ImportJob.make,
        ExportJob.make(yield* CustomersModule.Customers, (target, writing) =>
          Effect.provide(open(target, writing), context)
        ),
        yield* SyncJob.make(yield* Environments.openAll(options.environments ?? []))
      ]
      return new Map(made.map((kind) => [kind.name, kind]))
    })
  ).pipe(
    // Fresh: a program can have the customers of another environment too.
    Layer.provide(Layer.fresh(CustomersModule.layer))
  )
  const runner = Layer.mergeAll(
    Rounds.layer,
    executions,
    Sweep.layer({
      kinds: [Import, Export, Sync],
      keepEnded: options.keepEnded === undefined ? null : Duration.decode(options.keepEnded)
    })
  )
  return Leaving.layerLeave.pipe(
    Layer.provide(runner),
    Layer.provideMerge(Layer.effect(CustomerJobs, JobService.make)),
    Layer.provide(kinds),
    Layer.provide(Leaving.layer),
    Layer.provide([rate, OpenSources.layer(options.sources ?? [])])
  )
}
