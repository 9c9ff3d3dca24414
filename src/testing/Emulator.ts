import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiError from "@effect/platform/HttpApiError"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as ApiFailure from "./ApiFailure.js"
import * as Authentication from "./Authentication.js"
import type { Broken } from "./Broken.js"
import * as CustomersApi from "./CustomersApi.js"
import * as Faults from "./Faults.js"
import * as IdempotencyStore from "./IdempotencyStore.js"
import * as Ids from "./Ids.js"
import * as InProcess from "./InProcess.js"
import * as IntegrationsApi from "./IntegrationsApi.js"
import * as Operation from "./Operation.js"
import * as PaymentMethodApi from "./PaymentMethodApi.js"
import { plant } from "./Planting.js"
import * as PromotionalEntitlementsApi from "./PromotionalEntitlementsApi.js"
import * as Seed from "./Seed.js"
import * as Snapshot from "./Snapshot.js"
import * as World from "./World.js"

/**
 * What an emulator starts with.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The world it starts with; empty without one. */
  readonly seed?: Seed.Input | undefined
  /** Faults from the start. */
  readonly faults?: ReadonlyArray<Faults.Rule> | undefined
  /** The one key it accepts; without it, any that is not empty. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** What ids, cursors and chances are drawn from: the same number gives the same. 0 unless told otherwise. */
  readonly idSeed?: number | undefined
}

/**
 * A Stigg in memory: reads its state back, and puts faults in the way of requests.
 *
 * @category tags
 * @since 0.1.0
 */
export class Emulator extends Context.Tag("effect-stigg/testing/Emulator")<
  Emulator,
  {
    /** Handles requests, for a server or a client in process. */
    readonly httpApp: HttpApp.Default<Broken, Scope.Scope>
    /** The state as plain JSON, to compare in a test. */
    readonly snapshot: Effect.Effect<Snapshot.Snapshot>
    /** Puts a fault in the way; the newest come last. */
    readonly inject: (rule: Faults.Rule) => Effect.Effect<void, Faults.InvalidFault>
    /** Takes all faults out of the way. */
    readonly clearFaults: Effect.Effect<void>
  }
>() {}

/** A way through the operations, from a request that is routed to its answer; the outermost comes last. */
const pipeline = (faults: Faults.Faults, apiKey: Option.Option<Redacted.Redacted>) =>
  Effect.map(
    IdempotencyStore.IdempotencyStore,
    (idempotency) =>
      <E, R>(handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
        Effect.gen(function* () {
          const { headers, method } = yield* HttpServerRequest.HttpServerRequest
          const { params, route } = yield* HttpRouter.RouteContext
          const operation = Operation.ofRoute(route.method, route.path)
          const key = headers["idempotency-key"] ?? ""
          const once = method === "POST" && key !== "" ? idempotency.once(key, handler) : handler
          const handled = answered(Effect.zipRight(Authentication.check(apiKey), once))
          return yield* operation === undefined ? handled : faults.apply({ operation, customer: params["id"] }, handled)
        })
  )

/** Gives every failure the API's error body. */
const answered = <E, R>(
  handled: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R> =>
  Effect.catchAllCause(handled, (cause) => {
    if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
    const failure = failureOf(Cause.squash(cause))
    const response = Effect.succeed(ApiFailure.toResponse(failure))
    return failure === ApiFailure.internal ? Effect.zipRight(Effect.logError(cause), response) : response
  })

const failureOf = (error: unknown): ApiFailure.ApiFailure => {
  if (error instanceof ApiFailure.ApiFailure) return error
  if (error instanceof HttpApiError.HttpApiDecodeError) {
    const issue = error.issues[0]
    const field = issue === undefined || issue.path.length === 0 ? "body" : issue.path.map(String).join(".")
    return ApiFailure.badInput(field, issue?.message ?? error.message)
  }
  if (error instanceof HttpServerError.RouteNotFound) {
    return ApiFailure.routeNotFound(error.request.method, error.request.url.replace(/\?.*/s, ""))
  }
  if (error instanceof HttpServerError.RequestError) return ApiFailure.badInput("body", "not valid JSON")
  return ApiFailure.internal
}

const routes = Layer.mergeAll(
  CustomersApi.layer,
  PaymentMethodApi.layer,
  PromotionalEntitlementsApi.layer,
  IntegrationsApi.layer
)

const httpApp = (world: World.WorldState, faults: Faults.Faults, apiKey: Option.Option<Redacted.Redacted>) =>
  Effect.gen(function* () {
    // A build of its own, so that two emulators in one program share neither routes nor world.
    const context = yield* Layer.build(
      Layer.mergeAll(routes, HttpApiBuilder.Router.Live, IdempotencyStore.layer, HttpServer.layerContext).pipe(
        Layer.provide(Layer.succeed(World.World, world))
      )
    )
    const through = yield* Effect.provide(pipeline(faults, apiKey), context)
    const router = HttpRouter.use(yield* Effect.provide(HttpApiBuilder.Router.router, context), through)
    const app = yield* HttpRouter.toHttpApp(router).pipe(
      HttpRouter.withRouterConfig({ caseSensitive: true, ignoreDuplicateSlashes: false, maxParamLength: 10_000 })
    )
    return app.pipe(
      Effect.catchTag("RouteNotFound", (error) => Effect.succeed(ApiFailure.toResponse(failureOf(error)))),
      // The handlers were given their services when they were built; this is what `HttpApi` asks for besides.
      Effect.mapInputContext((input: Context.Context<HttpServerRequest.HttpServerRequest | Scope.Scope>) =>
        Context.merge(context, input)
      )
    )
  })

/**
 * An emulator with a world of its own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Options = {}
): Effect.Effect<Context.Tag.Service<Emulator>, Seed.InvalidSeed | Faults.InvalidFault, Scope.Scope> =>
  Effect.gen(function* () {
    const seed = yield* Seed.decode(options.seed ?? {})
    const idSeed = options.idSeed ?? 0
    const world = yield* plant(seed, Ids.make(idSeed), yield* DateTime.now)
    const faults = Faults.make(idSeed)
    yield* Effect.forEach(options.faults ?? [], faults.inject, { discard: true })
    return Emulator.of({
      httpApp: yield* httpApp(world, faults, Option.fromNullable(options.apiKey)),
      snapshot: Effect.sync(() => Snapshot.of(world)),
      inject: faults.inject,
      clearFaults: faults.clear
    })
  })

/**
 * An emulator with a world of its own: each layer has one.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<Emulator, Seed.InvalidSeed | Faults.InvalidFault> =>
  Layer.scoped(Emulator, make(options))

/**
 * An `HttpClient` whose requests the emulator handles in process, whatever their host: without a socket, and with the
 * clock of the program.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerHttpClient: Layer.Layer<HttpClient.HttpClient, never, Emulator> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(Emulator, ({ httpApp }) => InProcess.client(httpApp))
)

/**
 * Puts a fault in the way of requests.
 *
 * @example
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const outage = Emulator.inject({ fault: Faults.status(503), operation: "customers.retrieve", times: 1 })
 * console.log(outage)
 *
 * @category accessors
 * @since 0.1.0
 */
export const inject = (rule: Faults.Rule): Effect.Effect<void, Faults.InvalidFault, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.inject(rule))

/**
 * Takes all faults out of the way.
 *
 * @category accessors
 * @since 0.1.0
 */
export const clearFaults: Effect.Effect<void, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) => emulator.clearFaults
)

/**
 * The state, as plain JSON.
 *
 * @category accessors
 * @since 0.1.0
 */
export const snapshot: Effect.Effect<Snapshot.Snapshot, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) => emulator.snapshot
)
