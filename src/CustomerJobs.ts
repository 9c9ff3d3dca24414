/**
 * Durable jobs: imports, exports and syncs that outlive the process that began them. A job is started once, runs on whichever runner lives,
 * and can be watched, paused, resumed and cancelled from any of them. On `@effect/workflow` and `@effect/cluster`.
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
import type { SqlClient } from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as WorkflowEngine from "@effect/workflow/WorkflowEngine"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Rejected } from "./CustomerImport.js"
import * as CustomersModule from "./Customers.js"
import * as EngineTraces from "./internal/jobs/EngineTraces.js"
import * as ExportJob from "./internal/jobs/export/ExportJob.js"
import { Export } from "./internal/jobs/export/ExportWorkflow.js"
import type { TargetOpener, TargetRequirements } from "./internal/jobs/export/JobTarget.js"
import * as JobTarget from "./internal/jobs/export/JobTarget.js"
import * as ImportJob from "./internal/jobs/import/ImportJob.js"
import { Import } from "./internal/jobs/import/ImportWorkflow.js"
import type { JobEndedError, JobFailedError, JobNotFoundError } from "./internal/jobs/JobError.js"
import { JobState } from "./internal/jobs/JobError.js"
import { JobKinds } from "./internal/jobs/JobKind.js"
import * as JobService from "./internal/jobs/JobService.js"
import type { JobStore } from "./internal/jobs/JobStore.js"
import type { JobStoreError } from "./internal/jobs/JobStore.js"
import * as Leaving from "./internal/jobs/Leaving.js"
import * as MemoryJobStore from "./internal/jobs/MemoryJobStore.js"
import type { FleetRate } from "./internal/jobs/rate/FleetRate.js"
import * as Rounds from "./internal/jobs/Rounds.js"
import type { OpenSources } from "./internal/jobs/source/OpenSources.js"
import * as SqlJobStore from "./internal/jobs/SqlJobStore.js"
import * as Sweep from "./internal/jobs/Sweep.js"
import * as Environments from "./internal/jobs/sync/Environment.js"
import type { EnvironmentError, EnvironmentOpener, EnvironmentRequirements } from "./internal/jobs/sync/Environment.js"
import * as SyncJob from "./internal/jobs/sync/SyncJob.js"
import { Sync } from "./internal/jobs/sync/SyncWorkflow.js"
import * as Waiting from "./internal/jobs/Waiting.js"
import type { StiggClient } from "./StiggClient.js"
import type { InvalidRequestError } from "./StiggError.js"

export { JobStoreError } from "./internal/jobs/JobStore.js"
export { JobEndedError, JobFailedError, JobNotFoundError, JobState } from "./internal/jobs/JobError.js"
export { ExportedFile, ExportManifest } from "./internal/jobs/export/ExportManifest.js"
export { Export, ExportResult } from "./internal/jobs/export/ExportWorkflow.js"
export { toFolder } from "./internal/jobs/export/FolderTarget.js"
export { type HttpTargetOptions, toHttp } from "./internal/jobs/export/HttpTarget.js"
export { type RowsTargetOptions, toRows } from "./internal/jobs/export/RowsTarget.js"
export { fromEnvironment } from "./internal/jobs/sync/Environment.js"
export { Sync, SyncResult } from "./internal/jobs/sync/SyncWorkflow.js"
export { Import, ImportResult } from "./internal/jobs/import/ImportWorkflow.js"

const count = Schema.Int.pipe(Schema.nonNegative())

/**
 * A job at a moment: `rows = created + updated + updatedOrSkipped + rejected`, as in `CustomerImport.Counts`. Each count is
 * of rows whose result is stored, so none is counted twice. An export has only `rows`, and counts those of a part when
 * the part is done.
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

/** @since 0.1.0 */
export type Job = typeof Job.Type

/**
 * The kinds of jobs.
 *
 * @category workflows
 * @since 0.1.0
 */
export type Kind = typeof Import | typeof Export | typeof Sync

/**
 * The payload of a kind of job, as {@link Service.start} takes it.
 *
 * @category models
 * @since 0.1.0
 */
export type Payload<K extends Kind> = Schema.Simplify<Schema.Struct.Constructor<K["payloadSchema"]["fields"]>>

/**
 * The result of a kind of job.
 *
 * @category models
 * @since 0.1.0
 */
export type Result<K extends Kind> = K["successSchema"]["Type"]

