/**
 * The emulator as an HTTP server on Node.
 *
 * @module
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Caller from "../internal/access/Caller.js"
import * as Cors from "./internal/http/Cors.js"
import * as ControlApi from "./internal/control/ControlApi.js"
import * as ControlRoutes from "./internal/control/ControlRoutes.js"
import * as Emulator from "./Emulator.js"
import type * as Faults from "./Faults.js"
import * as EmulatorService from "./internal/control/EmulatorService.js"
import type { Instance } from "./internal/world/Instance.js"
import * as Keeper from "./internal/save/Keeper.js"
import * as FetchClient from "./internal/webhooks/FetchClient.js"
import * as NodeServer from "./internal/http/NodeServer.js"
import * as Webhooks from "./Webhooks.js"

/**
 * Options of an emulator server. All are optional.
 *
 * @example
 * import { Console } from "effect"
 * import type { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const options: EmulatorServer.Options = {
 *   port: 4010,
 *   onExchange: ({ method, status, url }) => Console.log(method, url, status)
 * }
 * console.log(options.port)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Emulator.Options {
  /** The port to listen on. Defaults to 0, which picks a free port. */
  readonly port?: number | undefined
  /** The address to listen on. Defaults to `127.0.0.1`. */
  readonly host?: string | undefined
  /**
   * Additional hosts that the control routes under `/_emulator` accept in the `Host` header, such as `emulator` in a
   * container network, without scheme, port or path. `localhost`, `127.0.0.0/8`, `[::1]` and the value of `host` are
   * always accepted. The API routes accept any host.
   */
  readonly controlHosts?: ReadonlyArray<string> | undefined
  /**
   * The origins of web pages that may call the API routes, such as `http://localhost:3000`, or `*` for all. By default
   * none may: a preflight gets no CORS headers. The control routes never allow another origin.
   */
  readonly corsOrigins?: ReadonlyArray<string> | undefined
  /**
   * A file that keeps the state: it is loaded at the start, if it exists, in place of the seed, and replaced when the
   * scope closes, as a whole or not at all. If it cannot be written then, closing the scope dies with
   * {@link DataFileError}. It cannot be used with `worlds: "byKey"`.
   *
   * Most of a large state is written in the background, to a draft beside the file, so that closing the scope only has
   * to write the rest. The start, a reset, a seed and a load wait until that has caught up. A killed process leaves the
   * file as it was, and its draft behind, which the next start on that machine removes.
   */
  readonly data?: string | undefined
  /** Timeouts for slow and idle connections. */
  readonly timeouts?: Timeouts | undefined
  /** Where to send the events of the emulator, with `fetch`. By default there are no webhooks. */
  readonly webhooks?: ReadonlyArray<Webhooks.Endpoint> | undefined
  /** Runs for each request when its outcome is known, before the response is sent. */
  readonly onExchange?: ((exchange: Exchange) => Effect.Effect<void>) | undefined
}

/**
 * Timeouts after which the server closes a connection, each from 1 millisecond to 1 hour. They do not apply to a fully
 * received request that waits for its response, for example under the fault `stall`, while its client keeps the
 * connection open.
 *
 * @example
 * import type { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const options: EmulatorServer.Options = { timeouts: { idle: "30 seconds" } }
 * console.log(options.timeouts)
 *
 * @category models
 * @since 0.1.0
 */
export interface Timeouts {
  /** Time to receive the headers of a request, at most `request`. Defaults to 10 seconds, or `request` if shorter. */
  readonly headers?: Duration.DurationInput | undefined
  /** Time to receive a whole request, including its body. Defaults to 30 seconds. */
  readonly request?: Duration.DurationInput | undefined
  /**
   * Time that a connection stays open when its client sends no further request, does not read a response, keeps sending
   * after its request was rejected, or has closed its own side. Defaults to 5 seconds.
   */
  readonly idle?: Duration.DurationInput | undefined
}

/**
 * A request and its outcome.
 *
 * @example
 * import type { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const isFailure = ({ status }: EmulatorServer.Exchange) => status === null || status >= 500
 *
 * @category models
 * @since 0.1.0
 */
export interface Exchange {
  readonly method: string
  /** The path and query of the request. */
  readonly url: string
  /** The status of the response; null if an injected fault reset or stalled the connection. */
  readonly status: number | null
  /** The time that handling the request took, in milliseconds. */
  readonly millis: number
}

/**
 * A running emulator server: its URL and port. `StiggTest.layerHttp` of this entry point has the services of `Stigg.layer`
 * on it.
 *
 * @example
 * import { Effect } from "effect"
 * import { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const baseUrl = Effect.map(EmulatorServer.EmulatorServer, ({ url }) => url)
 *
 * @category tags
 * @since 0.1.0
 */
