import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { JobKind, PartControl } from "./JobKind.js"
import { JobHalted, JobKinds, PartStopped } from "./JobKind.js"
import type { JobRecord, PartRecord } from "./JobRecord.js"
import { isEnded } from "./JobRecord.js"
import type { JobStoreError, PartKey, RoundKey } from "./JobStore.js"
import { JobStore } from "./JobStore.js"
import { Leaving } from "./Leaving.js"
import * as Watch from "./Watch.js"

const round = { id: Schema.String, instance: Schema.String, round: Schema.Int }

/**
 * One attempt to run what is left of a job: plans it if it has no plan, runs its open parts, and ends.
 *
 * A round never waits for a user. A job that is paused has no execution in the engine, and resuming it begins the next
 * round. So the engine has nothing to keep, and a round that it loses is replaced by the next one: see `Sweep`.
 */
export const Round = Workflow.make({
  name: "effect-stigg/JobRound",
  payload: round,
  idempotencyKey: ({ instance, round }) => `${instance}/${round}`
})

/** One part in one round: a workflow of its own, because all activities of a workflow run on one runner. */
export const Part = Workflow.make({
  name: "effect-stigg/JobPart",
  payload: { ...round, part: Schema.Int, attempt: Schema.Int },
  idempotencyKey: ({ attempt, instance, part, round }) => `${instance}/${round}/${part}/${attempt}`
})

/** Begins a round on whichever runner the engine chooses. */
export const begin = (key: RoundKey): Effect.Effect<void, JobStoreError, WorkflowEngine | JobStore> =>
  Effect.gen(function* () {
    const store = yield* JobStore
    yield* store.addExecutions(key.id, [{ workflow: Round.name, execution: yield* Round.executionId(key) }])
    yield* Round.execute(key, { discard: true })
  })

/** How often a runner that works on a job says so. */
export const beatInterval = Duration.seconds(3)

/** How often a part that waits looks whether it should go on. */
const lookInterval = Duration.seconds(1)

/** A round that is followed by another does not follow at once, so that a fault cannot make a busy loop. */
const betweenRounds = Duration.millis(500)