/**
 * The jobs of a fleet. Any process with the same database can start, watch and steer them.
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
  /** Ends a job: what is in flight ends, and nothing begins. What was imported or written stays. */
  readonly cancel: (id: string) => Effect.Effect<Job, JobNotFoundError | JobEndedError | JobStoreError>
  /** Waits until a job has ended. Fails with `StiggJobFailedError` if it failed or was cancelled. */
  readonly result: <K extends Kind>(
    kind: K,
    id: string
  ) => Effect.Effect<Result<K>, JobFailedError | JobNotFoundError | JobStoreError>
  /** All jobs, newest first. */
  readonly list: Stream.Stream<Job, JobStoreError>
  /**
   * The rows that a job has rejected so far, in the order of their numbers. Of a job that still runs, rows with a smaller
   * number can be rejected later.
   */
  readonly rejects: (id: string) => Stream.Stream<Rejected, JobNotFoundError | JobStoreError>
}

/**
 * The tag of the jobs.
 *
 * @category tags
 * @since 0.1.0
 */
export class CustomerJobs extends Context.Tag("effect-stigg/CustomerJobs")<CustomerJobs, Service>() {}

/**
 * Options of the layers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<
  E = never,
  R = never,
  Target extends TargetOpener<unknown> = never,
  Environment extends EnvironmentOpener<unknown, unknown> = never
> {
  /** How long ended jobs and their rejected rows are kept. Default: they are kept until they are removed by hand. */
  readonly keepEnded?: Duration.DurationInput | undefined
  /** The rate that all runners share. */
  readonly rate: Layer.Layer<FleetRate, E, R>
  /** Where exports can go. Default: nowhere. All runners should have the same. */
  readonly targets?: ReadonlyArray<Target> | undefined
  /** What a sync can read. Default: nothing. All runners should have the same. */
  readonly environments?: ReadonlyArray<Environment> | undefined
}

/**
 * Jobs in memory, for tests: they end with the process.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = <
  E = never,
  R = never,
  Target extends TargetOpener<unknown> = never,
  Environment extends EnvironmentOpener<unknown, unknown> = never
>(
  options: Options<E, R, Target, Environment>
): Layer.Layer<
  CustomerJobs | WorkflowEngine.WorkflowEngine,
  E | EnvironmentError<Environment>,
  OpenSources | StiggClient | R | TargetRequirements<Target> | EnvironmentRequirements<Environment>
> =>
  layer(options).pipe(
    Layer.provide([MemoryJobStore.layer, EngineTraces.layerNone]),
    Layer.provideMerge(WorkflowEngine.layerMemory)
  )

/**
 * Jobs in one process that outlive it: started again with the same database, it goes on where it was.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSingle = <
  E = never,
  R = never,
  Target extends TargetOpener<unknown> = never,
  Environment extends EnvironmentOpener<unknown, unknown> = never
>(
  options: Options<E, R, Target, Environment>
): Layer.Layer<
  CustomerJobs | WorkflowEngine.WorkflowEngine,
  E | EnvironmentError<Environment> | SqlError | ConfigError,
  OpenSources | StiggClient | SqlClient | R | TargetRequirements<Target> | EnvironmentRequirements<Environment>
> => layerCluster(options).pipe(Layer.provide(SingleRunner.layer({ shardingConfig, runnerStorage: "memory" })))

/**
 * Jobs of a fleet: each process with this layer is a runner.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerCluster = <
  E = never,
  R = never,
  Target extends TargetOpener<unknown> = never,
  Environment extends EnvironmentOpener<unknown, unknown> = never
>(
  options: Options<E, R, Target, Environment>
): Layer.Layer<
  CustomerJobs | WorkflowEngine.WorkflowEngine,
  E | EnvironmentError<Environment> | SqlError,
  | OpenSources
  | StiggClient
  | SqlClient
  | Sharding
  | MessageStorage
  | R
  | TargetRequirements<Target>
  | EnvironmentRequirements<Environment>
> =>
  layer(options).pipe(
    Layer.provide([SqlJobStore.layer, EngineTraces.layerCluster]),
    Layer.provideMerge(ClusterWorkflowEngine.layer)
  )

/**
 * Settings of the cluster with which a dead runner is replaced within 15 seconds.
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

const layer = <E, R, Target extends TargetOpener<unknown>, Environment extends EnvironmentOpener<unknown, unknown>>(
  options: Options<E, R, Target, Environment>
): Layer.Layer<
  CustomerJobs,
  E | EnvironmentError<Environment>,
  | OpenSources
  | StiggClient
  | JobStore
  | EngineTraces.EngineTraces
  | WorkflowEngine.WorkflowEngine
  | R
  | TargetRequirements<Target>
  | EnvironmentRequirements<Environment>
> => {
  const kinds = Layer.scoped(
    JobKinds,
    Effect.gen(function* () {
      const context = yield* Effect.context<TargetRequirements<Target>>()
      const open = JobTarget.openers(options.targets ?? [])
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
  return runner.pipe(
    Layer.provideMerge(Layer.effect(CustomerJobs, JobService.make)),
    Layer.provide(kinds),
    Layer.provide(Leaving.layer),
    Layer.provide(options.rate)
  )
}
