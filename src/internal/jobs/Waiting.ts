import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import { WorkflowEngine as Engine } from "@effect/workflow/WorkflowEngine"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import type { CustomerJobs, Kind, Service } from "../../CustomerJobs.js"
import { JobStore } from "./JobStore.js"

const Ended = DurableDeferred.make("ended")

/**
 * The execution of a kind's own workflow starts the job and waits until it has ended. It does no work of the job, so
 * that it can be suspended meanwhile.
 */
export const layer = (
  kind: Kind,
  tag: Context.Tag<CustomerJobs, Service>
): Layer.Layer<never, never, WorkflowEngine | JobStore | CustomerJobs> =>
  kind.toLayer((payload, executionId) =>
    Effect.gen(function* () {
      const jobs = yield* tag
      const store = yield* JobStore
      yield* jobs.start(kind, payload)
      yield* store.addExecutions(payload.id, [{ workflow: kind.name, execution: executionId }])
      yield* DurableDeferred.await(Ended)
      return yield* jobs.result(kind, payload.id)
    })
  )

/** Wakes an execution that waits for its job. */
export const tell = (workflow: string, execution: string): Effect.Effect<void, never, WorkflowEngine> =>
  Effect.flatMap(Engine, (engine) =>
    engine.deferredDone(Ended, {
      workflowName: workflow,
      executionId: execution,
      deferredName: Ended.name,
      exit: Exit.void
    })
  )
