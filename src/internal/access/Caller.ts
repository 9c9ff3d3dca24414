import type * as Headers from "@effect/platform/Headers"

/** Why a request may come from a web page of another origin. */
export type Refusal = "Host" | "Origin"

/**
 * Keeps web pages of other origins away from a server. A page of another origin can send simple requests to a server on
 * the loopback. A page whose hostname is rebound to the loopback (DNS rebinding) can also read the responses. No page can
 * forge the `Host`, `Origin` and `Sec-Fetch-Site` headers that its browser sends.
 *
 * @param hosts the hosts that are allowed in addition to the loopback hosts, as {@link hostName} returns them
 */
export const refusal = (headers: Headers.Headers, hosts: ReadonlySet<string>): Refusal | null => {
  const host = hostOf(headers)
  const name = hostName(host)
  if (name === null || !(isLoopback(name) || hosts.has(name))) return "Host"
  const origin = headers["origin"]
  // A proxy in front may terminate TLS.
  const isForeign = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
  const site = headers["sec-fetch-site"] ?? "none"
  return isForeign || (site !== "same-origin" && site !== "none") ? "Origin" : null
}

/** The `Host` header. */
export const hostOf = (headers: Headers.Headers): string => (headers["host"] ?? "").toLowerCase()

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
