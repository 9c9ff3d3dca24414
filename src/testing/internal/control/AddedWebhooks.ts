import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Controls } from "../../Controls.js"
import type { Endpoint } from "../../Webhooks.js"
import type { InvalidWebhook } from "../webhooks/Endpoint.js"
import * as FetchClient from "../webhooks/FetchClient.js"

/** The endpoints that requests have added. */
export class AddedWebhooks extends Context.Tag("effect-stigg/testing/AddedWebhooks")<
  AddedWebhooks,
  {
    readonly add: (world: Controls, endpoint: Endpoint) => Effect.Effect<void, InvalidWebhook>
    /** Removes those of a world. */
    readonly remove: (world: Controls) => Effect.Effect<void>
  }
>() {}

/** No endpoints yet. They are removed with the scope. */
export const layer = Layer.scoped(
  AddedWebhooks,
  Effect.gen(function* () {
    const client = yield* Effect.context<HttpClient.HttpClient>()
    const parent = yield* Effect.scope
    // Mutable: the scopes of the endpoints of each world, by its name.
    const scopes = new Map<string, ReadonlyArray<Scope.CloseableScope>>()
    return {
      add: ({ name, webhooks }, endpoint) =>
        Effect.gen(function* () {
          const scope = yield* Scope.fork(parent, ExecutionStrategy.sequential)
          yield* webhooks.subscribe(endpoint).pipe(
            Scope.extend(scope),
            Effect.provide(client),
            Effect.onError(() => Scope.close(scope, Exit.void))
          )
          scopes.set(name, [...(scopes.get(name) ?? []), scope])
        }),
      remove: ({ name }) =>
        Effect.suspend(() => {
          const closed = scopes.get(name) ?? []
          scopes.delete(name)
          return Effect.forEach(closed, (scope) => Scope.close(scope, Exit.void), { discard: true })
        })
    }
  })
).pipe(Layer.provide(FetchClient.layer))