export class EmulatorServer extends Context.Tag("effect-stigg/testing/EmulatorServer")<
  EmulatorServer,
  {
    /** The base URL for a client, such as `http://127.0.0.1:40123`. */
    readonly url: string
    readonly port: number
  }
>() {}

/**
 * The server cannot listen: the port is in use, not available, or not a valid port number.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const served = Layer.launch(EmulatorServer.layer({ port: 4010 })).pipe(
 *   Effect.catchTag("StiggListenError", ({ message }) => Effect.log(message)) // Port 4010 on 127.0.0.1 is in use: …
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ListenError extends Data.TaggedError("StiggListenError")<{
  readonly message: string
  /** The system error code, such as `EADDRINUSE`; null if there is none. */
  readonly code: string | null
  readonly cause: unknown
}> {}

/**
 * A server option, such as `controlHosts` or `timeouts`, is invalid. The message names it.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const served = Layer.launch(EmulatorServer.layer({ controlHosts: ["http://emulator:4010"] })).pipe(
 *   Effect.catchTag("StiggInvalidServerOptionsError", ({ message }) => Effect.log(message)) // controlHosts.0: …
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidServerOptions extends Data.TaggedError("StiggInvalidServerOptionsError")<{
  readonly message: string
}> {}

/**
 * The file of the option `data` cannot be read, written, or loaded. The message names it, and the path to an invalid
 * value in it.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const served = Layer.launch(EmulatorServer.layer({ data: "no/such/folder/emulator.json" })).pipe(
 *   Effect.catchTag("StiggDataFileError", ({ message }) => Effect.log(message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class DataFileError extends Data.TaggedError("StiggDataFileError")<{
  readonly message: string
}> {}

/**
 * Starts an emulator and serves it over HTTP. When its scope closes, the server stops listening and closes all
 * connections. A request body above 10 MiB gets a 413 response; that of `/_emulator/load` can have 2 GiB.
 *
 * Fails with {@link ListenError} (`StiggListenError`) if it cannot listen, with {@link DataFileError}
 * (`StiggDataFileError`) if the file of `data` cannot be used, with {@link InvalidServerOptions}
 * (`StiggInvalidServerOptionsError`), `Emulator.InvalidOptions`, or `Webhooks.InvalidWebhook`
 * (`StiggInvalidWebhookError`) if an option is invalid.
 *
 * @example
 * import { Effect } from "effect"
 * import { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const program = Effect.gen(function* () {
 *   const { url } = yield* EmulatorServer.EmulatorServer
 *   console.log(`listening on ${url}`)
 * })
 * void Effect.runPromise(Effect.provide(program, EmulatorServer.layer()))
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<
  EmulatorServer | Emulator.Emulator,
  ListenError | InvalidServerOptions | DataFileError | Emulator.InvalidOptions | Webhooks.InvalidWebhook
> =>
  Layer.scoped(EmulatorServer, serve(options)).pipe(
    Layer.merge(Layer.provide(Webhooks.layer(options.webhooks ?? []), FetchClient.layer)),
    Layer.provideMerge(
      Layer.effectContext(
        Effect.map(EmulatorService.make(options), ({ main, service }) =>
          Context.make(Emulator.Emulator, Emulator.Emulator.of(service)).pipe(Context.add(Main, main))
        )
      )
    )
  )

/** The instance whose controls are those of the emulator. */
class Main extends Context.Tag("effect-stigg/testing/MainInstance")<Main, Instance>() {}

const serve = ({
  controlHosts = [],
  corsOrigins = [],
  data,
  host = "127.0.0.1",
  onExchange,
  port = 0,
  timeouts = {},
  worlds
}: Options): Effect.Effect<
  Context.Tag.Service<EmulatorServer>,
  ListenError | InvalidServerOptions | DataFileError,
  Scope.Scope | Emulator.Emulator | Main
