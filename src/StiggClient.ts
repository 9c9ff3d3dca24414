/**
 * The transport: authentication, requests, retries and errors. The services are built on it, and
 * {@link StiggClient.request} calls any other endpoint in the same way.
 *
 * @module
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as RequestOptions from "./RequestOptions.js"
import * as RetryPolicy from "./RetryPolicy.js"
import type { StiggError } from "./StiggError.js"
import { InvalidOptionsError } from "./StiggError.js"
import * as Call from "./internal/transport/Call.js"
import * as CallOptions from "./internal/options/CallOptions.js"
import * as Target from "./internal/options/Target.js"
import * as Exchange from "./internal/transport/Exchange.js"
import * as InvalidOption from "./internal/options/InvalidOption.js"
import { raw } from "./internal/transport/Endpoint.js"
import { metricNames, spanName } from "./internal/transport/TelemetryNames.js"
import * as Retry from "./internal/options/Retry.js"

export { metricNames, spanName }

/**
 * Authentication with a server API key.
 *
 * @example
 * import { Redacted } from "effect"
 * import type { StiggClient } from "effect-stigg"
 *
 * const credentials: StiggClient.ApiKeyCredentials = { apiKey: Redacted.make("server-key") }
 *
 * @category models
 * @since 0.1.0
 */
export interface ApiKeyCredentials {
  /** A server API key, as `Redacted.make(key)`. It belongs to one environment. */
  readonly apiKey: Redacted.Redacted
  readonly userToken?: undefined
}

/**
 * Authentication as a user.
 *
 * @example
 * import { Redacted } from "effect"
 * import type { StiggClient } from "effect-stigg"
 *
 * const support: StiggClient.UserTokenCredentials = {
 *   userToken: Redacted.make("user-token"),
 *   environmentId: "environment-production"
 * }
 * console.log(support.environmentId) // environment-production
 *
 * @category models
 * @since 0.1.0
 */
export interface UserTokenCredentials {
  /** A user's bearer token, as `Redacted.make(token)`. */
  readonly userToken: Redacted.Redacted
  /** The environment to use. */
  readonly environmentId: string
  /** The account to use: by default the user's first one. */
  readonly accountId?: string | undefined
  readonly apiKey?: undefined
}

/**
 * How a client authenticates: with a server API key, or as a user.
 *
 * @example
 * import type { StiggClient } from "effect-stigg"
 *
 * const isServer = ({ apiKey }: StiggClient.Credentials): boolean => apiKey !== undefined
 *
 * @category models
 * @since 0.1.0
 */
export type Credentials = ApiKeyCredentials | UserTokenCredentials

/**
 * The options of a client besides its credentials.
 *
 * @example
 * import type { StiggClient } from "effect-stigg"
 *
 * const proxied: StiggClient.ConnectionOptions = { baseUrl: "https://stigg.internal.example" }
 * console.log(proxied.baseUrl) // https://stigg.internal.example
 *
 * @category models
 * @since 0.1.0
 */
export interface ConnectionOptions {
  /** `https://api.stigg.io` by default. It may have a path, but must not end in `/api/v1`, which the client adds. */
  readonly baseUrl?: string | undefined
  /** Extra headers. Headers that the client or `RequestOptions` sets take precedence. */
  readonly customHeaders?: Readonly<Record<string, Redacted.Redacted>> | undefined
  /** Wraps the `HttpClient`, for example to log, trace, limit or proxy requests. It sees each attempt. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * The options of a client: its credentials, and optionally another base URL, more headers and a wrapper for the
 * `HttpClient`.
 *
 * `UserToken` is inferred where the options are passed: without a `userToken` there, the compiler asks for the `apiKey`
 * by name.
 *
 * @example
 * import { Redacted } from "effect"
 * import type { StiggClient } from "effect-stigg"
 *
 * const options: StiggClient.Options = {
 *   apiKey: Redacted.make("server-key"),
 *   baseUrl: "https://stigg.internal.example"
 * }
 * console.log(options.baseUrl) // https://stigg.internal.example
 *
 * @category models
 * @since 0.1.0
 */
export type Options<UserToken extends Redacted.Redacted | undefined = Redacted.Redacted | undefined> =
  ConnectionOptions & { readonly userToken?: UserToken } & ([UserToken] extends [undefined]
      ? ApiKeyCredentials
      : Credentials)

/**
 * The HTTP methods that the API uses.
 *
 * @example
 * import type { StiggClient } from "effect-stigg"
 *
 * const isRead = (method: StiggClient.Method): boolean => method === "GET"
 * console.log(isRead("GET")) // true
 *
 * @category models
 * @since 0.1.0
 */
export type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE"

/**
 * A request to an endpoint that has no method in this SDK.
 *
 * @example
 * import type { StiggClient } from "effect-stigg"
 *
 * const params: StiggClient.RequestParams = {
 *   method: "GET",
 *   path: "/api/v1/coupons/{id}",
 *   pathParams: { id: "launch" }
 * }
 * console.log(params.path) // /api/v1/coupons/{id}
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestParams {
  readonly method: Method
  /** Starts with a slash. Each `{name}` is a path parameter, percent-encoded as one segment. */
  readonly path: string
  readonly pathParams?: Readonly<Record<string, string>> | undefined
  /** A nested record is sent in brackets (`createdAt[gte]=…`), a list joined by commas. */
  readonly query?: Readonly<Record<string, unknown>> | undefined
  /** Sent as JSON. A POST without a body sends `{}`. */
  readonly body?: unknown
  /** The name in spans, metrics and errors: by default the method and the path. */
  readonly operation?: string | undefined
  /** The customers that the request changes, for the listeners of {@link Service.onWrite}. */
  readonly customerIds?: ReadonlyArray<string> | undefined
}

