import type { Entitlement } from "../../../schemas/Entitlement.js"
import type { Settings } from "../Settings.js"

/** When a cached response is refreshed, expires and becomes useless; all in milliseconds since the epoch. */
export interface Freshness {
  /** When the request was sent: the data may be as old as this. */
  readonly fetchedAt: number
  /** When no invalidation of it was known: `fetchedAt`, or when it was read from the store that a fleet shares. */
  readonly knownAt: number
  /** Its end without a channel, or while that is not connected. */
  readonly alone: End
  /** Its end while each invalidation arrives by the channel. */
  readonly connected: End
  /** From here on, it is not used even while the API is down. */
  readonly staleUntil: number
}

interface End {
  /** From here on, a check refreshes it in the background. */
  readonly refreshAt: number
  /** From here on, it is no longer fresh. */
  readonly expiresAt: number
}

/** The fraction of the time until a refresh by which the refresh may be earlier. */
export const jitter = 0.1

/**
 * If the API's clock is ahead of ours, `validUntil` may have passed when a response arrives. This minimum lifetime, in
 * milliseconds, keeps every check from sending a request then.
 */
const minTimeToLive = 1000

/**
 * The freshness of a response. If `validUntil` ends it before its time to live, it is not refreshed ahead: a request
 * before that moment would get the same response. `random`, from 0 to 1, spreads refreshes of responses fetched
 * together.
 */
export const of = (
  settings: Settings,
  { fetchedAt, knownAt = fetchedAt }: { readonly fetchedAt: number; readonly knownAt?: number },
  validUntil: number,
  random: number
): Freshness => {
  const valid = validUntil > fetchedAt ? validUntil : fetchedAt + minTimeToLive
  const end = (timeToLive: number): End => {
    const whole = fetchedAt + timeToLive
    const refreshAt =
      settings.refreshAhead < 1 ? fetchedAt + timeToLive * settings.refreshAhead * (1 - jitter * random) : Infinity
    return { refreshAt: valid < whole ? Infinity : refreshAt, expiresAt: Math.min(whole, valid) }
  }
  const { connectedTimeToLive, staleFor, timeToLive } = settings
  const alone = end(timeToLive)
  return {
    fetchedAt,
    knownAt,
    alone,
    connected: connectedTimeToLive === timeToLive ? alone : end(connectedTimeToLive),
    staleUntil: fetchedAt + connectedTimeToLive + staleFor
  }
}

/** The freshness of a 404 for a customer: short, and never used as a stale answer. */
export const ofNotFound = (settings: Settings, fetchedAt: number): Freshness => {
  const end = { refreshAt: Infinity, expiresAt: fetchedAt + settings.notFoundTimeToLive }
  return { fetchedAt, knownAt: fetchedAt, alone: end, connected: end, staleUntil: end.expiresAt }
}

/** The earliest `validUntil` of these entitlements; `Infinity` if they have none. */
export const validUntil = (entitlements: ReadonlyArray<Entitlement>): number =>
  entitlements.reduce((first, entitlement) => Math.min(first, millis(entitlement)), Infinity)

const millis = (entitlement: Entitlement): number => {
  if ("validUntil" in entitlement)
    return entitlement.validUntil === null ? Infinity : entitlement.validUntil.epochMillis
  // An entitlement of an unknown type may have a `validUntil` too.
  const value = entitlement.raw["validUntil"]
  const parsed = typeof value === "string" ? Date.parse(value) : Number.NaN
  return Number.isNaN(parsed) ? Infinity : parsed
}
