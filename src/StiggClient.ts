/**
 * The transport: who the client is, where it goes, and what becomes of a request. The services are written on it, and
 * {@link StiggClient.request} reaches any other endpoint with the same authentication, retries and errors.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as RequestOptions from "./RequestOptions.js"
import * as RetryPolicy from "./RetryPolicy.js"
import type { StiggError } from "./StiggError.js"
import { InvalidOptionsError } from "./StiggError.js"
import type { Write } from "./internal/transport/Call.js"
import * as Call from "./internal/transport/Call.js"
import * as CallOptions from "./internal/options/CallOptions.js"
import * as Credentials from "./internal/options/Credentials.js"
import type { ResponseInfo } from "./internal/transport/Exchange.js"
import * as Exchange from "./internal/transport/Exchange.js"
import * as Fault from "./internal/options/Fault.js"
import * as Operation from "./internal/transport/Operation.js"
import * as Retry from "./internal/options/Retry.js"

export type { ResponseInfo, Write }

/**
 * How a client is made: credentials, and what may differ from the API's own address and the client given.
 *
 * @example
 * import { Redacted } from "effect"
 * import type { StiggClient } from "effect-stigg"
 *
 * const options: StiggClient.Options = {
 *   apiKey: Redacted.make("server-key"),
 *   baseUrl: "https://stigg.internal.example"
 * }
 * console.log(options.baseUrl)
 *
 * @category models
 * @since 0.1.0
 */
export type Options = Credentials.Credentials & {
  /** `https://api.stigg.io` by default. A path in it is kept; it must not end in `/api/v1`, which the client adds. */
  readonly baseUrl?: string | undefined
  /** More headers, weaker than any other: those that the client and `RequestOptions` set win. */
  readonly customHeaders?: Readonly<Record<string, Redacted.Redacted>> | undefined
  /** Wraps the `HttpClient`, to log, trace, limit or proxy. It sees each attempt. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * A request to an endpoint that has no method here.
 *
 * @example
 * import type { StiggClient } from "effect-stigg"
 *
 * const params: StiggClient.RequestParams = {
 *   method: "GET",
 *   path: "/api/v1/coupons/{id}",
 *   pathParams: { id: "launch" }
 * }
 * console.log(params.path)
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestParams {
  readonly method: Operation.Method
  /** From the first slash on; each `{name}` in it is a path parameter, which is percent-encoded as one segment. */
  readonly path: string
  readonly pathParams?: Readonly<Record<string, string>> | undefined
  /** A nested record goes out in brackets, a list joined by commas. */
  readonly query?: Readonly<Record<string, unknown>> | undefined
  /** What goes out as JSON. A POST without one sends `{}`. */
  readonly body?: unknown
  /** What spans, metrics and errors call it: the method and the path unless told otherwise. */
  readonly operation?: string | undefined
  /** The customers that it changes, for those who listen to writes. */
  readonly customerIds?: ReadonlyArray<string> | undefined
}

/**
 * The client's operations.
 *
 * @example
 * import { Effect } from "effect"
 * import { StiggClient } from "effect-stigg"
 *
 * const program = Effect.flatMap(StiggClient.StiggClient, (client) =>
 *   client.request({ method: "GET", path: "/api/v1/coupons" })
 * )
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** An operation of the table as a function: it fails with {@link StiggError}, and `InvalidRequestError` sends nothing. */
  readonly execute: <Path, Query, Body, A>(
    operation: Operation.Operation<Path, Query, Body, A>
  ) => (input: Operation.Input<Path, Query, Body>) => Effect.Effect<A, StiggError>
  /** Any other endpoint: the whole JSON of its answer, or what `schema` makes of it. */
  readonly request: {
    <A, I>(params: RequestParams & { readonly schema: Schema.Schema<A, I> }): Effect.Effect<A, StiggError>
    (params: RequestParams): Effect.Effect<unknown, StiggError>
  }
  /**
   * Hears of each change before its caller does, for as long as the scope is open. A listener cannot fail; one that dies
   * is logged, and the caller does not notice.
   */
  readonly onWrite: (listener: (write: Write) => Effect.Effect<void>) => Effect.Effect<void, never, Scope.Scope>
}

/**
 * The transport that the services are written on.
 *
 * @example
 * import { Effect } from "effect"
 * import { StiggClient } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const client = yield* StiggClient.StiggClient
 *   yield* client.onWrite((write) => Effect.log(write.operation, write.customerIds))
 * })
 *
 * @category tags
 * @since 0.1.0
 */
export class StiggClient extends Context.Tag("effect-stigg/StiggClient")<StiggClient, Service>() {}

