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
import type { Job, Service } from "../../CustomerJobs.js"
import * as StoredReject from "./import/StoredReject.js"
import { JobEndedError, JobNotFoundError } from "./JobError.js"
import type { JobRecord } from "./JobRecord.js"
import { isEnded } from "./JobRecord.js"
import type { RoundKey } from "./JobStore.js"
import { JobStore, JobStoreError } from "./JobStore.js"
import { toJob } from "./JobView.js"
import * as Payload from "./Payload.js"
import * as Rounds from "./Rounds.js"

/** Jobs in one page of a list. */
const pageSize = 100

/** Rejected rows that are read at once. */
const rejectsAtOnce = 1000

const decodeReject = Schema.decode(StoredReject.StoredReject)

/** The jobs of a process that is a runner. */
export const make: Effect.Effect<Service, never, JobStore | WorkflowEngine> = Effect.gen(function* () {
  const context = yield* Effect.context<JobStore | WorkflowEngine>()
  return yield* makeWith((key) => Effect.provide(Rounds.begin(key), context))
})

/** The jobs of a process that leaves it to the runners to begin rounds. */
export const makeClient: Effect.Effect<Service, never, JobStore> = Effect.suspend(() => makeWith(() => Effect.void))

const makeWith = (
  begin: (key: RoundKey) => Effect.Effect<void, JobStoreError>
): Effect.Effect<Service, never, JobStore> =>
  Effect.gen(function* () {
    const store = yield* JobStore

    const shown = (record: JobRecord): Effect.Effect<Job> =>
      Effect.map(Clock.currentTimeMillis, (now) => toJob(record, now))

    const find = (id: string) => Effect.flatMap(store.get(id), orNotFound(id))

    const progress: Service["progress"] = (id, { every = "1 second" } = {}) =>
      Stream.repeatEffectWithSchedule(find(id), Schedule.spaced(every)).pipe(
        Stream.takeUntil(({ stage }) => isEnded(stage)),
        Stream.changesWith(isSame),
        Stream.mapEffect(shown)
      )

    return {
      start: (kind, payload) =>
        Effect.gen(function* () {
          const encoded = yield* Payload.encode(kind, payload)
          const now = yield* Clock.currentTimeMillis
          const { isNew, job } = yield* store.create({ ...encoded, instance: crypto.randomUUID(), now })
          if (isNew) yield* begin({ id: job.id, instance: job.instance, round: job.round })
          else if (job.kind !== encoded.kind || job.payload !== encoded.payload) return yield* Payload.otherJob
          return yield* shown(job)
        }),
      poll: (id) => Effect.flatMap(find(id), shown),
      progress,
      pause: (id) =>
        Effect.gen(function* () {
          const job = yield* Effect.flatMap(store.pause(id), orNotFound(id))
          return isEnded(job.stage) || job.desired === "Cancel" || job.desired === "Fail"
            ? yield* Effect.flatMap(shown(job), cannot("paused"))
            : yield* shown(job)
        }),
      resume: (id) =>
        Effect.gen(function* () {
          const resumed = yield* store.resume(id, yield* Clock.currentTimeMillis)
          const job = yield* orNotFound(id)(resumed.job)
          if (isEnded(job.stage) || job.desired === "Cancel" || job.desired === "Fail") {
            return yield* Effect.flatMap(shown(job), cannot("resumed"))
          }
          if (Option.isSome(resumed.begin)) yield* begin(resumed.begin.value)
          return yield* shown(job)
        }),
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
      list: Stream.paginateChunkEffect(null as { readonly createdAt: number; readonly id: string } | null, (before) =>
        Effect.gen(function* () {
          const page = yield* store.list({ limit: pageSize, before })
          const jobs = yield* Effect.forEach(page, shown)
          const last = page.length < pageSize ? undefined : page.at(-1)
          return [Chunk.fromIterable(jobs), Option.fromNullable(last)] as const
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
  })

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
