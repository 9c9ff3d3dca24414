import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as ApiFailure from "../contract/ApiFailure.js"

/**
 * Keeps web pages away from the control routes. A page of another origin can send simple requests to a server on the
 * loopback. A page whose hostname is rebound to the loopback (DNS rebinding) can also read the responses. No page can
 * forge the `Host`, `Origin` and `Sec-Fetch-Site` headers that its browser sends.
 *
 * @param hosts the hosts that are allowed in addition to the loopback hosts, as {@link hostName} returns them
 */
export const check = (
  hosts: ReadonlySet<string>
): Effect.Effect<void, ApiFailure.ApiFailure, HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) => {
    const host = (headers["host"] ?? "").toLowerCase()
    const name = hostName(host)
    if (name === null || !(isLoopback(name) || hosts.has(name))) return forbiddenHost(host)
    const origin = headers["origin"]
    // A proxy in front may terminate TLS.
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
 * The host in a `Host` header, in lower case, without the port and without a trailing dot. Null unless the header is
 * exactly a name or an address with an optional port. A URL parser would be too lenient: it accepts `evil@127.0.0.1`.
 */
export const hostName = (header: string): string | null => {
  const [, name] = /^([a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.exec(header) ?? []
  return name === undefined ? null : name.toLowerCase().replace(/\.$/, "")
}

/** The format of an allowed host, for error messages. */
export const allowedHost = "a host without scheme, port or path, such as emulator or [fd00::1]"

/** The normalized name of a host to allow, or null if it does not have the format of {@link allowedHost}. */
export const allowedHostName = (host: string): string | null => (/:\d+$/.test(host) ? null : hostName(host))

/** Browsers normalize spellings such as `127.1`. `[::ffff:127.0.0.1]` must be allowed explicitly. */
const isLoopback = (name: string): boolean =>
  name === "localhost" || name === "[::1]" || /^127(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/.test(name)

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
