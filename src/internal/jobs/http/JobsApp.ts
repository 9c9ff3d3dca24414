import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiError from "@effect/platform/HttpApiError"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as WorkflowEngine from "@effect/workflow/WorkflowEngine"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { CustomerJobs } from "../../../CustomerJobs.js"
import * as Caller from "../../access/Caller.js"
import { pageHeaders } from "../../access/pageHeaders.js"
import { css } from "../page/css.js"
import { html } from "../page/html.js"
import { script } from "../page/script.js"
import * as Handlers from "./Handlers.js"
import { maxPathId } from "./JobsApi.js"
import * as Key from "./Key.js"

export interface Settings {
  readonly key: Redacted.Redacted
  /** In addition to the loopback hosts, as `Caller.hostName` returns them. */
  readonly hosts: ReadonlySet<string>
}

/** A payload has no rows: those are in the source. */
const maxBody = 1024 * 1024

/** Answers to the requests for the jobs and their page. The URLs have no prefix. */
export const make = ({
  hosts,
  key
}: Settings): Effect.Effect<
  HttpApp.Default,
  never,
  CustomerJobs | WorkflowEngine.WorkflowEngine | HttpRouter.HttpRouter.DefaultServices | Scope.Scope
> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<HttpRouter.HttpRouter.DefaultServices>()
    const api = yield* apiApp(key)
    return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const { headers, method } = request
      const refusal = Caller.refusal(headers, hosts)
      if (refusal !== null) return Effect.succeed(HttpServerResponse.setHeaders(refused(refusal), pageHeaders))
      const asset = method === "GET" || method === "HEAD" ? assets.get(pathOf(request)) : undefined
      if (asset !== undefined) return Effect.succeed(HttpServerResponse.setHeaders(asset, pageHeaders))
      return api.pipe(
        HttpIncomingMessage.withMaxBodySize(Option.some(maxBody)),
        Effect.catchAllCause(answer),
        Effect.map(HttpServerResponse.setHeaders(pageHeaders)),
        Effect.provide(context)
      )
    })
  })

/** The path of a request, without its query. */
export const pathOf = ({ url }: HttpServerRequest.HttpServerRequest): string => url.replace(/[?#].*$/s, "")

/** In a memory of its own: the layers of another API in this process share theirs by path. */
const apiApp = (key: Redacted.Redacted) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(
      Layer.fresh(
        Layer.mergeAll(
          Handlers.layer.pipe(Layer.provide(Key.layer(key))),
          HttpApiBuilder.Router.Live,
          HttpApiBuilder.middleware((app) => Effect.catchAllCause(app, withoutSecrets)).pipe(
            Layer.provideMerge(HttpApiBuilder.Middleware.layer)
          )
        )
      )
    )
    return yield* Effect.provide(HttpApiBuilder.httpApp, context).pipe(
      HttpRouter.withRouterConfig({ maxParamLength: maxPathId })
    )
  })

/** What an answer may tell of a failure. A payload can hold secrets, such as the signature of a URL. */
const withoutSecrets = (cause: Cause.Cause<unknown>): Effect.Effect<never> => {
  const failure: unknown = Option.getOrNull(Cause.failureOption(cause))
  const shown =
    failure instanceof HttpApiError.HttpApiDecodeError ? withoutValues(failure) : Handlers.withoutCause(failure)
  // An HTTP app declares no errors, but the API encodes the ones of its endpoints after this.
  return Effect.failCause((failure === null ? cause : Cause.fail(shown)) as Cause.Cause<never>)
}

/** Says where a request is invalid, and what was expected there if that is known, but not what it was. */
const withoutValues = ({ issues }: HttpApiError.HttpApiDecodeError): HttpApiError.HttpApiDecodeError => {
  const shown = issues.map((issue) => {
    const [, expected = "Invalid"] = /^(Expected .*?), actual /s.exec(issue.message) ?? []
    return { ...issue, message: issue._tag === "Missing" ? "is missing" : expected }
  })
  return new HttpApiError.HttpApiDecodeError({
    issues: shown,
    message: shown.map(({ message, path }) => `${path.map(String).join(".")}: ${message}`).join("\n")
  })
}

/** The answer to a request that the API does not answer. */
const answer = (cause: Cause.Cause<unknown>): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  if (Cause.isInterruptedOnly(cause)) return Effect.failCause(Cause.stripFailures(cause))
  const reason = Cause.squash(cause)
  if (reason instanceof HttpServerError.RouteNotFound) return HttpServerResponse.empty({ status: 404 })
  if (reason instanceof HttpServerError.RequestError) return HttpServerResponse.empty({ status: 400 })
  return Effect.as(
    Effect.logError("Jobs over HTTP: a request failed unexpectedly", cause),
    HttpServerResponse.unsafeJson({}, { status: 500 })
  )
}

const refused = (refusal: Caller.Refusal): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.unsafeJson(
    {
      message:
        refusal === "Host"
          ? "This host is not allowed: use a loopback host, or add it to the option `hosts`"
          : "Cross-origin requests are not allowed"
    },
    { status: 403 }
  )

const assets: ReadonlyMap<string, HttpServerResponse.HttpServerResponse> = new Map([
  ["/", HttpServerResponse.text(html, { contentType: "text/html; charset=utf-8" })],
  ["/page.css", HttpServerResponse.text(css, { contentType: "text/css; charset=utf-8" })],
  ["/page.js", HttpServerResponse.text(script, { contentType: "text/javascript; charset=utf-8" })]
])
