/**
 * An in-memory emulator of the Stigg API, with access to its state and fault injection.
 *
 * @module
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { InvalidOptionsError } from "../StiggError.js"
import * as Act from "./Act.js"
import * as Acts from "./internal/world/acts/perform.js"
import * as ApiFailure from "./internal/contract/ApiFailure.js"
import * as Authentication from "./internal/middleware/Authentication.js"
import * as Changes from "./internal/webhooks/Changes.js"
import * as CustomersApi from "./internal/handlers/CustomersApi.js"
import type * as Faults from "./Faults.js"
import * as Ids from "./internal/world/Ids.js"
import * as Instance from "./internal/world/Instance.js"
import * as InProcess from "./internal/http/InProcess.js"
import * as IntegrationsApi from "./internal/handlers/IntegrationsApi.js"
import * as Limits from "./Limits.js"
import * as PaymentMethodApi from "./internal/handlers/PaymentMethodApi.js"
import * as Pipeline from "./internal/middleware/Pipeline.js"
import * as PromotionalEntitlementsApi from "./internal/handlers/PromotionalEntitlementsApi.js"
import * as Seed from "./Seed.js"
import type * as Snapshot from "./Snapshot.js"
import type * as Webhooks from "./Webhooks.js"
import * as WorldSnapshot from "./internal/world/WorldSnapshot.js"
import * as World from "./internal/world/World.js"

/**
 * Options of an emulator. All are optional.
 *
 * @example
 * import { type Emulator, Faults } from "effect-stigg/testing"
 *
 * const options: Emulator.Options = {
 *   seed: { customers: [{ id: "customer-acme" }] },
 *   faults: [{ fault: Faults.status(503), probability: 0.1 }],
 *   limits: true
 * }
 * console.log(options.limits)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The initial state. Defaults to an empty one. */
  readonly seed?: Seed.Input | undefined
  /** Fault rules that are active from the start. */
  readonly faults?: ReadonlyArray<Faults.Rule> | undefined
  /** Rate limits in requests per minute. By default there are none. */
  readonly limits?: Limits.Input | undefined
  /** The only API key to accept. By default any non-empty key is accepted. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** A finite seed for ids, cursors and fault sampling: the same seed gives the same results. Defaults to 0. */
  readonly idSeed?: number | undefined
}

/**
 * The errors of invalid emulator options. The message names the path to the invalid value.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const broken = Emulator.layer({ seed: { customers: [{ id: "customer-acme", plan: "plan-unknown" }] } })
 * const reason = Effect.scoped(Layer.build(broken)).pipe(
 *   Effect.flip,
 *   Effect.map((error: Emulator.InvalidOptions) => error.message) // customers.0.plan: unknown plan plan-unknown
 * )
 * void Effect.runPromise(reason)
 *
 * @category errors
 * @since 0.1.0
 */
export type InvalidOptions = Seed.InvalidSeed | Faults.InvalidFault | Limits.InvalidLimits | InvalidOptionsError

/**
 * A running emulator: handles requests, returns snapshots of its state, and injects faults.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const faults = Effect.flatMap(Emulator.Emulator, (emulator) => emulator.activeFaults)
 * void Effect.runPromise(Effect.provide(faults, Emulator.layer()))
 *
 * @category tags
 * @since 0.1.0
 */
export class Emulator extends Context.Tag("effect-stigg/testing/Emulator")<
  Emulator,
  {
    /**
     * Handles requests for an HTTP server or an in-process client. Fails if an injected fault resets or stalls the
     * connection.
     */
    readonly httpApp: HttpApp.Default<Faults.ConnectionFault, Scope.Scope>
    /** Returns the current state as plain JSON. */
    readonly snapshot: Effect.Effect<Snapshot.Snapshot>
    /**
     * Adds a rule after the active ones. If several rules match a request, their latencies add up and the first other
     * fault applies.
     */
    readonly inject: (rule: Faults.Rule) => Effect.Effect<void, Faults.InvalidFault>
    /** Removes all rules. */
    readonly clearFaults: Effect.Effect<void>
    /** The active rules. `times` is the number of requests left. */
    readonly activeFaults: Effect.Effect<ReadonlyArray<Faults.Rule>>
    /** Performs a change from outside of the API. If it is invalid, nothing changes. */
    readonly act: (act: Act.Act) => Effect.Effect<void, Act.InvalidAct>
    /** The webhooks that the emulator sends. */
    readonly webhooks: Webhooks.Webhooks
  }
>() {}

const routes = Layer.mergeAll(
  CustomersApi.layer,
  PaymentMethodApi.layer,
  PromotionalEntitlementsApi.layer,
  IntegrationsApi.layer
)

/**
 * Built once per program, because building the routes takes longer than the rest of `make`. The router holds no state:
 * `httpApp` provides the `World` with each request.
 */
const router = Effect.gen(function* () {
  const context = yield* Layer.build(
    Layer.mergeAll(routes, HttpApiBuilder.Router.Live, HttpServer.layerContext).pipe(
      Layer.provide(Layer.sync(World.World, () => World.empty(Ids.make(0))))
    )
  )
  return { context, router: yield* Effect.provide(HttpApiBuilder.Router.router, context) }
}).pipe(Effect.scoped, Effect.cached, Effect.runSync)

