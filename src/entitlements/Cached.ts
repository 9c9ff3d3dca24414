import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { Customers } from "../Customers.js"
import type { CheckEntitlement, RetrieveEntitlements } from "../schemas/Entitlement.js"
import { StiggClient } from "../StiggClient.js"
import type { StiggError } from "../StiggError.js"
import * as Answer from "./Answer.js"
import * as Api from "./Api.js"
import * as Breaker from "./Breaker.js"
import * as Fallback from "./Fallback.js"
import * as Flight from "./Flight.js"
import * as Known from "./Known.js"
import * as LastKnown from "./LastKnown.js"
import * as Metrics from "./Metrics.js"
import * as Request from "./Request.js"
import type { Settings } from "./Settings.js"
import type * as StateStore from "./StateStore.js"
import type { Entry, Loaded } from "./StateTable.js"
import { remember, StateTable } from "./StateTable.js"

/** What answers about entitlements. */
export interface Checks {
  readonly check: (customerId: string, params: CheckEntitlement) => Effect.Effect<Answer.Answer, StiggError>
  readonly state: (customerId: string, params?: RetrieveEntitlements) => Effect.Effect<Answer.State, StiggError>
  readonly prefetch: (customerIds: Iterable<string>) => Effect.Effect<void, StiggError>
  readonly invalidate: (customerId: string) => Effect.Effect<void>
}

/** How many states are fetched at once by one `prefetch`. */
const prefetchConcurrency = 8

/** While the API is down, the second tier is asked again for what it did not have after this many milliseconds. */
const storeAgainAfter = 1000

const nobody = Exit.succeed(Answer.denied("CustomerNotFound", "cache"))

