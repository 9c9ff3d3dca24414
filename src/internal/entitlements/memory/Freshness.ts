import type { Entitlement } from "../../../schemas/Entitlement.js"
import type { Settings } from "../Settings.js"

/** How long something that the API said holds; all in milliseconds of the epoch. */
export interface Freshness {
  /** When the API was asked for it: what it says may be as old. */
  readonly fetchedAt: number
  /** From here on it is fetched anew in the background. */
  readonly aheadAt: number
  /** From here on it is not fresh. */
  readonly expiresAt: number
  /** From here on it answers no more, even when the API is down. */
  readonly staleUntil: number
}

/** The part of the time until a refresh by which it may come sooner. */
export const jitter = 0.1

/** An API whose clock is ahead of ours may say that an answer is over already. It must not be asked for ever. */
const shortest = 1000

/**
 * The times of an answer. `validUntil` ends it before its time to live: fetching it ahead of that moment would bring
 * the same answer. `random`, from 0 to 1, spreads the refreshes of what was fetched together.
 */
export const of = (settings: Settings, fetchedAt: number, validUntil: number, random: number): Freshness => {
  const whole = fetchedAt + settings.timeToLive
  const valid = validUntil > fetchedAt ? validUntil : fetchedAt + shortest
  const ahead =
    settings.refreshAhead < 1
      ? fetchedAt + settings.timeToLive * settings.refreshAhead * (1 - jitter * random)
      : Infinity
  return {
    fetchedAt,
    aheadAt: valid < whole ? Infinity : ahead,
    expiresAt: Math.min(whole, valid),
    staleUntil: whole + settings.staleFor
  }
}

/** The times of the API's word that there is no such customer: brief, and nothing to answer with later. */
export const ofNotFound = (settings: Settings, fetchedAt: number): Freshness => {
  const expiresAt = fetchedAt + settings.notFoundTimeToLive
  return { fetchedAt, aheadAt: Infinity, expiresAt, staleUntil: expiresAt }
}

/** The first moment from which one of these has to be computed again. */
export const validUntil = (entitlements: ReadonlyArray<Entitlement>): number =>
  entitlements.reduce((first, entitlement) => Math.min(first, millis(entitlement)), Infinity)

const millis = (entitlement: Entitlement): number => {
  if ("validUntil" in entitlement)
    return entitlement.validUntil === null ? Infinity : entitlement.validUntil.epochMillis
  // Of a type that is not known here; the moment may be there all the same.
  const moment = entitlement.raw["validUntil"]
  const parsed = typeof moment === "string" ? Date.parse(moment) : Number.NaN
  return Number.isNaN(parsed) ? Infinity : parsed
}
