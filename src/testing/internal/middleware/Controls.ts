import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpRouter from "@effect/platform/HttpRouter"
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

const paths = {
  openapi: `${prefix}/openapi.json`,
  docs: `${prefix}/docs`,
  faults: `${prefix}/faults`,
  snapshot: `${prefix}/snapshot`
} as const

type Handled = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  ApiFailure.ApiFailure,
  HttpServerRequest.HttpServerRequest
>

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

/**
 * The control routes, for programs in any language: faults, a snapshot of the state, the OpenAPI document, and a page
 * to try the API on.
 *
 * @param hosts the hosts to accept in the `Host` header, in addition to the loopback hosts
 */
export const make = (
  emulator: Context.Tag.Service<Emulator>,
  hosts: ReadonlySet<string>
): Effect.Effect<HttpApp.Default<never, Scope.Scope>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const docs = yield* HttpLayerRouter.toHttpEffect(
      HttpApiSwagger.layerHttpLayerRouter({ api: StiggApi, path: paths.docs })
    )
    const router = HttpRouter.empty.pipe(
      HttpRouter.get(paths.docs, docs),
      HttpRouter.get(prefix, HttpServerResponse.json(paths)),
      HttpRouter.get(paths.openapi, HttpServerResponse.json(document())),
      HttpRouter.get(
        paths.snapshot,
        Effect.map(emulator.snapshot, (snapshot) => HttpServerResponse.unsafeJson(snapshot))
      ),
      HttpRouter.get(
        paths.faults,
        Effect.map(emulator.activeFaults, (data) => HttpServerResponse.unsafeJson({ data }))
      ),
      HttpRouter.post(paths.faults, inject(emulator)),
      HttpRouter.del(paths.faults, Effect.as(emulator.clearFaults, HttpServerResponse.unsafeJson({ data: [] })))
    )
    const app = yield* HttpRouter.toHttpApp(router)
    return ApiFailure.caught(Effect.zipRight(ControlAccess.check(hosts), app))
  })