/** Runs the rounds and parts that the engine gives to this runner. */
export const layer: Layer.Layer<never, never, WorkflowEngine | JobStore | JobKinds | Leaving> = Layer.unwrapEffect(
  Effect.gen(function* () {
    const store = yield* JobStore
    const kinds = yield* JobKinds
    const leaving = yield* Leaving

    const kindOf = (job: JobRecord): Effect.Effect<JobKind, JobHalted> =>
      Option.match(Option.fromNullable(kinds.get(job.kind)), {
        onNone: () =>
          Effect.fail(new JobHalted({ desired: "Pause", problem: `A runner does not know the kind ${job.kind}` })),
        onSome: Effect.succeed
      })

    /** The job, as long as the round is current. */
    const jobOf = (key: RoundKey): Effect.Effect<Option.Option<JobRecord>> =>
      Effect.map(
        patiently(store.get(key.id)),
        Option.filter(
          ({ instance, round, stage }) => instance === key.instance && round === key.round && stage === "Running"
        )
      )

    const halt = (key: RoundKey, { desired, problem }: JobHalted) => patiently(store.halt(key, { desired, problem }))

    /** Nothing here may end in a defect: the engine would store it as the result of the execution. */
    const contained = <E, R>(
      key: RoundKey,
      effect: Effect.Effect<void, E | JobHalted, R>,
      onDefect: (cause: Cause.Cause<unknown>) => Effect.Effect<void>
    ) =>
      Effect.catchAllCause(effect, (cause) => {
        const failure = Option.getOrNull(Cause.failureOption(cause))
        if (failure instanceof JobHalted) return halt(key, failure)
        return Cause.isInterruptedOnly(cause) ? Effect.failCause(Cause.stripFailures(cause)) : onDefect(cause)
      })

    /** The storage of the engine may have failed. The job goes on with the next round. */
    const survived = (key: RoundKey) => (cause: Cause.Cause<unknown>) =>
      Effect.logWarning(`Job ${key.id}: round ${key.round} was cut short`, cause)

    /** Halts at a fault of this SDK, or of a source that a user wrote: another attempt would have the same end. */
    const unsurprised = <A, E, R>(key: RoundKey, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | JobHalted, R> =>
      Effect.catchAllDefect(effect, (defect) =>
        Effect.zipRight(
          Effect.logError(`Job ${key.id}: a step failed unexpectedly`, Cause.die(defect)),
          Effect.fail(
            new JobHalted({ desired: "Pause", problem: "A step failed unexpectedly: see the log of the runner" })
          )
        )
      )

    /** A runner that hung until the job had ended may have written files after the others were discarded. */
    const discardLate = (key: RoundKey) =>
      Effect.gen(function* () {
        const job = Option.getOrNull(yield* patiently(store.get(key.id)))
        if (job === null || job.instance !== key.instance || !isEnded(job.stage)) return
        yield* Effect.flatMap(kindOf(job), (kind) => kind.discard(job))
      }).pipe(Effect.catchAll(({ problem }) => Effect.logWarning(`Job ${key.id}: files may be left: ${problem}`)))

    const runPart = (key: PartKey, job: JobRecord, part: PartRecord) =>
      Effect.gen(function* () {
        const kind = yield* kindOf(job)
        yield* unsurprised(key, kind.runPart(job, part, makeControl(store, leaving, key)))
      }).pipe(Effect.catchTag("PartStopped", () => discardLate(key)))

    const parts = Part.toLayer((payload) =>
      leaving.hold(
        contained(
          payload,
          Effect.gen(function* () {
            const job = yield* jobOf(payload)
            if (Option.isNone(job) || (yield* leaving.isLeaving)) return
            const key = { ...payload, owner: crypto.randomUUID() }
            const part = yield* patiently(store.claim(key))
            if (Option.isNone(part)) return
            yield* beating(patiently(store.beatPart(key)), runPart(key, job.value, part.value))
          }),
          survived(payload)
        )
      )
    )

    /** Runs a part until it returns, also if its runner hangs and another has to take it. */
    const executed = (key: RoundKey, part: number, stalled: Effect.Effect<void>) =>
      Effect.gen(function* () {
        for (let attempt = 0; ; attempt++) {
          const payload = { ...key, part, attempt }
          const execution = { workflow: Part.name, execution: yield* Part.executionId(payload) }
          yield* patiently(store.addExecutions(key.id, [execution]))
          // A daemon, because the engine does not let go of an execution that is interrupted.
          const running = yield* Effect.forkDaemon(Part.execute(payload))
          const isDone = yield* Effect.raceFirst(Effect.as(Fiber.join(running), true), Effect.as(stalled, false))
          if (isDone) return
          yield* Effect.logWarning(`Job ${key.id}: part ${part} shows no sign of life and is begun again`)
        }
      })

    const planned = (key: RoundKey, job: JobRecord) =>
      Effect.gen(function* () {
        if (job.plan !== null) return
        const plan = yield* Effect.flatMap(kindOf(job), (kind) => unsurprised(key, kind.plan(job)))
        yield* patiently(store.plan(key, { ...plan, now: yield* Clock.currentTimeMillis }))
      })

    const finished = (key: RoundKey) =>
      Effect.gen(function* () {
        const job = yield* jobOf(key)
        if (Option.isNone(job)) return
        const kind = yield* kindOf(job.value)
        const parts = yield* patiently(store.parts(key.id))
        const result = yield* unsurprised(key, kind.finish(job.value, parts))
        const isComplete = yield* patiently(store.complete(key, { result, now: yield* Clock.currentTimeMillis }))
        if (!isComplete) yield* discardLate(key)
      })

    const ended = (key: RoundKey): Effect.Effect<void, never, WorkflowEngine> =>
      Effect.gen(function* () {
        const end = yield* patiently(store.endRound(key, yield* Clock.currentTimeMillis))
        if (end._tag === "Complete") {
          // A job that was halted is not complete the next time.
          return yield* Effect.catchAll(finished(key), (halted) => Effect.zipRight(halt(key, halted), ended(key)))
        }
        if (end._tag !== "Unfinished") return
        yield* Effect.sleep(betweenRounds)
        const next = yield* patiently(store.nextRound(key))
        // Another runner begins it if this one leaves.
        if (Option.isSome(next) && !(yield* leaving.isLeaving)) yield* patiently(begin(next.value))
      }).pipe(Effect.provideService(JobStore, store))

    const work = (key: RoundKey, job: JobRecord) =>
      Effect.gen(function* () {
        yield* planned(key, job)
        const concurrency = yield* Effect.flatMap(kindOf(job), (kind) => kind.concurrency(job))
        const open = yield* patiently(store.openParts(key.id))
        const watch = yield* Watch.make(patiently(store.partBeats(key.id)))
        yield* Effect.forEach(open, (part) => executed(key, part, watch.stalled(part)), { concurrency, discard: true })
      }).pipe(Effect.scoped)

    const rounds = Round.toLayer((key) =>
      leaving.hold(
        contained(
          key,
          beating(
            patiently(store.beat(key)),
            Effect.gen(function* () {
              const job = yield* jobOf(key)
              if (Option.isNone(job)) return
              if (job.value.desired === "Run") {
                // A runner that leaves does not wait for the parts of others: the next round takes over.
                yield* Effect.raceFirst(contained(key, work(key, job.value), survived(key)), leaving.begun)
              }
              yield* ended(key)
            })
          ),
          survived(key)
        )
      )
    )

    return Layer.merge(rounds, parts)
  })
)

/** Beats until an effect ends. */
const beating = <A, E, R>(beat: Effect.Effect<void>, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(Effect.repeat(beat, Schedule.spaced(beatInterval)))
    return yield* Effect.ensuring(effect, Fiber.interrupt(fiber))
  })