const httpApp = (instance: Instance.Instance, apiKey: Option.Option<Redacted.Redacted>) =>
  Effect.gen(function* () {
    const built = yield* router
    const app = yield* HttpRouter.toHttpApp(HttpRouter.use(built.router, Pipeline.make(apiKey))).pipe(
      HttpRouter.withRouterConfig({ caseSensitive: true, ignoreDuplicateSlashes: false, maxParamLength: 10_000 })
    )
    return app.pipe(
      Effect.catchTag("RouteNotFound", (error) =>
        ApiFailure.caught(Effect.zipRight(Authentication.check(apiKey), error))
      ),
      Effect.mapInputContext((input: Context.Context<HttpServerRequest.HttpServerRequest | Scope.Scope>) =>
        encodeSemicolons(input).pipe(
          Context.merge(built.context),
          Context.add(World.World, instance.world),
          Context.add(Instance.Current, instance),
          Context.add(Changes.Current, instance.outbox)
        )
      ),
      (handled) => Effect.zipRight(instance.outbox.tickWithin, handled),
      instance.clock.within
    )
  })

const perform = (instance: Instance.Instance, act: Act.Act) =>
  Effect.gen(function* () {
    const decoded = yield* Act.decode(act)
    yield* instance.outbox.tickWithin
    const events = yield* Acts.perform(instance.world, decoded, yield* Clock.currentTimeMillis)
    yield* instance.outbox.tell(events)
  })

const webhooksOf = ({ outbox: { faults, ...outbox } }: Instance.Instance): Webhooks.Webhooks => ({
  ...outbox,
  inject: faults.inject,
  clearFaults: faults.clear,
  activeFaults: faults.active
})

/** The router ends the path at a `;`, but in the API a `;` can be part of an id. */
const encodeSemicolons = <R>(input: Context.Context<R | HttpServerRequest.HttpServerRequest>) => {
  const request = Context.get(input, HttpServerRequest.HttpServerRequest)
  if (!request.url.includes(";")) return input
  const url = request.url.replace(/^[^?#]*/, (path) => path.replaceAll(";", "%3B"))
  return Context.add(input, HttpServerRequest.HttpServerRequest, request.modify({ url }))
}

/**
 * Creates an emulator with its own state. Fails with {@link InvalidOptions} if an option is invalid.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const program = Effect.gen(function* () {
 *   const emulator = yield* Emulator.make({ seed: { customers: [{ id: "customer-acme" }] } })
 *   const { customers } = yield* emulator.snapshot
 *   console.log(customers.length) // 1
 * })
 * void Effect.runPromise(program)
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<Context.Tag.Service<Emulator>, InvalidOptions> =>
  Effect.gen(function* () {
    const seed = yield* Seed.decode(options.seed ?? {})
    const limits = yield* Limits.decode(options.limits)
    const idSeed = options.idSeed ?? 0
    if (!Number.isFinite(idSeed)) {
      return yield* new InvalidOptionsError({ field: "idSeed", rule: "Expected a finite number" })
    }
    const instance = yield* Instance.make({ seed, limits, idSeed, faults: options.faults ?? [] })
    return Emulator.of({
      httpApp: yield* httpApp(instance, Option.fromNullable(options.apiKey)),
      snapshot: Effect.sync(() => WorldSnapshot.take(instance.world)),
      inject: instance.faults.inject,
      clearFaults: instance.faults.clear,
      activeFaults: instance.faults.active,
      act: (act) => instance.clock.within(perform(instance, act)),
      webhooks: webhooksOf(instance)
    })
  })

/**
 * Provides an emulator. Each layer has its own state. Fails with {@link InvalidOptions} if an option is invalid.
 *
 * @example
 * import { Layer } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const InProcess = Emulator.layerHttpClient.pipe(Layer.provideMerge(Emulator.layer({ limits: true })))
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<Emulator, InvalidOptions> =>
  Layer.effect(Emulator, make(options))

/**
 * An `HttpClient` that sends every request to the emulator in process, whatever its host. It opens no socket and uses
 * the program's `Clock`.
 *
 * @example
 * import { HttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const status = Effect.gen(function* () {
 *   const client = yield* HttpClient.HttpClient
 *   const response = yield* client.get("http://emulator/api/v1/customers", { headers: { "x-api-key": "any" } })
 *   console.log(response.status) // 200
 * })
 * void Effect.runPromise(Effect.provide(status, Layer.provide(Emulator.layerHttpClient, Emulator.layer())))
 *
 * @category layers
 * @since 0.1.0
 */
export const layerHttpClient: Layer.Layer<HttpClient.HttpClient, never, Emulator> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(Emulator, ({ httpApp }) => InProcess.client(httpApp))
)

/**
 * Injects a fault into the requests that a rule selects. Fails with `Faults.InvalidFault` (`StiggInvalidFaultError`) if
 * the rule is invalid.
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
 * Removes all injected faults.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const outage = <A, E, R>(during: Effect.Effect<A, E, R>) =>
 *   Effect.zipRight(Emulator.inject({ fault: Faults.status(503) }), Effect.ensuring(during, Emulator.clearFaults))
 *
 * @category accessors
 * @since 0.1.0
 */
export const clearFaults: Effect.Effect<void, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) => emulator.clearFaults
)

/**
 * Returns the emulator's current state as plain JSON.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const ids = Effect.map(Emulator.snapshot, ({ customers }) => customers.map(({ id }) => id))
 * void Effect.runPromise(Effect.provide(ids, Emulator.layer()))
 *
 * @category accessors
 * @since 0.1.0
 */
export const snapshot: Effect.Effect<Snapshot.Snapshot, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) => emulator.snapshot
)

/**
 * Performs a change from outside of the API, such as reported usage or a new subscription. Fails with `Act.InvalidAct`
 * (`StiggInvalidActError`) if a field is invalid or names something that does not exist; then nothing changes.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const used = Emulator.act(Act.reportUsage({ customerId: "customer-acme", of: "feature-seats", value: 2 }))
 * console.log(used)
 *
 * @category accessors
 * @since 0.1.0
 */
export const act = (act: Act.Act): Effect.Effect<void, Act.InvalidAct, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.act(act))
