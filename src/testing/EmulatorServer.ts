/**
 * The emulator over HTTP, on Node.
 *
 * @since 0.1.0
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import type { ConnectionFault } from "./internal/middleware/ConnectionFault.js"
import * as ControlAccess from "./internal/middleware/ControlAccess.js"
import * as Controls from "./internal/middleware/Controls.js"
import * as Emulator from "./Emulator.js"
import * as NodeServer from "./internal/http/NodeServer.js"

/**
 * What an emulator over HTTP starts with.
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
  /** The port to listen on; 0, the default, takes a free one. */
  readonly port?: number | undefined
  /** The address to listen on: the loopback, unless told otherwise. */
  readonly host?: string | undefined
  /**
   * Hosts by which the control routes under `/_emulator` can be reached, such as `emulator` in a network of containers:
   * without scheme, port and path. `localhost`, `127.0.0.0/8`, `[::1]` and the address of `host` always can. The routes
   * of the API are open to any host.
   */
  readonly controlHosts?: ReadonlyArray<string> | undefined
  /** After how long slow and idle connections are closed. */
  readonly timeouts?: Timeouts | undefined
  /** Hears of each request when it is answered. */
  readonly onExchange?: ((exchange: Exchange) => Effect.Effect<void>) | undefined
}

/**
 * After how long the server closes a connection, each from 1 millisecond to 1 hour. None of them ends a request that is
 * complete and waits for its answer, as under the fault `stall`, while its client keeps the connection open.
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
  /** How long the headers of a request may take: 10 seconds, at most `request`. */
  readonly headers?: Duration.DurationInput | undefined
  /** How long a whole request may take, body included: 30 seconds. */
  readonly request?: Duration.DurationInput | undefined
  /**
   * How long a connection stays open whose client sends no further request, does not read an answer, goes on sending
   * after a refusal, or has closed its own side: 5 seconds.
   */
  readonly idle?: Duration.DurationInput | undefined
}

/**
 * A request, and what became of it.
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
  /** Path and query. */
  readonly url: string
  /** What it was answered; null where a fault broke it off. */
  readonly status: number | null
  /** How long that took. */
  readonly millis: number
}

/**
 * Where an emulator listens.
 *
 * @example
 * import { Effect, Layer, Redacted } from "effect"
 * import { Stigg } from "effect-stigg"
 * import { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const StiggOverHttp = Layer.unwrapEffect(
 *   Effect.map(EmulatorServer.EmulatorServer, ({ url }) =>
 *     Stigg.layer({ apiKey: Redacted.make("any"), baseUrl: url })
 *   )
 * ).pipe(Layer.provide(EmulatorServer.layer()))
 *
 * @category tags
 * @since 0.1.0
 */
export class EmulatorServer extends Context.Tag("effect-stigg/testing/EmulatorServer")<
  EmulatorServer,
  {
    /** What a client takes as its base URL, such as `http://127.0.0.1:40123`. */
    readonly url: string
    readonly port: number
  }
>() {}

/**
 * The server cannot listen: the port is taken, may not be had, or is none.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const served = Layer.launch(EmulatorServer.layer({ port: 4010 })).pipe(
 *   Effect.catchTag("StiggListenError", ({ message }) => Effect.log(message)) // Port 4010 of 127.0.0.1 is taken: …
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ListenError extends Data.TaggedError("StiggListenError")<{
  readonly message: string
  /** The system's code, such as `EADDRINUSE`. */
  readonly code: string | null
  readonly cause: unknown
}> {}

/**
 * An option of the server that is not valid. The message names it.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { EmulatorServer } from "effect-stigg/testing/node"
 *
 * const served = Layer.launch(EmulatorServer.layer({ controlHosts: ["http://emulator:4010"] })).pipe(
 *   Effect.catchTag("StiggInvalidServerOptionsError", ({ message }) => Effect.log(message)) // controlHosts.0: Expected a host …
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidServerOptions extends Data.TaggedError("StiggInvalidServerOptionsError")<{
  readonly message: string
}> {}

/**
 * An emulator that listens for HTTP. When its scope closes it listens no more, and its connections are closed. A body of
 * more than 10 MiB is answered with 413.
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
): Layer.Layer<EmulatorServer | Emulator.Emulator, ListenError | InvalidServerOptions | Emulator.InvalidOptions> =>
  Layer.scoped(EmulatorServer, serve(options)).pipe(Layer.provideMerge(Emulator.layer(options)))

const serve = ({
  controlHosts = [],
  host = "127.0.0.1",
  onExchange = () => Effect.void,
  port = 0,
  timeouts = {}
}: Options): Effect.Effect<
  Context.Tag.Service<EmulatorServer>,
  ListenError | InvalidServerOptions,
  Scope.Scope | Emulator.Emulator
> =>
  Effect.gen(function* () {
    const emulator = yield* Emulator.Emulator
    const address = host.includes(":") ? `[${host}]` : host
    const named = yield* Effect.forEach(controlHosts, hostOf)
    const controls = yield* Controls.make(emulator, new Set([...named, address.toLowerCase()]))
    const closing = yield* timeoutsOf(timeouts)
    if (!isPort(port))
      return yield* new ListenError({
        message: `Port ${port} is none: a number from 0 to 65535 is expected`,
        code: null,
        cause: null
      })
    const app = Effect.flatMap(
      HttpServerRequest.HttpServerRequest,
      (request): HttpApp.Default<ConnectionFault, Scope.Scope> =>
        request.url.startsWith(Controls.prefix) ? controls : emulator.httpApp
    )
    const bound = yield* Effect.mapError(
      NodeServer.listen(app, { host, port, timeouts: closing, middleware: heard(onExchange) }),
      (cause) => listenError(host, port, cause)
    )
    // An address to listen on that stands for all of them is none to connect to.
    const reached = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : address
    return { url: `http://${reached}:${bound}`, port: bound }
  })

const hostOf = (host: string, index: number): Effect.Effect<string, InvalidServerOptions> => {
  const name = ControlAccess.allowedHostName(host)
  return name === null
    ? new InvalidServerOptions({ message: `controlHosts.${index}: Expected ${ControlAccess.allowedHost}` })
    : Effect.succeed(name)
}

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
    const ofHeaders = headers === undefined ? Math.min(10_000, millis.request) : yield* millisOf("headers", headers)
    return ofHeaders > millis.request
      ? yield* new InvalidServerOptions({ message: `timeouts.headers: Expected at most timeouts.request, ${longest}` })
      : { ...millis, headers: ofHeaders }
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

const heard =
  (onExchange: NonNullable<Options["onExchange"]>) =>
  (app: HttpApp.Default<ConnectionFault, Scope.Scope>): HttpApp.Default<ConnectionFault, Scope.Scope> =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method, url }) =>
      Effect.flatMap(Effect.timed(Effect.either(app)), ([time, answer]) => {
        const status = Either.isRight(answer) ? answer.right.status : null
        return Effect.zipRight(onExchange({ method, url, status, millis: Duration.toMillis(time) }), answer)
      })
    )

const listenError = (host: string, port: number, cause: unknown): ListenError => {
  const code = Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : null
  const why = code === "EADDRINUSE" ? "is taken: stop what listens there, or choose another" : `cannot be had (${code})`
  return new ListenError({ message: `Port ${port} of ${host} ${why}`, code, cause })
}
