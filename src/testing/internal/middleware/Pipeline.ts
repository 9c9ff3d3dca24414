import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as Authentication from "./Authentication.js"
import * as Cursors from "../contract/Cursors.js"
import * as RequestLog from "../journal/RequestLog.js"
import * as Credential from "../world/Credential.js"
import * as IdempotencyStore from "../world/IdempotencyStore.js"
import * as Instance from "../world/Instance.js"
import * as OperationRoutes from "../contract/OperationRoutes.js"

/** What all instances of an emulator check. */
export interface Options {
  readonly apiKey: Option.Option<Redacted.Redacted>
  /** Whether a page by both cursors is refused. */
  readonly strict: boolean
}

/**
 * Wraps the handler of a matched route. The step that is applied last runs first: faults, authentication, cursors,
 * content type, idempotency, limits, handler.
 */
export const make =
  ({ apiKey, strict }: Options) =>
  <E, R>(handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.contextWithEffect((context: Context.Context<Requires>) => {
      const { faults, idempotency, limiter } = Context.get(context, Instance.Current)
      const entry = Context.get(context, RequestLog.Current)
      const { headers, method, url } = Context.get(context, HttpServerRequest.HttpServerRequest)
      const { params, route } = Context.get(context, HttpRouter.RouteContext)
      const authenticated = <A, E, R>(handled: Effect.Effect<A, E, R>) =>
        Effect.zipRight(Authentication.check(apiKey), handled)
      const found = OperationRoutes.find(route.method, route.path)
      if (found === undefined) return ApiFailure.caught(authenticated(handler))
      const request = { operation: found.operation, isRead: found.isRead, customer: params["id"] }
      entry.operation = found.operation
      entry.customer = request.customer ?? null
      const limited = Option.isNone(limiter) ? handler : limiter.value.apply(request, handler)
      const key = headers["idempotency-key"] ?? ""
      const once =
        method === "POST" && key !== ""
          ? Effect.flatMap(Credential.fingerprint(Credential.of(headers) ?? ""), (fingerprint) =>
              idempotency.once(IdempotencyStore.scoped({ fingerprint, method, url }, key), limited)
            )
          : limited
      const checked = !found.hasBody || isJson(headers["content-type"]) ? once : notJson
      const single = strict && found.isRead ? Cursors.oneOf(checked) : checked
      return faults.apply(request, ApiFailure.caught(authenticated(single)), (applied) => {
        entry.faults = applied
      })
    })

/** What the steps look at, read at once: a step for each would take a tenth of a call. */
type Requires = Instance.Current | RequestLog.Current | HttpServerRequest.HttpServerRequest | HttpRouter.RouteContext

/** A body without a content type is assumed to be JSON. */
const isJson = (contentType: string | undefined): boolean =>
  contentType === undefined || /^application\/([\w.+-]+\+)?json/i.test(contentType.trim())

const notJson = Effect.fail(ApiFailure.badInput("content-type", "expected application/json"))
