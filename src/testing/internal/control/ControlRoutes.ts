import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Emulator } from "../../Emulator.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as AddedWebhooks from "./AddedWebhooks.js"
import * as ControlAccess from "./ControlAccess.js"
import * as ControlHandlers from "./ControlHandlers.js"
import * as Page from "./page/Page.js"
import * as WebhookHandlers from "./WebhookHandlers.js"

/**
 * Serves the control routes, and the page that uses them.
 *
 * @param hosts the hosts to accept in the `Host` header, in addition to the loopback hosts
 */
export const make = (
  hosts: ReadonlySet<string>
): Effect.Effect<HttpApp.Default<never, Scope.Scope>, never, Emulator | Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* Layer.build(
      Layer.mergeAll(
        ControlHandlers.layer,
        WebhookHandlers.layer,
        HttpApiBuilder.Router.Live,
        HttpServer.layerContext
      ).pipe(Layer.provideMerge(AddedWebhooks.layer))
    )
    const router = yield* Effect.provide(HttpApiBuilder.Router.router, context)
    const routed = Effect.provide(yield* HttpRouter.toHttpApp(router), context)
    const app = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const page = Page.answer(request)
      return page === null ? routed : Effect.succeed(page)
    })
    return ApiFailure.caught(Effect.zipRight(ControlAccess.check(hosts), app))
  })
