import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Caller from "../../../internal/access/Caller.js"
import * as ApiFailure from "../contract/ApiFailure.js"

/**
 * Keeps web pages away from the control routes.
 *
 * @param hosts the hosts that are allowed in addition to the loopback hosts, as `Caller.hostName` returns them
 */
export const check = (
  hosts: ReadonlySet<string>
): Effect.Effect<void, ApiFailure.ApiFailure, HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) => {
    const refusal = Caller.refusal(headers, hosts)
    if (refusal !== null) return refusal === "Host" ? forbiddenHost(Caller.hostOf(headers)) : forbiddenOrigin
    const hasBody =
      method === "POST" ||
      method === "PUT" ||
      method === "PATCH" ||
      (headers["content-length"] ?? "0") !== "0" ||
      headers["transfer-encoding"] !== undefined
    return hasBody && !/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "") ? notJson : Effect.void
  })

const forbiddenHost = (host: string): ApiFailure.ApiFailure =>
  new ApiFailure.ApiFailure({
    status: 403,
    code: "ForbiddenHost",
    message: `Host "${host.slice(0, 255)}" is not allowed: use a loopback host, or add it to controlHosts (--control-host)`
  })

const forbiddenOrigin = new ApiFailure.ApiFailure({
  status: 403,
  code: "ForbiddenOrigin",
  message: "Cross-origin requests are not allowed"
})

const notJson = new ApiFailure.ApiFailure({
  status: 415,
  code: "UnsupportedMediaType",
  message: "content-type: expected application/json"
})
