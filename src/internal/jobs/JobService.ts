import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Job, Kind, Result, Service } from "../../CustomerJobs.js"
import * as StoredReject from "./import/StoredReject.js"
import { JobEndedError, JobNotFoundError } from "../../jobs/JobError.js"
import type { JobRecord } from "./JobRecord.js"
import { isEnded } from "./JobRecord.js"
import type { Created, NewJob, RoundKey, SeriesRecord } from "./JobStore.js"
import { JobStore, JobStoreError } from "./JobStore.js"
import { toJob } from "./JobView.js"
import * as Payload from "./Payload.js"
import * as Rounds from "./Rounds.js"

/** Jobs that are read at once. */
const pageSize = 100

/** Rejected rows that are read at once. */
const rejectsAtOnce = 1000

const decodeReject = Schema.decode(StoredReject.StoredReject)

/** The jobs of a process that is a runner. */
export const make: Effect.Effect<Service, never, JobStore | WorkflowEngine> = Effect.gen(function* () {
  const context = yield* Effect.context<JobStore | WorkflowEngine>()
  return makeWith(yield* JobStore, (key) => Effect.provide(Rounds.begin(key), context))
})

/** The jobs of a process that leaves it to the runners to begin rounds. */
export const makeClient: Effect.Effect<Service, never, JobStore> = Effect.map(JobStore, (store) =>
  makeWith(store, () => Effect.void)
)

