import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { CheckEntitlement } from "../../../schemas/Entitlement.js"
import type { StiggError } from "../../../StiggError.js"
import type { Api } from "./Api.js"
import type * as Flight from "./Flight.js"
import * as Freshness from "../memory/Freshness.js"
import * as Known from "../memory/Known.js"
import * as Permits from "./Permits.js"
import type { Settings } from "../Settings.js"
import type * as StateStore from "../store/StateStore.js"
import type { Entry, Loaded } from "../memory/StateTable.js"
import { remember } from "../memory/StateTable.js"

/**
 * What is not in memory: states from the store that a fleet shares, then from the API. One flight at a time for a state
 * or for the arguments of a check, and a bounded number of requests at once.
 */
export interface Remote {
  /** The flight that loads a state, started unless one is under way. */
  readonly load: (entry: Entry, inBackground: boolean) => Effect.Effect<Flight.Flight<Loaded, StiggError>>
  /** The flight that asks the API to check, started unless one is under way. */
  readonly ask: (
    entry: Entry,
    params: CheckEntitlement,
    key: string,
    inBackground: boolean
  ) => Effect.Effect<Flight.Flight<Known.KnownCheck, StiggError>>
  /** Reads the store alone. */
  readonly restore: (entry: Entry) => Effect.Effect<void>
  /** Whether there is a store that may know of a state. */
  readonly mayRestore: (entry: Entry | undefined, now: number) => boolean
}

/** After this many milliseconds the store is asked again for what it did not have. */
const restoreAgainAfter = 1000

type Timer = Flight.Timer<StiggError>

export const make = (
  settings: Settings,
  api: Api,
  store: StateStore.Service | undefined,
  flights: Flight.Flights
): Remote => {
  const withPermit = Permits.make(settings.concurrency)

  /** Keeps a state from the store, unless it is older than what is known; undefined then. */
  const keep = (entry: Entry, stored: StateStore.Stored) =>
    Effect.zipWith(Clock.currentTimeMillis, Random.next, (now, random) => {
      // A clock ahead of ours must not make a state last longer.
      const state = Known.state(settings, stored.state, Math.min(stored.fetchedAt, now), random)
      if (entry.state !== undefined && entry.state.freshness.fetchedAt >= state.freshness.fetchedAt) return undefined
      if (now < state.freshness.staleUntil) entry.state = state
      return { state, now }
    })

  const restore = (entry: Entry, { stored }: StateStore.Reading) => {
    if (stored !== undefined) return keep(entry, stored)
    return Effect.map(Clock.currentTimeMillis, (now) => {
      entry.missedAt = now
      return undefined
    })
  }

  /** Whether a state from the store will do, or has to be loaded anew. */
  const suffices = (restored: { readonly state: Known.KnownState; readonly now: number }, inBackground: boolean) => {
    const { aheadAt, expiresAt } = restored.state.freshness
    return restored.now < (inBackground ? Math.min(aheadAt, expiresAt) : expiresAt)
  }

  const loadFromApi = (entry: Entry, timer: Timer): Effect.Effect<Loaded, StiggError> =>
    Effect.map(api.state(timer, entry), (state) => {
      entry.state = state
      return { state, source: "api" } as const
    })

  /** Loads a state and leaves it for the others, or waits for the one that another process is loading. */
  const loadInTurn = (
    entry: Entry,
    store: StateStore.Service,
    reading: StateStore.Reading,
    inBackground: boolean,
    timer: Timer
  ): Effect.Effect<Loaded, StiggError> =>
    Effect.flatMap(Clock.currentTimeMillis, (start) => {
      const inTurn = (maxAge: number): Effect.Effect<Loaded, StiggError> =>
        Effect.flatMap(store.claim(entry, maxAge, reading), (claim): Effect.Effect<Loaded, StiggError> => {
          switch (claim._tag) {
            case "Stored":
              return Effect.flatMap(keep(entry, claim.stored), (restored) =>
                restored !== undefined && suffices(restored, inBackground)
                  ? Effect.succeed({ state: restored.state, source: "cache" })
                  : // It is young, and not valid any more.
                    inTurn(0)
              )
            case "Load":
              return loadAndShare(entry, store, claim, timer)
            case "Wait": {
              const until = start + settings.timeout
              return Effect.flatMap(Clock.currentTimeMillis, (now) =>
                now < until
                  ? Effect.zipRight(claim.over(until), inTurn(maxAge))
                  : loadAndShare(entry, store, { _tag: "Load", version: claim.version, lock: null }, timer)
              )
            }
          }
        })
      // What is old enough for this process to refresh it is old enough to be loaded anew.
      return inTurn(settings.timeToLive * (inBackground ? settings.refreshAhead * (1 - Freshness.jitter) : 1))
    })

  const loadAndShare = (entry: Entry, store: StateStore.Service, claim: StateStore.Load, timer: Timer) =>
    loadFromApi(entry, timer).pipe(
      Effect.onError(() => store.release(entry, claim)),
      Effect.tap(({ state: { exists, freshness, state } }) =>
        exists ? store.set(entry, claim, { fetchedAt: freshness.fetchedAt, state }) : store.release(entry, claim)
      )
    )

  const load = (entry: Entry, inBackground: boolean, timer: Timer): Effect.Effect<Loaded, StiggError> =>
    store === undefined
      ? withPermit(loadFromApi(entry, timer))
      : Effect.flatMap(store.get(entry), (reading) =>
          Effect.flatMap(restore(entry, reading), (restored) =>
            restored !== undefined && suffices(restored, inBackground)
              ? Effect.succeed({ state: restored.state, source: "cache" } as const)
              : withPermit(loadInTurn(entry, store, reading, inBackground, timer))
          )
        )

  return {
    load: (entry, inBackground) =>
      Effect.suspend(() =>
        entry.loading === undefined
          ? flights.start((timer) => alone(inBackground, load(entry, inBackground, timer)), {
              inBackground,
              enter: (flight) => {
                entry.loading = flight
              },
              leave: (flight) => {
                if (entry.loading === flight) entry.loading = undefined
              }
            })
          : Effect.succeed(entry.loading)
      ),

    ask: (entry, params, key, inBackground) =>
      Effect.suspend(() => {
        const flight = entry.asking.get(key)
        if (flight !== undefined) return Effect.succeed(flight)
        const ask = (timer: Timer) =>
          Effect.map(withPermit(api.check(timer, entry.customerId, params)), (check) => {
            remember(entry, key, check)
            return check
          })
        return flights.start((timer) => alone(inBackground, ask(timer)), {
          inBackground,
          enter: (flight) => {
            entry.asking.set(key, flight)
          },
          leave: (flight) => {
            if (entry.asking.get(key) === flight) entry.asking.delete(key)
          }
        })
      }),

    restore: (entry) =>
      store === undefined
        ? Effect.void
        : Effect.asVoid(Effect.flatMap(store.get(entry), (reading) => restore(entry, reading))),

    mayRestore: (entry, now) =>
      store !== undefined && entry?.state === undefined && now - (entry?.missedAt ?? -Infinity) >= restoreAgainAfter
  }
}

/** What runs in the background belongs to no request, and may outlive the one that it began in. */
const alone = <A, E>(inBackground: boolean, self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  inBackground ? Effect.withSpan(self, "stigg.entitlements.refresh", { root: true, captureStackTrace: false }) : self
