import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import { WorkflowEngine as Engine } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Kind, Payload, Service } from "../../CustomerJobs.js"
import { JobStore } from "./JobStore.js"

const Ended = DurableDeferred.make("ended")

/**
 * The execution of a kind's own workflow starts the job and waits until it has ended. It does no work of the job, so
 * that it can be suspended meanwhile.
 */
export const run = <K extends Kind>(
  jobs: Service,
  kind: K,
  { executionId, payload }: { readonly executionId: string; readonly payload: Payload<K> }
) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const { id } = yield* jobs.start(kind, payload)
    yield* store.addExecutions(id, [{ workflow: kind.name, execution: executionId }])
    yield* DurableDeferred.await(Ended)
    return yield* jobs.result(kind, id)
  })

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
