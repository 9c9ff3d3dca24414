import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpRouter from "@effect/platform/HttpRouter"
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as ControlAccess from "./ControlAccess.js"
import type { Emulator } from "../../Emulator.js"
import * as Faults from "../../Faults.js"
import { document, StiggApi } from "../../StiggApi.js"

/** The path prefix of the control routes. No API path starts with it. */
export const prefix = "/_emulator"

/** The paths of the control routes by name. `GET /_emulator` answers with them. */
export const paths = {
  docs: `${prefix}/docs`,
  openapi: `${prefix}/openapi.json`,
  snapshot: `${prefix}/snapshot`,
  faults: `${prefix}/faults`
} as const

type Handled = HttpApp.Default<ApiFailure.ApiFailure | HttpServerError.RouteNotFound, Scope.Scope>

/** A control route. The router and the help of the command are made from the list of them. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: (typeof paths)[keyof typeof paths] | typeof prefix
  /** What it does, for the help. */
  readonly does: string
  /** The body of the example in the help. */
  readonly example?: unknown
  readonly handle: (emulator: Context.Tag.Service<Emulator>) => Effect.Effect<Handled, never, Scope.Scope>
}

/** Injects the rule or the list of rules in the body. If one is invalid, none is injected. */
const inject = (emulator: Context.Tag.Service<Emulator>): Handled =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const body = yield* Effect.mapError(request.json, () => ApiFailure.badInput("body", "not valid JSON"))
    const rules: ReadonlyArray<unknown> = Array.isArray(body) ? body : [body]
    yield* Effect.forEach(rules, Faults.decode).pipe(
      Effect.flatMap(Effect.forEach(emulator.inject, { discard: true })),
      Effect.mapError(({ message }) => new ApiFailure.ApiFailure({ status: 400, code: "InvalidFault", message }))
    )
    return HttpServerResponse.unsafeJson({ data: yield* emulator.activeFaults }, { status: 201 })
  })

const json = (body: unknown): Handled => Effect.sync(() => HttpServerResponse.unsafeJson(body))

/** A fault that makes a call fail in spite of its two retries. */
const outage: Faults.Rule = { operation: "customers.retrieve", fault: Faults.status(503), times: 3 }

/**
 * The control routes, for programs in any language: faults, a snapshot of the state, the OpenAPI document, and a page to
 * try the API on.
 */
export const routes: ReadonlyArray<Route> = [
  {
    method: "GET",
    path: prefix,
    does: "the paths of these routes",
    handle: () => Effect.succeed(json(paths))
  },
  {
    method: "GET",
    path: paths.docs,
    does: "a page to try the API on",
    handle: () => HttpLayerRouter.toHttpEffect(HttpApiSwagger.layerHttpLayerRouter({ api: StiggApi, path: paths.docs }))
  },
  {
    method: "GET",
    path: paths.openapi,
    does: "the OpenAPI document",
    handle: () => Effect.sync(() => json(document()))
  },
  {
    method: "GET",
    path: paths.snapshot,
    does: "the whole state",
    handle: (emulator) => Effect.succeed(Effect.flatMap(emulator.snapshot, json))
  },
  {
    method: "GET",
    path: paths.faults,
    does: "the active faults",
    handle: (emulator) => Effect.succeed(Effect.flatMap(emulator.activeFaults, (data) => json({ data })))
  },
  {
    method: "POST",
    path: paths.faults,
    does: "inject a fault, or a list of faults",
    example: outage,
    handle: (emulator) => Effect.succeed(inject(emulator))
  },
  {
    method: "DELETE",
    path: paths.faults,
    does: "remove all faults",
    handle: (emulator) => Effect.succeed(Effect.zipRight(emulator.clearFaults, json({ data: [] })))
  }
]

/** The list of the routes, and a `curl` command for each, as text. */
export const help = (baseUrl: string): string => {
  const width = Math.max(...routes.map(({ path }) => path.length))
  const lines = routes.map(({ does, method, path }) => `  ${method.padEnd(6)} ${path.padEnd(width)}  ${does}`)
  return `${lines.join("\n")}\n\n${routes.map((route) => `  ${curl(baseUrl, route)}`).join("\n")}`
}

const curl = (baseUrl: string, { example, method, path }: Route): string => {
  const body = example === undefined ? "" : ` -H 'content-type: application/json' -d '${JSON.stringify(example)}'`
  // With a body, curl sends a POST by itself.
  return `curl ${method === "DELETE" ? "-X DELETE " : ""}${baseUrl}${path}${body}`
}

/**
 * Serves the control routes.
 *
 * @param hosts the hosts to accept in the `Host` header, in addition to the loopback hosts
 */
export const make = (
  emulator: Context.Tag.Service<Emulator>,
  hosts: ReadonlySet<string>
): Effect.Effect<HttpApp.Default<never, Scope.Scope>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const handled = yield* Effect.forEach(routes, ({ handle, method, path }) =>
      Effect.map(handle(emulator), (handled) => ({ method, path, handled }))
    )
    const router = handled.reduce<HttpRouter.HttpRouter<Effect.Effect.Error<Handled>, Scope.Scope>>(
      (router, { handled, method, path }) => HttpRouter.route(method)(router, path, handled),
      HttpRouter.empty
    )
    const app = yield* HttpRouter.toHttpApp(router)
    return ApiFailure.caught(Effect.zipRight(ControlAccess.check(hosts), app))
  })