const makeWith = (store: JobStore, begin: (key: RoundKey) => Effect.Effect<void, JobStoreError>): Service => {
  const shown = (record: JobRecord): Effect.Effect<Job> =>
    Effect.map(Clock.currentTimeMillis, (now) => toJob(record, now))

  const find = (id: string) => Effect.flatMap(store.get(id), orNotFound(id))

  const progress: Service["progress"] = (id, { every = "1 second" } = {}) =>
    Stream.repeatEffectWithSchedule(find(id), Schedule.spaced(every)).pipe(
      Stream.takeUntil(({ stage }) => isEnded(stage)),
      Stream.changesWith(isSame),
      Stream.mapEffect(shown)
    )

  const page: Service["page"] = ({ before = null, limit = pageSize } = {}) =>
    Effect.flatMap(
      store.list({
        limit,
        before: before === null ? null : { id: before.id, createdAt: before.createdAt.epochMillis }
      }),
      Effect.forEach(shown)
    )

  /** Checks a payload, creates its job, and begins the job if it is new. None if it was not created. */
  const startWith = (
    kind: Kind,
    payload: unknown,
    create: (job: NewJob) => Effect.Effect<Option.Option<Created>, JobStoreError>
  ) =>
    Effect.gen(function* () {
      const encoded = yield* Payload.encode(kind, payload)
      const now = yield* Clock.currentTimeMillis
      const created = yield* create({ ...encoded, instance: crypto.randomUUID(), now })
      if (Option.isNone(created)) return Option.none()
      const { isNew, job } = created.value
      if (isNew) yield* begin({ id: job.id, instance: job.instance, round: job.round })
      else if (job.kind !== encoded.kind || job.payload !== encoded.payload) return yield* Payload.otherJob
      return Option.some(job)
    })

  const startNext: Service["startNext"] = (kind, next) =>
    Effect.gen(function* () {
      const series = Option.getOrNull(yield* store.series(next.series))
      const after = series?.lastId ?? null
      if (after === next.id) return true
      const last = after === null ? Option.none() : yield* store.get(after)
      if (Option.exists(last, ({ stage }) => !isEnded(stage))) return false
      const previous = series === null ? null : yield* previousResult(kind, next.series, series)
      const payload = { ...next.payload(previous), id: next.id }
      const started = yield* startWith(kind, payload, (job) => store.createNext({ name: next.series, after }, job))
      // Another process started a job of the series meanwhile.
      return Option.isSome(started) ? true : yield* startNext(kind, next)
    })

  const resume = (id: string, options?: { readonly source: string }) =>
    Effect.gen(function* () {
      const resumed = yield* store.resume(id, yield* Clock.currentTimeMillis, options)
      const job = yield* orNotFound(id)(resumed.job)
      if (isEnded(job.stage) || job.desired === "Cancel" || job.desired === "Fail") {
        return yield* Effect.flatMap(shown(job), cannot("resumed"))
      }
      if (Option.isSome(resumed.begin)) yield* begin(resumed.begin.value)
      return yield* shown(job)
    })

  return {
    start: (kind, payload) =>
      Effect.flatMap(
        startWith(kind, payload, (job) => Effect.asSome(store.create(job))),
        Option.match({
          onNone: () => Effect.die(new Error("A job is always created")),
          onSome: shown
        })
      ),
    startNext,
    poll: (id) => Effect.flatMap(find(id), shown),
    progress,
    pause: (id) =>
      Effect.gen(function* () {
        const job = yield* Effect.flatMap(store.pause(id), orNotFound(id))
        return isEnded(job.stage) || job.desired === "Cancel" || job.desired === "Fail"
          ? yield* Effect.flatMap(shown(job), cannot("paused"))
          : yield* shown(job)
      }),
    resume: (id) => resume(id),
    resumeFrom: (id, source) =>
      Effect.flatMap(find(id), (job) =>
        Effect.flatMap(Payload.encodeOtherSource(job, source), (source) => resume(id, { source }))
      ),
    cancel: (id) =>
      Effect.gen(function* () {
        const job = yield* Effect.flatMap(store.cancel(id, yield* Clock.currentTimeMillis), orNotFound(id))
        return job.stage === "Done" || job.stage === "Failed"
          ? yield* Effect.flatMap(shown(job), cannot("cancelled"))
          : yield* shown(job)
      }),
    result: (kind, id) =>
      Effect.gen(function* () {
        const job = yield* Stream.repeatEffectWithSchedule(find(id), Schedule.spaced("1 second")).pipe(
          Stream.filter(({ stage }) => isEnded(stage)),
          Stream.runHead
        )
        return yield* Effect.flatMap(orNotFound(id)(job), (job) => Payload.resultOf(kind, job))
      }),
    page,
    list: Stream.paginateChunkEffect<Job | null, Job, JobStoreError, never>(null, (before) =>
      Effect.map(page({ before }), (jobs) => {
        const last = jobs.length < pageSize ? undefined : jobs.at(-1)
        return [Chunk.fromIterable(jobs), Option.fromNullable(last)]
      })
    ),
    rejects: (id) =>
      Stream.unwrap(
        Effect.as(
          find(id),
          Stream.paginateChunkEffect(0, (after) =>
            Effect.gen(function* () {
              const page = yield* store.rejects(id, { after, limit: rejectsAtOnce })
              const rejects = yield* Effect.forEach(page, ({ reject }) => decodeReject(reject)).pipe(
                Effect.mapError((cause) => new JobStoreError({ message: "A rejected row cannot be read", cause }))
              )
              const last = page.length < rejectsAtOnce ? undefined : page.at(-1)?.row
              return [Chunk.fromIterable(rejects), Option.fromNullable(last)] as const
            })
          )
        )
      )
  }
}

/** Null also if another version or kind stored it: a job that knows of no previous one does too much, but nothing wrong. */
const previousResult = <K extends Kind>(
  kind: K,
  name: string,
  { lastId, result }: SeriesRecord
): Effect.Effect<Result<K> | null> =>
  result === null
    ? Effect.succeed(null)
    : Effect.catchAll(Payload.decodeResult(kind, lastId, result), ({ message }) =>
        Effect.as(Effect.logWarning(`The series ${name} goes on without the previous result: ${message}`), null)
      )

const orNotFound = (id: string) =>
  Option.match({
    onNone: () => Effect.fail(new JobNotFoundError({ id, message: `There is no job ${id}` })),
    onSome: (job: JobRecord) => Effect.succeed(job)
  })

const cannot =
  (what: string) =>
  ({ id, state }: Job) =>
    Effect.fail(new JobEndedError({ id, state, message: `The job ${id} cannot be ${what}: it is ${state}` }))

/** Beats are not news. */
const isSame = (a: JobRecord, b: JobRecord): boolean =>
  Equal.equals(Data.struct({ ...flat(a), beat: 0 }), Data.struct({ ...flat(b), beat: 0 }))

const flat = ({ parts, totals, ...job }: JobRecord) => ({
  ...job,
  ...totals,
  done: parts?.done,
  partCount: parts?.total
})
