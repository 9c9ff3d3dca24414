import * as MessageStorage from "@effect/cluster/MessageStorage"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as Runners from "@effect/cluster/Runners"
import * as RunnerStorage from "@effect/cluster/RunnerStorage"
import * as Sharding from "@effect/cluster/Sharding"
import * as ClusterCron from "@effect/cluster/ClusterCron"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as Cron from "effect/Cron"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
const config = ShardingConfig.layer({ shardsPerGroup: 1, entityTerminationTimeout: 2000, ...(process.argv[2] ? { entityMessagePollInterval: 5000, refreshAssignmentsInterval: 5000 } : {}) })
const runner = Sharding.layer.pipe(
  Layer.provide(Runners.layerNoop),
  Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
  Layer.provide(config)
)
const t0 = Date.now()
const say = (x: string) => Effect.sync(() => console.log(((Date.now() - t0) / 1000).toFixed(1), x))
Effect.runPromise(Effect.gen(function* () {
  const scope = yield* Scope.make()
  const cron = ClusterCron.make({ name: "x", cron: Cron.unsafeParse("*/20 * * * * *"), execute: say("run") })
  yield* Layer.buildWithScope(Layer.provide(cron, runner), scope)
  yield* Effect.sleep(process.argv[3] ?? 25000 as any)
  yield* say("leaving")
  yield* Scope.close(scope, Exit.void)
  yield* say("left")
}).pipe(Effect.provide(Layer.provide(MessageStorage.layerMemory, config)) as any))