> =>
  Effect.gen(function* () {
    const emulator = yield* Emulator.Emulator
    // Node would listen on all addresses.
    if (host === "") return yield* new InvalidServerOptions({ message: "host: Expected a non-empty address" })
    const address = host.includes(":") ? `[${host}]` : host
    const allowed = yield* Effect.forEach(controlHosts, hostOf)
    const hosts = new Set([...allowed, address.toLowerCase()])
    const controls = yield* ControlRoutes.make(hosts)
    const timeoutMillis = yield* timeoutsOf(timeouts)
    if (!isPort(port))
      return yield* new ListenError({
        message: `Port ${port} is invalid: expected an integer from 0 to 65535`,
        code: null,
        cause: null
      })
    const origins = yield* Effect.forEach(corsOrigins, originOf)
    const api = Cors.allow(new Set(origins))(emulator.httpApp)
    const app = Effect.flatMap(
      HttpServerRequest.HttpServerRequest,
      (request): HttpApp.Default<Faults.ConnectionFault, Scope.Scope> =>
        request.url.startsWith(ControlApi.prefix) ? controls : api
    )
    if (data !== undefined && worlds === "byKey") {
      return yield* new InvalidServerOptions({ message: "data: Expected no file with worlds by key" })
    }
    // An emulator that cannot listen must not replace what another one keeps.
    const keep = data === undefined ? Effect.void : yield* kept(yield* Main, data)
    const bound = yield* Effect.mapError(
      NodeServer.listen(app, {
        host,
        port,
        timeouts: timeoutMillis,
        maxBodyBytes: ({ headers, url = "/" }) =>
          url.startsWith(ControlApi.paths.load) && Caller.refusal(Headers.fromInput(headers), hosts) === null
            ? maxSavedBytes
            : NodeServer.defaultMaxBodyBytes,
        middleware: onExchange === undefined ? identity : notify(onExchange)
      }),
      (cause) => listenError(host, port, cause)
    )
    yield* keep
    // Not every system can connect to a wildcard address.
    const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : address
    return { url: `http://${reachable}:${bound}`, port: bound }
  })

/** The longest save that a request can load. Only of one that is allowed to: others must not fill the memory. */
const maxSavedBytes = 2 * 1024 * 1024 * 1024

const kept = (instance: Instance, path: string): Effect.Effect<Effect.Effect<void>, DataFileError, Scope.Scope> => {
  const failed = (problem: string) => new DataFileError({ message: `data: ${path}: ${problem}` })
  return Effect.mapError(
    Keeper.make({ instance, path, onLost: ({ message }) => Effect.die(failed(message)) }),
    ({ message }) => failed(message)
  )
}

const hostOf = (host: string, index: number): Effect.Effect<string, InvalidServerOptions> => {
  const name = Caller.allowedHostName(host)
  return name === null
    ? new InvalidServerOptions({ message: `controlHosts.${index}: Expected ${Caller.allowedHost}` })
    : Effect.succeed(name)
}

const originOf = (origin: string, index: number): Effect.Effect<string, InvalidServerOptions> =>
  Cors.isOrigin(origin)
    ? Effect.succeed(origin)
    : new InvalidServerOptions({ message: `corsOrigins.${index}: Expected ${Cors.expectedOrigin}` })

const timeoutsOf = ({
  headers,
  idle = "5 seconds",
  request = "30 seconds"
}: Timeouts): Effect.Effect<NodeServer.Timeouts, InvalidServerOptions> =>
  Effect.gen(function* () {
    const millis = {
      idle: yield* millisOf("idle", idle),
      request: yield* millisOf("request", request)
    }
    const longest = Duration.format(Duration.millis(millis.request))
    const headersMillis = headers === undefined ? Math.min(10_000, millis.request) : yield* millisOf("headers", headers)
    return headersMillis > millis.request
      ? yield* new InvalidServerOptions({ message: `timeouts.headers: Expected at most timeouts.request, ${longest}` })
      : { ...millis, headers: headersMillis }
  })

const millisOf = (name: string, input: Duration.DurationInput): Effect.Effect<number, InvalidServerOptions> =>
  Option.match(
    Option.filter(Duration.decodeUnknown(input), (duration) => isTimeout(Duration.toMillis(duration))),
    {
      onSome: (duration) => Effect.succeed(Duration.toMillis(duration)),
      onNone: () =>
        new InvalidServerOptions({ message: `timeouts.${name}: Expected a duration from 1 millisecond to 1 hour` })
    }
  )

const isTimeout = (millis: number): boolean => millis >= 1 && millis <= 3_600_000

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port <= 65535

const notify =
  (onExchange: NonNullable<Options["onExchange"]>) =>
  (app: HttpApp.Default<Faults.ConnectionFault, Scope.Scope>): HttpApp.Default<Faults.ConnectionFault, Scope.Scope> =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method, url }) =>
      Effect.flatMap(Effect.timed(Effect.either(app)), ([time, outcome]) => {
        const status = Either.isRight(outcome) ? outcome.right.status : null
        return Effect.zipRight(onExchange({ method, url, status, millis: Duration.toMillis(time) }), outcome)
      })
    )

const listenError = (host: string, port: number, cause: unknown): ListenError => {
  const code = Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : null
  const why =
    code === "EADDRINUSE"
      ? "is in use: stop the process that listens on it, or choose another port"
      : `is not available (${code})`
  return new ListenError({ message: `Port ${port} on ${host} ${why}`, code, cause })
}