/**
 * Retries until the store can be reached again: what was done must be recorded, and no part may end because of an
 * outage. Says so once.
 */
const patiently = <A, R>(effect: Effect.Effect<A, JobStoreError, R>): Effect.Effect<A, never, R> => {
  const again = (wait: Duration.Duration): Effect.Effect<A, never, R> =>
    Effect.sleep(wait).pipe(
      Effect.zipRight(effect),
      Effect.catchAll(() => again(Duration.min(Duration.times(wait, 2), longestRetry)))
    )
  return Effect.catchAll(effect, (error) =>
    Effect.zipRight(Effect.logWarning(`${error.message}; retrying`), again(firstRetry))
  )
}

const firstRetry = Duration.millis(100)
const longestRetry = Duration.seconds(3)

const makeControl = (
  store: JobStore,
  leaving: { readonly isLeaving: Effect.Effect<boolean> },
  key: PartKey
): PartControl => {
  const goOn = Effect.gen(function* () {
    if (yield* leaving.isLeaving) return yield* new PartStopped()
    if ((yield* patiently(store.wanted(key))) !== "Run") return yield* new PartStopped()
  })
  return {
    owner: key.owner,
    goOn,
    record: (work) =>
      Effect.flatMap(patiently(store.record(key, work)), (isRecorded) =>
        isRecorded ? Effect.void : Effect.fail(new PartStopped())
      ),
    wait: (duration) =>
      Effect.gen(function* () {
        for (let left = duration; Duration.greaterThan(left, 0); left = Duration.subtract(left, lookInterval)) {
          yield* goOn
          yield* Effect.sleep(Duration.min(left, lookInterval))
        }
      }),
    note: (problem) => patiently(store.note(key, problem))
  }
}
