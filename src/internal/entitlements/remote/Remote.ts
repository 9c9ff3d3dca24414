import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { CheckEntitlement } from "../../../schemas/Entitlement.js"
import type { StiggError } from "../../../StiggError.js"
import type { Api } from "./Api.js"
import * as Flight from "./Flight.js"
import * as Freshness from "../memory/Freshness.js"
import * as Known from "../memory/Known.js"
import type { Life } from "../memory/Life.js"
import * as Permits from "./Permits.js"
import type { Settings } from "../Settings.js"
import type * as StateStore from "../store/StateStore.js"
import type { Entry, Loaded } from "../memory/StateTable.js"
import { remember } from "../memory/StateTable.js"
import { spanNames } from "../TelemetryNames.js"
import * as UnknownFeatures from "../UnknownFeatures.js"

/**
 * Loads what is not in memory: from the store that a fleet shares, then from the API. Requests for the same state, or
 * for a check with the same arguments, share one flight. The number of requests in flight is bounded.
 */
export interface Remote {
  /** Joins the flight that loads a state, or starts one. */
  readonly load: (entry: Entry, inBackground: boolean) => Effect.Effect<Flight.Flight<Loaded, StiggError>>
  /** Joins the flight that sends a check to the API, or starts one. */
  readonly check: (
    entry: Entry,
    params: CheckEntitlement,
    key: string,
    inBackground: boolean
  ) => Effect.Effect<Flight.Flight<Known.KnownCheck, StiggError>>
  /** Reads a state from the store, and never calls the API. */
  readonly restore: (entry: Entry) => Effect.Effect<void>
  /** Whether a read of the store may find a state that is not in memory. */
  readonly mayRestore: (entry: Entry | undefined, now: number) => boolean
}

/** How long a miss in the store is remembered, in milliseconds. */
const restoreAgainAfter = 1000

type Flying = Flight.Flying<StiggError>

