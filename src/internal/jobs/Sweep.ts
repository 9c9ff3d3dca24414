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
import { JobStore } from "./JobStore.js"
import * as Rounds from "./Rounds.js"
import * as Waiting from "./Waiting.js"
import { stallAfter } from "./Watch.js"

const interval = Duration.seconds(2)

/** The replies of the last executions are on their way when a job ends. */
const tidyAfter = Duration.seconds(30)

/**
 * What each runner looks after, on its own clock:
 * - a round that no runner has begun, because its job was started by a process that is no runner, or that died. It begins.
 * - a running job whose round shows no sign of life: the engine lost it, or cannot get to it. The next round begins.
 *   Several runners may see it: only one of them gets the round.
 * - an ended job: whoever waits for it is told, and later its traces in the engine are removed.
 * - ended jobs that are older than `keepEnded`.
 */
export const layer = (options: {
  readonly kinds: ReadonlyArray<Kind>
  readonly keepEnded: Duration.Duration | null
}): Layer.Layer<never, never, WorkflowEngine | JobStore | EngineTraces> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const store = yield* JobStore
      const traces = yield* EngineTraces
      const workflows = new Map<string, Workflow.Any>(
        [Rounds.Round, Rounds.Part, ...options.kinds].map((workflow) => [workflow.name, workflow])
      )
      // Mutable: what was seen last of each running job.
      const seen = new Map<string, { readonly beat: number; readonly since: number }>()

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

      const tidy = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        for (const { endedAt, executions, id } of yield* store.untidy) {
          for (const { execution, workflow } of executions) {
            if (options.kinds.some(({ name }) => name === workflow)) yield* Waiting.tell(workflow, execution)
          }
          if (now - endedAt < Duration.toMillis(tidyAfter)) continue
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

      yield* Effect.forkScoped(
        Effect.repeat(
          Effect.zipRight(contained("the look at running jobs", revive), contained("the removal of ended jobs", tidy)),
          Schedule.jittered(Schedule.spaced(interval))
        )
      )
    })
  )
