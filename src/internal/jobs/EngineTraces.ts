import * as ClusterSchema from "@effect/cluster/ClusterSchema"
import * as EntityAddress from "@effect/cluster/EntityAddress"
import * as EntityId from "@effect/cluster/EntityId"
import * as EntityType from "@effect/cluster/EntityType"
import { MessageStorage } from "@effect/cluster/MessageStorage"
import { Sharding } from "@effect/cluster/Sharding"
import type * as Workflow from "@effect/workflow/Workflow"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The engine could not remove what it stored. */
export class TracesError extends Data.TaggedError("TracesError")<{ readonly cause: unknown }> {}

/** Removes what the engine stored about executions that have ended. The engine itself keeps it for ever. */
export interface EngineTraces {
  readonly remove: (workflow: Workflow.Any, executionId: string) => Effect.Effect<void, TracesError>
}

export const EngineTraces = Context.GenericTag<EngineTraces>("effect-stigg/internal/EngineTraces")

/** For an engine that stores nothing. */
export const layerNone: Layer.Layer<EngineTraces> = Layer.succeed(EngineTraces, { remove: () => Effect.void })

export const layerCluster: Layer.Layer<EngineTraces, never, Sharding | MessageStorage> = Layer.effect(
  EngineTraces,
  Effect.gen(function* () {
    const sharding = yield* Sharding
    const storage = yield* MessageStorage
    return {
      remove: (workflow, executionId) => {
        const entityId = EntityId.make(executionId)
        const group = Context.get(workflow.annotations, ClusterSchema.ShardGroup)(entityId)
        return Effect.mapError(
          storage.clearAddress(
            EntityAddress.EntityAddress.make({
              entityType: EntityType.EntityType.make(`Workflow/${workflow.name}`),
              entityId,
              shardId: sharding.getShardId(entityId, group)
            })
          ),
          (cause) => new TracesError({ cause })
        )
      }
    }
  })
)