export const make = (
  settings: Settings,
  life: Life,
  api: Api,
  store: StateStore.Service | undefined,
  flights: Flight.Flights
): Remote => {
  const withPermit = Permits.make(settings.concurrency)
  const warnIfUnknown = UnknownFeatures.warnings()

  /** Caches a state from the store in memory; undefined if memory holds one at least as new. */
  const keep = (entry: Entry, stored: StateStore.Stored) =>
    Effect.zipWith(Clock.currentTimeMillis, Random.next, (now, random) => {
      // A process whose clock is ahead of ours must not extend a state's life.
      const fetchedAt = Math.min(stored.fetchedAt, now)
      const state = Known.state(settings, stored.state, { fetchedAt, knownAt: now }, random)
      const known = entry.state?.freshness
      if (known !== undefined && known.fetchedAt >= fetchedAt && life.isFresh(known, now)) return undefined
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

  /** Whether a state from the store is fresh enough; a background refresh needs one that is not due for a refresh. */
  const suffices = (restored: { readonly state: Known.KnownState; readonly now: number }, inBackground: boolean) => {
    const { now, state } = restored
    return life.isFresh(state.freshness, now) && !(inBackground && life.isDue(state.freshness, now))
  }

  const loadFromApi = (entry: Entry, flying: Flying): Effect.Effect<Loaded, StiggError> =>
    Effect.map(api.state(flying, entry), (state) => {
      entry.state = state
      return { state, source: "api" } as const
    })

  /** Loads a state and shares it through the store, or waits for another process that is loading it. */
  const loadInTurn = (
    entry: Entry,
    store: StateStore.Service,
    reading: StateStore.Reading,
    inBackground: boolean,
    flying: Flying
  ): Effect.Effect<Loaded, StiggError> =>
    Effect.flatMap(Clock.currentTimeMillis, (start) => {
      const inTurn = (maxAge: number): Effect.Effect<Loaded, StiggError> =>
        Effect.flatMap(store.claim(entry, maxAge, reading), (claim): Effect.Effect<Loaded, StiggError> => {
          switch (claim._tag) {
            case "Stored":
              return Effect.flatMap(keep(entry, claim.stored), (restored) =>
                restored !== undefined && suffices(restored, inBackground)
                  ? Effect.succeed({ state: restored.state, source: "cache" })
                  : // Its `validUntil` has passed, although it is younger than `maxAge`.
                    inTurn(0)
              )
            case "Load":
              return loadAndShare(entry, store, claim, flying)
            case "Wait": {
              const until = start + settings.timeout
              return Effect.flatMap(Clock.currentTimeMillis, (now) =>
                now < until
                  ? Effect.zipRight(claim.awaitRelease(until), inTurn(maxAge))
                  : loadAndShare(entry, store, { _tag: "Load", version: claim.version, lock: null }, flying)
              )
            }
          }
        })
      // For a background refresh, a stored state that is due for a refresh does not count either.
      return inTurn(life.timeToLive * (inBackground ? settings.refreshAhead * (1 - Freshness.jitter) : 1))
    })

  const loadAndShare = (entry: Entry, store: StateStore.Service, claim: StateStore.Load, flying: Flying) =>
    loadFromApi(entry, flying).pipe(
      Effect.onError(() => store.release(entry, claim)),
      Effect.tap(({ state: { exists, freshness, state } }) =>
        exists ? store.set(entry, claim, { fetchedAt: freshness.fetchedAt, state }) : store.release(entry, claim)
      )
    )

  const load = (entry: Entry, inBackground: boolean, flying: Flying): Effect.Effect<Loaded, StiggError> =>
    store === undefined
      ? withPermit(loadFromApi(entry, flying), flying.onExit)
      : Effect.flatMap(store.get(entry), (reading) =>
          Effect.flatMap(restore(entry, reading), (restored) =>
            restored !== undefined && suffices(restored, inBackground)
              ? Effect.succeed({ state: restored.state, source: "cache" } as const)
              : withPermit(loadInTurn(entry, store, reading, inBackground, flying), flying.onExit)
          )
        )

  return {
    load: (entry, inBackground) =>
      Effect.withFiberRuntime((caller, { runtimeFlags }) =>
        Effect.succeed(
          Flight.joinable(entry.loading, Context.get(caller.currentDefaultServices, Clock.Clock)) ??
            flights.start((flying) => traced(inBackground, load(entry, inBackground, flying)), {
              caller,
              runtimeFlags,
              context: api.inContext(caller.currentContext),
              inBackground,
              register: (flight) => {
                entry.loading = flight
              },
              unregister: (flight) => {
                if (entry.loading === flight) entry.loading = undefined
              }
            })
        )
      ),

    check: (entry, params, key, inBackground) =>
      Effect.withFiberRuntime((caller, { runtimeFlags }) => {
        const send = (flying: Flying) =>
          Effect.flatMap(withPermit(api.check(flying, entry.customerId, params), flying.onExit), (check) => {
            remember(entry, key, check)
            return Effect.as(warnIfUnknown(params, check.answer), check)
          })
        return Effect.succeed(
          Flight.joinable(entry.checking.get(key), Context.get(caller.currentDefaultServices, Clock.Clock)) ??
            flights.start((flying) => traced(inBackground, send(flying)), {
              caller,
              runtimeFlags,
              context: api.inContext(caller.currentContext),
              inBackground,
              register: (flight) => {
                entry.checking.set(key, flight)
              },
              unregister: (flight) => {
                if (entry.checking.get(key) === flight) entry.checking.delete(key)
              }
            })
        )
      }),

    restore: (entry) =>
      store === undefined
        ? Effect.void
        : Effect.asVoid(Effect.flatMap(store.get(entry), (reading) => restore(entry, reading))),

    mayRestore: (entry, now) =>
      store !== undefined && entry?.state === undefined && now - (entry?.missedAt ?? -Infinity) >= restoreAgainAfter
  }
}

/** Gives a background run a root span: it may outlive the request that started it. */
const traced = <A, E>(inBackground: boolean, self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  inBackground ? Effect.withSpan(self, spanNames.refresh, { root: true, captureStackTrace: false }) : self
