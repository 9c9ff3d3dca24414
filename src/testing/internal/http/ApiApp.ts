import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { ConnectionFault } from "../../Faults.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as Trace from "../contract/Trace.js"
import * as CustomersApi from "../handlers/CustomersApi.js"
import * as IntegrationsApi from "../handlers/IntegrationsApi.js"
import * as PaymentMethodApi from "../handlers/PaymentMethodApi.js"
import * as PromotionalEntitlementsApi from "../handlers/PromotionalEntitlementsApi.js"
import * as RequestLog from "../journal/RequestLog.js"
import * as Authentication from "../middleware/Authentication.js"
import * as Pipeline from "../middleware/Pipeline.js"
import * as Changes from "../webhooks/Changes.js"
import * as Ids from "../world/Ids.js"
import * as Instance from "../world/Instance.js"
import * as World from "../world/World.js"
import type * as Worlds from "../world/Worlds.js"

const routes = Layer.mergeAll(
  CustomersApi.layer,
  PaymentMethodApi.layer,
  PromotionalEntitlementsApi.layer,
  IntegrationsApi.layer
)

/**
 * Built once per program, because it takes longer than the rest of an emulator. The router holds no state:
 * {@link make} provides the `World` with each request.
 */
const router = Effect.gen(function* () {
  const context = yield* Layer.build(
    Layer.mergeAll(routes, HttpApiBuilder.Router.Live, HttpServer.layerContext).pipe(
      Layer.provide(Layer.sync(World.World, () => World.empty(Ids.make(0))))
    )
  )
  return { context, router: yield* Effect.provide(HttpApiBuilder.Router.router, context) }
}).pipe(Effect.scoped, Effect.cached, Effect.runSync)

/** Handles the requests of the API, each in its world. */
export const make = (
  worlds: Worlds.Worlds,
  options: Pipeline.Options
): Effect.Effect<HttpApp.Default<ConnectionFault, Scope.Scope>> =>
  Effect.gen(function* () {
    const built = yield* router
    const routed = yield* HttpRouter.toHttpApp(HttpRouter.use(built.router, Pipeline.make(options))).pipe(
      HttpRouter.withRouterConfig({ caseSensitive: true, ignoreDuplicateSlashes: false, maxParamLength: 10_000 })
    )
    const app = Effect.catchTag(routed, "RouteNotFound", (error) =>
      ApiFailure.caught(Effect.zipRight(Authentication.check(options.apiKey), error))
    )
    const servicesOf = servicesIn(built.context)
    return Effect.contextWithEffect((input: Context.Context<HttpServerRequest.HttpServerRequest | Scope.Scope>) => {
      const request = Context.get(input, HttpServerRequest.HttpServerRequest)
      // A request that will get a 401 makes no world: each wrong key would keep one in memory.
      const isKnown = Authentication.refusalOf(options.apiKey, request.headers) === null
      const chosen = isKnown ? worlds.ofRequest(request.headers) : Effect.succeed(worlds.main)
      return Effect.flatMap(chosen, (instance) =>
        instance.clock.within(
          RequestLog.noting(instance.journal, request, (entry) =>
            Effect.zipRight(
              instance.outbox.tickWithin,
              Effect.provide(
                app,
                Context.mergeAll(servicesOf(instance), encodeSemicolons(input), Context.make(RequestLog.Current, entry))
              )
            )
          )
        )
      )
    })
  })

/** The services of the requests of an instance, made once for each world: a context is copied each time that it grows. */
const servicesIn = <R>(context: Context.Context<R>) => {
  const make = (instance: Instance.Instance) =>
    context.pipe(
      Context.add(World.World, instance.world),
      Context.add(Instance.Current, instance),
      Context.add(Changes.Current, instance.outbox),
      Context.add(Trace.Current, instance.world.traces)
    )
  const known = new WeakMap<World.WorldState, ReturnType<typeof make>>()
  return (instance: Instance.Instance) => {
    const found = known.get(instance.world)
    if (found !== undefined) return found
    const made = make(instance)
    known.set(instance.world, made)
    return made
  }
}

/** The router ends the path at a `;`, but in the API a `;` can be part of an id. */
const encodeSemicolons = <R>(input: Context.Context<R | HttpServerRequest.HttpServerRequest>) => {
  const request = Context.get(input, HttpServerRequest.HttpServerRequest)
  if (!request.url.includes(";")) return input
  const url = request.url.replace(/^[^?#]*/, (path) => path.replaceAll(";", "%3B"))
  return Context.add(input, HttpServerRequest.HttpServerRequest, request.modify({ url }))
}
