import type * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { Kind } from "../../CustomerJobs.js"
import { EngineTraces } from "./EngineTraces.js"
import { JobKinds } from "./JobKind.js"
import { JobStore } from "./JobStore.js"
import * as Rounds from "./Rounds.js"
import * as Waiting from "./Waiting.js"
import { stallAfter } from "./Watch.js"

const interval = Duration.seconds(2)

/** The replies of the last executions are on their way when a job ends. */
const tidyAfter = Duration.seconds(30)

/** How long a job that cannot be discarded is tried again: its target may be gone for ever. */
const discardFor = Duration.days(1)

/**
 * What each runner looks after, on its own clock:
 * - a round that no runner has begun, because its job was started by a process that is no runner, or that died. It begins.
 * - a running job whose round shows no sign of life: the engine lost it, or cannot get to it. The next round begins.
 *   Several runners may see it: only one of them gets the round.
 * - an ended job: whoever waits for it is told, what it left is discarded, and later its traces in the engine are removed.
 * - ended jobs that are older than `keepEnded`.
 */
export const layer = (options: {
  readonly kinds: ReadonlyArray<Kind>
  readonly keepEnded: Duration.Duration | null
}): Layer.Layer<never, never, WorkflowEngine | JobStore | JobKinds | EngineTraces> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const store = yield* JobStore
      const traces = yield* EngineTraces
      const kinds = yield* JobKinds
      const workflows = new Map<string, Workflow.Any>(
        [Rounds.Round, Rounds.Part, ...options.kinds].map((workflow) => [workflow.name, workflow])
      )
      // Mutable: what was seen last of each running job.
      const seen = new Map<string, { readonly beat: number; readonly since: number }>()
      // Mutable: the ended jobs that this runner has discarded, each with the problem that kept it from it; null if none did.
      const discarded = new Map<string, string | null>()

      const revive = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const running = yield* store.running
        const keys = new Set(running.map(({ instance }) => instance))
        for (const instance of seen.keys()) if (!keys.has(instance)) seen.delete(instance)
        for (const { beat, id, instance, isBegun, round } of running) {
          // Begun again is not begun twice: the engine knows the execution.
          if (!isBegun) yield* Rounds.begin({ id, instance, round })
          const before = seen.get(instance)
          if (before === undefined || before.beat !== beat) {
            seen.set(instance, { beat, since: now })
            continue
          }
          if (now - before.since < Duration.toMillis(stallAfter)) continue
          seen.delete(instance)
          const next = yield* store.nextRound({ id, instance, round })
          if (Option.isNone(next)) continue
          yield* Effect.logWarning(`Job ${id}: round ${round} shows no sign of life, and the next one begins`)
          yield* Rounds.begin(next.value)
        }
      })

      /** Removes what an ended job left. Returns false if it has to be tried again. */
      const discard = (id: string, age: number) =>
        Effect.gen(function* () {
          const job = Option.getOrNull(yield* store.get(id))
          if (job === null) return true
          const kind = kinds.get(job.kind)
          const problem =
            kind === undefined
              ? `this runner does not know the kind ${job.kind}`
              : yield* kind.discard(job).pipe(
                  Effect.as(null),
                  Effect.catchTag("JobHalted", ({ problem }) => Effect.succeed(problem)),
                  // One job must not keep the others from being tidied.
                  Effect.catchAllDefect((defect) =>
                    Effect.as(Effect.logDebug(`Job ${id}: an unexpected failure`, defect), "an unexpected failure")
                  )
                )
          const before = discarded.get(id)
          discarded.set(id, problem)
          if (problem === null) return true
          const isLast = age >= Duration.toMillis(discardFor)
          if (isLast) yield* Effect.logError(`Job ${id}: what it wrote before it ended is left: ${problem}`)
          else if (problem !== before) {
            yield* Effect.logWarning(`Job ${id}: what it wrote cannot be removed, and is tried again: ${problem}`)
          }
          return isLast
        })

      const tidy = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const untidy = yield* store.untidy
        const ids = new Set(untidy.map(({ id }) => id))
        for (const id of discarded.keys()) if (!ids.has(id)) discarded.delete(id)
        for (const { endedAt, executions, id } of untidy) {
          for (const { execution, workflow } of executions) {
            if (options.kinds.some(({ name }) => name === workflow)) yield* Waiting.tell(workflow, execution)
          }
          const age = now - endedAt
          const isDue = age >= Duration.toMillis(tidyAfter)
          // At once, and again when whoever was still writing must have ended.
          const isDiscarded = !isDue && discarded.get(id) === null ? true : yield* discard(id, age)
          if (!isDue || !isDiscarded) continue
          for (const { execution, workflow } of executions) {
            const known = workflows.get(workflow)
            if (known !== undefined) yield* traces.remove(known, execution)
          }
          yield* store.tidied(id)
        }
        if (options.keepEnded !== null) yield* store.removeEnded(now - Duration.toMillis(options.keepEnded))
      })

      const contained = <E, R>(what: string, effect: Effect.Effect<void, E, R>) =>
        Effect.catchAllCause(effect, (cause) => Effect.logWarning(`Jobs: ${what} failed and is tried again`, cause))

      const repeated = (what: string, effect: typeof revive | typeof tidy) =>
        Effect.forkScoped(Effect.repeat(contained(what, effect), Schedule.jittered(Schedule.spaced(interval))))

      // Two fibers: a slow file system must not keep running jobs from being looked at.
      yield* repeated("the look at running jobs", revive)
      yield* repeated("the removal of ended jobs", tidy)
    })
  )
