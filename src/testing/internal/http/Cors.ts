import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"

const methods = "GET, POST, PATCH, DELETE"
const exposed = "x-trace-id, retry-after"

/** Whether a text names an origin, or all. */
export const isOrigin = (text: string): boolean => text === "*" || (URL.canParse(text) && new URL(text).origin === text)

/** What {@link isOrigin} expects. */
export const expectedOrigin = '"*" or an origin such as http://localhost:3000, in lower case and without a path'

/**
 * Lets web pages of other origins use an app: answers their preflights, and names their origin in each response. Without
 * origins, and for any other origin, the app answers as it would.
 */
// Not `HttpMiddleware.cors`: it adds its headers when the platform's own servers send a response, and this is not one.
export const allow =
  (origins: ReadonlySet<string>) =>
  <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
    origins.size === 0
      ? app
      : Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) => {
          const { origin } = headers
          if (origin === undefined || !(origins.has(origin) || origins.has("*"))) return app
          const allowed = { "access-control-allow-origin": origin, vary: "Origin" }
          if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) {
            return Effect.map(app, (response) =>
              HttpServerResponse.setHeaders(response, { ...allowed, "access-control-expose-headers": exposed })
            )
          }
          return HttpServerResponse.empty({
            status: 204,
            headers: {
              ...allowed,
              "access-control-allow-methods": methods,
              "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
              "access-control-max-age": "600"
            }
          })
        })