/** Answers from what is known in memory, then from the second tier, then from the API, then from what was known before. */
export const make = (
  settings: Settings,
  store: StateStore.Service | undefined
): Effect.Effect<Checks, never, Customers | StiggClient | Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* StiggClient
    const scope = yield* Effect.scope
    const table = new StateTable(settings.capacity)
    const breaker = Breaker.make(settings.breaker)
    const api = Api.make(settings, yield* Customers, breaker)

    // What a flight does: one at a time for an entry, or for an entry and the arguments of a check.

    /** What the second tier has for an entry; undefined when that is no newer than what is known. */
    const restore = (entry: Entry, store: StateStore.Service) =>
      Effect.gen(function* () {
        const stored = yield* store.get(entry.customerId, entry.resourceId)
        const now = yield* Clock.currentTimeMillis
        if (stored === undefined) {
          entry.missedAt = now
          return undefined
        }
        // A clock ahead of ours must not make a state last longer.
        const state = Known.state(settings, stored.state, Math.min(stored.fetchedAt, now))
        if (entry.state !== undefined && entry.state.freshness.fetchedAt >= state.freshness.fetchedAt) return undefined
        if (now < state.freshness.staleUntil) entry.state = state
        return { state, now }
      })

    const load = (entry: Entry, inBackground: boolean): Effect.Effect<Loaded, StiggError> =>
      Effect.gen(function* () {
        const restored = store === undefined ? undefined : yield* restore(entry, store)
        if (restored !== undefined) {
          const { aheadAt, expiresAt } = restored.state.freshness
          if (restored.now < (inBackground ? Math.min(aheadAt, expiresAt) : expiresAt)) {
            return { state: restored.state, source: "cache" }
          }
        }
        const state = yield* api.state(entry.customerId, entry.resourceId)
        entry.state = state
        if (store !== undefined && state.exists) {
          const { fetchedAt } = state.freshness
          yield* store.set(entry.customerId, entry.resourceId, { fetchedAt, state: state.state })
        }
        return { state, source: "api" }
      })

    const loading = (entry: Entry, inBackground: boolean) =>
      Effect.suspend(() =>
        entry.loading === undefined
          ? Flight.start(inBackground ? ofItsOwn(load(entry, true)) : load(entry, false), {
              scope,
              inBackground,
              enter: (flight) => {
                entry.loading = flight
              },
              leave: (flight) => {
                if (entry.loading === flight) entry.loading = undefined
              }
            })
          : Effect.succeed(entry.loading)
      )

    const asking = (entry: Entry, params: CheckEntitlement, key: string, inBackground: boolean) =>
      Effect.suspend(() => {
        const flight = entry.asking.get(key)
        if (flight !== undefined) return Effect.succeed(flight)
        const ask = Effect.tap(api.check(entry.customerId, params), (check) => {
          remember(entry, key, check)
        })
        return Flight.start(inBackground ? ofItsOwn(ask) : ask, {
          scope,
          inBackground,
          enter: (flight) => {
            entry.asking.set(key, flight)
          },
          leave: (flight) => {
            if (entry.asking.get(key) === flight) entry.asking.delete(key)
          }
        })
      })

    /** What answers meanwhile goes on first. */
    const refresh = <A>(flight: Effect.Effect<unknown>, meanwhile: Exit.Exit<A, StiggError>) => {
      Metrics.refreshed()
      return Effect.zipRight(flight, meanwhile)
    }

    /** A fresh state, from the nearest place that has it. */
    const freshState = (entry: Entry): Effect.Effect<Loaded, StiggError> =>
      Effect.clockWith((clock) => {
        const { state } = entry
        return state !== undefined && clock.unsafeCurrentTimeMillis() < state.freshness.expiresAt
          ? Effect.succeed({ state, source: "cache" } as const)
          : Effect.flatMap(loading(entry, false), Flight.join)
      })

    // How a check is answered, the first that can.

    /** From a fresh state or a fresh answer, without waiting for anything. */
    const fromMemory = (entry: Entry, params: CheckEntitlement, now: number) => {
      const { state } = entry
      if (state === undefined || now >= state.freshness.expiresAt) return undefined
      const granted = Known.granted(state, params)
      if (granted !== undefined || !state.exists) {
        const answer = granted === undefined ? nobody : granted.cache
        Metrics.answered.cache()
        if (now < state.freshness.aheadAt || state.isRefreshed) return answer
        state.isRefreshed = true
        return refresh(loading(entry, true), answer)
      }
      const key = Request.key(params)
      const check = entry.checks.get(key)
      if (check === undefined || now >= check.freshness.expiresAt || Known.contradicts(state, check, params)) {
        return undefined
      }
      Metrics.answered.cache()
      if (now < check.freshness.aheadAt || check.isRefreshed) return check.cache
      check.isRefreshed = true
      return refresh(asking(entry, params, key, true), check.cache)
    }

    /** From the API, with the fresh state first: it may serve the next checks too. */
    const fromApi = (entry: Entry, params: CheckEntitlement) =>
      Effect.gen(function* () {
        const { source, state } = yield* freshState(entry)
        const granted = Known.granted(state, params)
        if (granted !== undefined) return Answer.fromEntitlement(granted.entitlement, source)
        if (!state.exists) return Answer.denied("CustomerNotFound", source)
        const key = Request.key(params)
        const known = entry.checks.get(key)
        const now = yield* Clock.currentTimeMillis
        if (known !== undefined && now < known.freshness.expiresAt && !Known.contradicts(state, known, params)) {
          return yield* known.cache
        }
        const check = yield* Effect.flatMap(asking(entry, params, key, false), Flight.join)
        return check.answer
      }).pipe(
        Effect.tap(({ source }) => {
          Metrics.answered[source]()
        })
      )

    /** From what was known before, or from the program's own fallback; otherwise the API's error stands. */
    const withoutApi = (
      entry: Entry | undefined,
      customerId: string,
      params: CheckEntitlement,
      now: number,
      error: StiggError
    ): Exit.Exit<Answer.Answer, StiggError> => {
      const known = entry === undefined ? undefined : LastKnown.answer(entry, params, now)
      if (known !== undefined) {
        Metrics.answered.stale()
        return known
      }
      const answer = Fallback.find(settings, { customerId, params, error })
      if (answer === undefined) {
        Metrics.failed()
        return Exit.fail(error)
      }
      Metrics.answered.fallback()
      return Exit.succeed(answer)
    }

    /** While the breaker is open nobody waits for the API: who comes when it is time sends a probe, and goes on. */
    const whileOpen = <A>(
      customerId: string,
      resourceId: string | undefined,
      now: number,
      answer: (entry: Entry | undefined) => Effect.Effect<A, StiggError>
    ): Effect.Effect<A, StiggError> => {
      const known = table.get(customerId, resourceId)
      const isDue = breaker.isDue(now)
      const mayHave =
        store !== undefined && known?.state === undefined && now - (known?.missedAt ?? -Infinity) >= storeAgainAfter
      if (!isDue && !mayHave) return answer(known)
      const entry = table.getOrMake(customerId, resourceId)
      const read = mayHave ? Effect.asVoid(restore(entry, store)) : Effect.void
      const probe = isDue ? Effect.asVoid(loading(entry, true)) : Effect.void
      return Effect.zipRight(
        Effect.zipRight(read, probe),
        Effect.suspend(() => answer(entry))
      )
    }

    const ask = (customerId: string, params: CheckEntitlement, entry: Entry | undefined, now: number) => {
      // What has an entry was acceptable before.
      const fault = entry === undefined ? Request.idFault(customerId, params.resourceId) : undefined
      if (fault !== undefined) return Effect.fail(fault)
      const refusal = breaker.refusal()
      if (refusal !== undefined) {
        return whileOpen(
          customerId,
          params.resourceId,
          now,
          // The second tier may just have brought a fresh state.
          (known) =>
            (known === entry || known === undefined ? undefined : fromMemory(known, params, now)) ??
            withoutApi(known, customerId, params, now, refusal)
        )
      }
      const asked = entry ?? table.getOrMake(customerId, params.resourceId)
      return Effect.catchAll(fromApi(asked, params), (error) =>
        Effect.clockWith((clock) => {
          if (Breaker.isFailing(error)) {
            return withoutApi(asked, customerId, params, clock.unsafeCurrentTimeMillis(), error)
          }
          Metrics.failed()
          return Effect.fail(error)
        })
      )
    }

    const stateBefore = (entry: Entry | undefined, now: number, error: StiggError) => {
      const state = entry?.state
      if (state === undefined || now >= state.freshness.staleUntil) return Exit.fail(error)
      return Exit.succeed(toState({ state, source: now < state.freshness.expiresAt ? "cache" : "stale" }))
    }

    const invalidate = (customerIds: ReadonlyArray<string>) =>
      Effect.suspend(() => {
        for (const customerId of customerIds) table.forget(customerId)
        return store === undefined || customerIds.length === 0 ? Effect.void : store.invalidate(customerIds)
      })

    yield* client.onWrite(({ customerIds }) => invalidate(customerIds))

    return {
      check: (customerId, params) =>
        Effect.clockWith((clock) => {
          if (!Request.isAcceptable(params)) return Effect.fail(Request.fault(params))
          const now = clock.unsafeCurrentTimeMillis()
          const entry = table.get(customerId, params.resourceId)
          const known = entry === undefined ? undefined : fromMemory(entry, params, now)
          return known ?? ask(customerId, params, entry, now)
        }),

      state: (customerId, { resourceId } = {}) =>
        Effect.clockWith((clock) => {
          const fault = Request.idFault(customerId, resourceId)
          if (fault !== undefined) return Effect.fail(fault)
          const now = clock.unsafeCurrentTimeMillis()
          const { state } = table.get(customerId, resourceId) ?? {}
          const refusal = breaker.refusal()
          if (refusal !== undefined && !(state !== undefined && now < state.freshness.expiresAt)) {
            return whileOpen(customerId, resourceId, now, (entry) => stateBefore(entry, now, refusal))
          }
          const entry = table.getOrMake(customerId, resourceId)
          return freshState(entry).pipe(
            Effect.map(toState),
            Effect.catchIf(Breaker.isFailing, (error) =>
              Effect.flatMap(Clock.currentTimeMillis, (now) => stateBefore(entry, now, error))
            )
          )
        }),

      prefetch: (customerIds) =>
        Effect.forEach(
          new Set(customerIds),
          (customerId) =>
            Effect.suspend(() => {
              const fault = Request.idFault(customerId, undefined)
              return fault === undefined ? freshState(table.getOrMake(customerId, undefined)) : Effect.fail(fault)
            }),
          { concurrency: prefetchConcurrency, discard: true }
        ),

      invalidate: (customerId) => invalidate([customerId])
    }
  })

/** What goes on in the background belongs to no request, and may outlive the one that it began in. */
const ofItsOwn = Effect.withSpan("stigg.entitlements.refresh", { root: true, captureStackTrace: false })

const toState = ({ source, state }: { readonly state: Known.KnownState; readonly source: Answer.Source }) => ({
  ...state.state,
  source,
  fetchedAt: DateTime.unsafeMake(state.freshness.fetchedAt)
})