/**
 * A write that succeeded, or whose outcome is unknown.
 *
 * @example
 * import type { StiggClient } from "effect-stigg"
 *
 * const write: StiggClient.Write = {
 *   operation: "customers.update",
 *   customerIds: ["customer-acme"],
 *   outcome: "success"
 * }
 * console.log(write.operation)
 *
 * @category models
 * @since 0.1.0
 */
export interface Write {
  /** The name of the operation, such as `"customers.update"`. */
  readonly operation: string
  /** The ids of the customers it changes; empty if a raw request does not name any. */
  readonly customerIds: ReadonlyArray<string>
  /**
   * `"unknown"` if the call failed and the API may have made the change: after an interruption, a timeout, a broken
   * connection or body, a 408 or 5xx, or any failure of a retry.
   */
  readonly outcome: "success" | "unknown"
}

/**
 * The metadata of a response.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggClient } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => StiggClient.withResponse(customers.retrieve("customer-acme"))),
 *   Effect.map(([customer, response]) => [customer.id, response?.traceId])
 * )
 *
 * @category models
 * @since 0.1.0
 */
export interface ResponseInfo {
  readonly status: number
  /** The names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The id to quote to support; null if the response has none. */
  readonly traceId: string | null
}

/**
 * An operation for {@link Service.execute}: its method and path, and how its requests are encoded and its responses
 * decoded.
 *
 * @example
 * import { Effect } from "effect"
 * import type { Schemas, StiggClient } from "effect-stigg"
 *
 * const retrieveWith =
 *   (client: StiggClient.Service, endpoint: StiggClient.Endpoint<{ readonly id: string }, {}, {}, Schemas.Customer>) =>
 *   (id: string) =>
 *     Effect.map(client.execute(endpoint)({ path: { id } }), (customer) => customer.email)
 *
 * @category models
 * @since 0.1.0
 */
export interface Endpoint<Path, Query, Body, A> {
  /** Such as `"customers.retrieve"`. */
  readonly name: string
  readonly method: Method
  /** Each `{name}` is a path parameter. */
  readonly path: string
  readonly encodePath: (input: unknown) => Either.Either<unknown, ParseResult.ParseIssue>
  readonly encodeQuery: (input: unknown) => Either.Either<unknown, ParseResult.ParseIssue>
  /** Null if the operation has no body params. */
  readonly encodeBody: ((input: unknown) => Either.Either<unknown, ParseResult.ParseIssue>) | null
  /**
   * Decodes the JSON of a response. It may modify the JSON: `reread` parses it again, to report what is wrong with it.
   */
  readonly decode: (json: unknown, reread: () => unknown) => Either.Either<A, ParseResult.ParseIssue>
  /** The customers that a call changes; null for an operation that changes nothing. */
  readonly writes: ((input: Input<Path, Query, Body>) => ReadonlyArray<string>) | null
}

/**
 * The input of a call of an {@link Endpoint}. A part without params is optional.
 *
 * @example
 * import type { StiggClient } from "effect-stigg"
 *
 * const input: StiggClient.Input<{ readonly id: string }, {}, {}> = { path: { id: "customer-acme" } }
 * console.log(input.path.id) // customer-acme
 *
 * @category models
 * @since 0.1.0
 */
export type Input<Path, Query, Body> = Part<"path", Path> & Part<"query", Query> & Part<"body", Body>

type Part<Name extends string, A> = [keyof A] extends [never]
  ? { readonly [K in Name]?: A }
  : { readonly [K in Name]: A }