/**
 * Makes a client. `RetryPolicy` and `RequestOptions` are read here, once, where they are provided. Fails with
 * {@link InvalidOptionsError} if an option of any of the three is invalid, such as a key with a line break, a base URL
 * that ends in `/api/v1`, or a number that is NaN: `field` names it, such as `"apiKey"` or `"RetryPolicy.maxRetries"`. A
 * publishable key (`client-…`) logs a warning.
 *
 * @example
 * import { Effect, Redacted } from "effect"
 * import { StiggClient } from "effect-stigg"
 *
 * const client = StiggClient.make({ apiKey: Redacted.make("server-key") }).pipe(
 *   Effect.tap((client) => client.request({ method: "GET", path: "/api/v1/coupons" }))
 * )
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<Service, InvalidOptionsError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const target: Credentials.Target = {
      ...options,
      baseUrl: (options.baseUrl ?? Credentials.defaultBaseUrl).replace(/\/+$/, ""),
      customHeaders: options.customHeaders ?? {}
    }
    const requestOptions: RequestOptions.Options = Option.getOrElse(
      yield* Effect.serviceOption(RequestOptions.RequestOptions),
      () => ({})
    )
    const policy: RetryPolicy.Options = Option.getOrElse(
      yield* Effect.serviceOption(RetryPolicy.RetryPolicy),
      () => ({})
    )
    const fault =
      Credentials.fault(target) ??
      Fault.within("RequestOptions", CallOptions.fault(requestOptions)) ??
      Fault.within("RetryPolicy", Retry.fault(policy))
    if (fault !== null) return yield* new InvalidOptionsError(fault)

    const client = yield* HttpClient.HttpClient
    const listeners = yield* Ref.make<ReadonlyArray<Listening>>([])
    const execute = Call.make({
      target,
      exchange: Exchange.make(client, options.transformClient ?? identity),
      options: requestOptions,
      policy,
      tokens: yield* Retry.makeTokens(policy.budget),
      onWrite: (write) =>
        Effect.flatMap(
          Ref.get(listeners),
          Effect.forEach(({ listener }) => hear(listener, write), { discard: true })
        )
    })

    if (options.apiKey !== undefined && Redacted.value(options.apiKey).startsWith("client-")) {
      yield* Effect.logWarning(
        "The Stigg API key is a publishable one (client-…): it is read-only and does not belong on a server"
      )
    }

    return StiggClient.of({
      execute,
      request: <A>(params: RequestParams & { readonly schema?: Schema.Schema<A, unknown> }) =>
        execute(Operation.raw<A>(params))({
          path: params.pathParams ?? {},
          query: params.query ?? {},
          body: params.body
        }),
      onWrite: (listener) =>
        // One listener may listen in two scopes, and the end of one is not the end of the other.
        Effect.acquireRelease(
          Effect.suspend(() => {
            const listening: Listening = { listener }
            return Effect.as(
              Ref.update(listeners, (all) => [...all, listening]),
              listening
            )
          }),
          (listening) => Ref.update(listeners, (all) => all.filter((one) => one !== listening))
        ).pipe(Effect.asVoid)
    })
  })

interface Listening {
  readonly listener: (write: Write) => Effect.Effect<void>
}

const hear = (listener: (write: Write) => Effect.Effect<void>, write: Write): Effect.Effect<void> =>
  Effect.catchAllCause(
    Effect.suspend(() => listener(write)),
    (cause) => Effect.logWarning("A listener to Stigg writes died", cause)
  )

/**
 * A layer with a client. Fails as {@link make} does.
 *
 * @example
 * import { Redacted } from "effect"
 * import { StiggClient } from "effect-stigg"
 *
 * const ClientLive = StiggClient.layer({ apiKey: Redacted.make("server-key") })
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<StiggClient, InvalidOptionsError, HttpClient.HttpClient> =>
  Layer.effect(StiggClient, make(options))

/**
 * Sends a request to an endpoint that has no method here, with the same authentication, retries and errors: the whole
 * JSON of its answer, or what `schema` makes of it.
 *
 * @example
 * import { Effect, Schema } from "effect"
 * import { StiggClient } from "effect-stigg"
 *
 * const Coupon = Schema.Struct({ data: Schema.Struct({ id: Schema.String }) })
 *
 * const program = StiggClient.request({
 *   method: "GET",
 *   path: "/api/v1/coupons/{id}",
 *   pathParams: { id: "launch" },
 *   schema: Coupon
 * }).pipe(Effect.map((coupon) => coupon.data.id))
 *
 * @category accessors
 * @since 0.1.0
 */
export const request: {
  <A, I>(params: RequestParams & { readonly schema: Schema.Schema<A, I> }): Effect.Effect<A, StiggError, StiggClient>
  (params: RequestParams): Effect.Effect<unknown, StiggError, StiggClient>
} = (params: RequestParams) => Effect.flatMap(StiggClient, (client) => client.request(params)) as never

/**
 * Also gives the status, the headers and the trace id of the last response within an effect; null when it received none.
 * An error carries those of its own.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggClient } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const customers = yield* Customers.Customers
 *   const [customer, response] = yield* StiggClient.withResponse(customers.retrieve("customer-acme"))
 *   yield* Effect.log(customer.id, response?.headers["x-request-id"])
 * })
 *
 * @category combinators
 * @since 0.1.0
 */
export const withResponse = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<[A, ResponseInfo | null], E, R> =>
  Effect.gen(function* () {
    const around = yield* Call.LastResponse
    const last = yield* Ref.make<ResponseInfo | null>(null)
    // Within another one, it is the other's last response too.
    const tell = Effect.flatMap(Ref.get(last), (info) =>
      around === null || info === null ? Effect.void : Ref.set(around, info)
    )
    const value = yield* Effect.ensuring(Effect.provideService(self, Call.LastResponse, last), tell)
    return [value, yield* Ref.get(last)]
  })
