import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as ApiFailure from "../contract/ApiFailure.js"

/**
 * Keeps web pages away from the control routes. A page of another origin can send simple requests to a server on the
 * loopback. A page whose name is rebound to the loopback (DNS rebinding) can also read the answers. No page can forge
 * the `Host`, `Origin` and `Sec-Fetch-Site` that its browser sends.
 *
 * @param hosts the hosts that are allowed beside the loopback's own, as {@link hostName} gives them
 */
export const check = (
  hosts: ReadonlySet<string>
): Effect.Effect<void, ApiFailure.ApiFailure, HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) => {
    const host = (headers["host"] ?? "").toLowerCase()
    const name = hostName(host)
    if (name === null || !(isLoopback(name) || hosts.has(name))) return forbiddenHost(host)
    const origin = headers["origin"]
    // A proxy in front may speak TLS.
    const isForeign = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
    const site = headers["sec-fetch-site"] ?? "none"
    if (isForeign || (site !== "same-origin" && site !== "none")) return forbiddenOrigin
    const hasBody =
      method === "POST" ||
      method === "PUT" ||
      method === "PATCH" ||
      (headers["content-length"] ?? "0") !== "0" ||
      headers["transfer-encoding"] !== undefined
    return hasBody && !/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "") ? notJson : Effect.void
  })

/**
 * The host of a `Host` header: without its port, in lower case, without a trailing dot. Null unless the header is
 * exactly a name or an address with an optional port: a URL parser would accept `evil@127.0.0.1` and the like.
 */
export const hostName = (header: string): string | null => {
  const [, name] = /^([a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.exec(header) ?? []
  return name === undefined ? null : name.toLowerCase().replace(/\.$/, "")
}

/** What an allowed host looks like. */
export const allowedHost = "a host without scheme, port and path, such as emulator or [fd00::1]"

/** The name of a host that is to be allowed, or null where it is not {@link allowedHost}. */
export const allowedHostName = (host: string): string | null => (/:\d+$/.test(host) ? null : hostName(host))

/** Browsers normalize `127.1` and the like. `[::ffff:127.0.0.1]` has to be named. */
const isLoopback = (name: string): boolean =>
  name === "localhost" || name === "[::1]" || /^127(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/.test(name)

const forbiddenHost = (host: string): ApiFailure.ApiFailure =>
  new ApiFailure.ApiFailure({
    status: 403,
    code: "ForbiddenHost",
    message: `The host "${host.slice(0, 255)}" is not allowed here: use a loopback host, or name it in controlHosts (--control-host)`
  })

const forbiddenOrigin = new ApiFailure.ApiFailure({
  status: 403,
  code: "ForbiddenOrigin",
  message: "A page of another origin is not allowed here"
})

const notJson = new ApiFailure.ApiFailure({
  status: 415,
  code: "UnsupportedMediaType",
  message: "content-type: application/json is expected"
})