/**
 * The operations of a client.
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
  /** Turns an operation of the SDK into a function. If that fails with `StiggInvalidRequestError`, nothing was sent. */
  readonly execute: <Path, Query, Body, A>(
    operation: Endpoint<Path, Query, Body, A>
  ) => (input: Input<Path, Query, Body>) => Effect.Effect<A, StiggError>
  /** Calls any other endpoint. Returns the whole response JSON, decoded with `schema` if there is one. */
  readonly request: {
    <A, I>(params: RequestParams & { readonly schema: Schema.Schema<A, I> }): Effect.Effect<A, StiggError>
    (params: RequestParams): Effect.Effect<unknown, StiggError>
  }
  /**
   * Calls `listener` for each write before the caller gets its result, until the scope closes. A listener cannot fail.
   * If one dies, the defect is logged and the caller is not affected.
   */
  readonly onWrite: (listener: (write: Write) => Effect.Effect<void>) => Effect.Effect<void, never, Scope.Scope>
}

/**
 * The client that the services are built on.
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
 * Makes a client. Reads `RetryPolicy` and `RequestOptions` once, if they are provided. Fails with
 * `StiggInvalidOptionsError` if any of their options or `options` is invalid, such as a key with a line break, a base
 * URL that ends in `/api/v1`, or a number that is NaN. Its `field` names the option, such as `"apiKey"` or
 * `"RetryPolicy.maxRetries"`. Logs a warning for a publishable key (`client-…`).
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
export const make = <UserToken extends Redacted.Redacted | undefined = undefined>(
  options: Options<UserToken>
): Effect.Effect<Service, InvalidOptionsError, HttpClient.HttpClient> => fromOptions(options)

const fromOptions = (options: Options): Effect.Effect<Service, InvalidOptionsError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const requestOptions: RequestOptions.Options = Option.getOrElse(
      yield* Effect.serviceOption(RequestOptions.RequestOptions),
      () => ({})
    )
    const policy: RetryPolicy.Options = Option.getOrElse(
      yield* Effect.serviceOption(RetryPolicy.RetryPolicy),
      () => ({})
    )
    const invalid =
      Target.invalidOption(options) ??
      InvalidOption.within("RequestOptions", CallOptions.invalidOption(requestOptions)) ??
      InvalidOption.within("RetryPolicy", Retry.invalidOption(policy))
    if (invalid !== null) return yield* new InvalidOptionsError(invalid)

    const client = yield* HttpClient.HttpClient
    const listeners = yield* Ref.make<ReadonlyArray<Registration>>([])
    const execute = Call.make({
      target: Target.make(options),
      exchange: Exchange.make(client, options.transformClient),
      options: requestOptions,
      policy,
      tokens: yield* Retry.makeTokens(policy.budget),
      onWrite: (write) =>
        Effect.flatMap(
          Ref.get(listeners),
          Effect.forEach(({ listener }) => notify(listener, write), { discard: true })
        )
    })

    if (options.apiKey !== undefined && Redacted.value(options.apiKey).startsWith("client-")) {
      yield* Effect.logWarning(
        "The Stigg API key is a publishable key (client-…): it is read-only and does not belong on a server"
      )
    }

    return StiggClient.of({
      execute,
      request: <A>(params: RequestParams & { readonly schema?: Schema.Schema<A, unknown> }) =>
        execute(raw<A>(params))({
          path: params.pathParams ?? {},
          query: params.query ?? {},
          body: params.body
        }),
      onWrite: (listener) =>
        // A listener may be registered in two scopes. The end of one must not remove the other's registration.
        Effect.acquireRelease(
          Effect.suspend(() => {
            const registration: Registration = { listener }
            return Effect.as(
              Ref.update(listeners, (all) => [...all, registration]),
              registration
            )
          }),
          (registration) => Ref.update(listeners, (all) => all.filter((one) => one !== registration))
        ).pipe(Effect.asVoid)
    })
  })

interface Registration {
  readonly listener: (write: Write) => Effect.Effect<void>
}

const notify = (listener: (write: Write) => Effect.Effect<void>, write: Write): Effect.Effect<void> =>
  Effect.catchAllCause(
    Effect.suspend(() => listener(write)),
    (cause) => Effect.logWarning("A Stigg write listener died", cause)
  )

/**
 * A layer that provides a client. Fails like {@link make}.
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
export const layer = <UserToken extends Redacted.Redacted | undefined = undefined>(
  options: Options<UserToken>
): Layer.Layer<StiggClient, InvalidOptionsError, HttpClient.HttpClient> => Layer.effect(StiggClient, make(options))

/**
 * Calls an endpoint that has no method in this SDK, with the same authentication, retries and errors. Returns the whole
 * response JSON, decoded with `schema` if there is one.
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
 * Also returns the status, headers and trace id of the last response within an effect; null if it received none. An
 * error has those of its own response.
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
    const outer = yield* Call.LastResponse
    const last = yield* Ref.make<ResponseInfo | null>(null)
    // In a nested call, it is the last response of the outer effect too.
    const forward = Effect.flatMap(Ref.get(last), (info) =>
      outer === null || info === null ? Effect.void : Ref.set(outer, info)
    )
    const value = yield* Effect.ensuring(Effect.provideService(self, Call.LastResponse, last), forward)
    return [value, yield* Ref.get(last)]
  })
