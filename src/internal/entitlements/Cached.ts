import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { Customers } from "../../Customers.js"
import type { CheckEntitlement } from "../../schemas/Entitlement.js"
import { StiggClient } from "../../StiggClient.js"
import type { StiggError } from "../../StiggError.js"
import * as Answer from "./Answer.js"
import * as Api from "./remote/Api.js"
import * as Breaker from "./remote/Breaker.js"
import type { Checks } from "./Checks.js"
import * as Flight from "./remote/Flight.js"
import * as Known from "./memory/Known.js"
import * as Metrics from "./Metrics.js"
import * as Outage from "./Outage.js"
import * as Prefetch from "./remote/Prefetch.js"
import * as Remote from "./remote/Remote.js"
import * as Request from "./Request.js"
import type { Settings } from "./Settings.js"
import type * as StateStore from "./store/StateStore.js"
import type { Entry, Loaded } from "./memory/StateTable.js"
import { StateTable } from "./memory/StateTable.js"

/** How long a check waits for the API while something that is known could answer, in milliseconds. */
const patience = 10

/** For how long after that checks do not wait at all, in milliseconds. */
const impatience = 1000

const nobody = Exit.succeed(Answer.denied("CustomerNotFound", "cache"))

/** Answers from what is in memory, then from the store, then from the API, then from what was known before. */
export const make = (
  settings: Settings,
  store: StateStore.Service | undefined
): Effect.Effect<Checks, never, Customers | StiggClient | Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* StiggClient
    const table = new StateTable(settings.capacity)
    const breaker = Breaker.make(settings.breaker)
    const remote = Remote.make(settings, Api.make(settings, yield* Customers, breaker), store, yield* Flight.make)

    // Mutable: one check that waited in vain tells the others that the API is slow.
    let slowUntil = -Infinity

    /** What is known answers first, and the flight goes on. */
    const refresh = <A>(flight: Effect.Effect<unknown>, answer: Exit.Exit<A, StiggError>) => {
      Metrics.refreshed()
      return Effect.zipRight(flight, answer)
    }

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
        return refresh(remote.load(entry, true), answer)
      }
      const key = Request.key(params)
      const check = entry.checks.get(key)
      if (check === undefined || now >= check.freshness.expiresAt || Known.contradicts(state, check, params)) {
        return undefined
      }
      Metrics.answered.cache()
      if (now < check.freshness.aheadAt || check.isRefreshed) return check.cache
      check.isRefreshed = true
      return refresh(remote.ask(entry, params, key, true), check.cache)
    }

    /** A fresh state, from the nearest place that has it. */
    const freshState = (entry: Entry): Effect.Effect<Loaded, StiggError> =>
      Effect.clockWith((clock) => {
        const { state } = entry
        return state !== undefined && clock.unsafeCurrentTimeMillis() < state.freshness.expiresAt
          ? Effect.succeed({ state, source: "cache" } as const)
          : Effect.flatMap(remote.load(entry, false), Flight.join)
      })

    /** From a state that was just loaded; it may serve the next checks too. */
    const fromLoaded = (entry: Entry, params: CheckEntitlement, { source, state }: Loaded) => {
      const granted = Known.granted(state, params)
      if (granted === undefined && state.exists) return fromCheck(entry, state, params)
      Metrics.answered[source]()
      return Effect.succeed(
        granted === undefined
          ? Answer.denied("CustomerNotFound", source)
          : Answer.fromEntitlement(granted.entitlement, source)
      )
    }

    /** From what the API says to the very check, where a state cannot decide it. */
    const fromCheck = (entry: Entry, state: Known.KnownState, params: CheckEntitlement) =>
      Effect.clockWith((clock) => {
        const key = Request.key(params)
        const known = entry.checks.get(key)
        if (
          known !== undefined &&
          clock.unsafeCurrentTimeMillis() < known.freshness.expiresAt &&
          !Known.contradicts(state, known, params)
        ) {
          Metrics.answered.cache()
          return known.cache
        }
        return Effect.map(Effect.flatMap(remote.ask(entry, params, key, false), Flight.join), ({ answer }) => {
          Metrics.answered.api()
          return answer
        })
      })

    /** From the API, with the fresh state first. */
    const fromApi = (entry: Entry, params: CheckEntitlement): Effect.Effect<Answer.Answer, StiggError> =>
      Effect.flatMap(freshState(entry), (loaded) => fromLoaded(entry, params, loaded))

    /** From the API if it is quick, and otherwise from what is known, while the API is asked in the background. */
    const fromApiSoon = (
      entry: Entry,
      params: CheckEntitlement,
      known: Exit.Exit<Answer.Answer>,
      now: number
    ): Effect.Effect<Answer.Answer, StiggError> => {
      const { loading } = entry
      const answer = Effect.suspend(() => {
        Metrics.answered.stale()
        if (loading === undefined) Metrics.refreshed()
        return known
      })
      if (loading !== undefined && now - loading.startedAt >= patience) return answer
      if (now < slowUntil) return Effect.zipRight(remote.load(entry, true), answer)
      const late = Effect.clockWith((clock) => {
        slowUntil = clock.unsafeCurrentTimeMillis() + impatience
        return answer
      })
      return Effect.flatMap(remote.load(entry, true), (flight) =>
        Effect.raceFirst(
          Effect.flatMap(Flight.join(flight), (loaded) => fromLoaded(entry, params, loaded)),
          Effect.delay(late, Duration.millis(patience))
        )
      )
    }

    const ask = (customerId: string, params: CheckEntitlement, entry: Entry | undefined, now: number) => {
      // What has an entry was acceptable before.
      const fault = entry === undefined ? Request.idFault(customerId, params.resourceId) : undefined
      if (fault !== undefined) return Effect.fail(fault)
      const refusal = breaker.refusal()
      if (refusal !== undefined) {
        return Outage.whileOpen(
          { table, breaker, remote },
          customerId,
          params.resourceId,
          now,
          // The store may just have brought a fresh state.
          (known) =>
            (known === entry || known === undefined ? undefined : fromMemory(known, params, now)) ??
            Outage.answer(settings, known, { customerId, params, error: refusal }, now)
        )
      }
      const asked = entry ?? table.getOrMake(customerId, params.resourceId)
      const known = Outage.meanwhile(settings, asked, params, now)
      return Effect.catchAll(
        known === undefined ? fromApi(asked, params) : fromApiSoon(asked, params, known, now),
        (error) =>
          Effect.clockWith((clock) => {
            if (Breaker.isFailing(error)) {
              return Outage.answer(settings, asked, { customerId, params, error }, clock.unsafeCurrentTimeMillis())
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
            return Outage.whileOpen({ table, breaker, remote }, customerId, resourceId, now, (entry) =>
              stateBefore(entry, now, refusal)
            )
          }
          const entry = table.getOrMake(customerId, resourceId)
          return freshState(entry).pipe(
            Effect.map(toState),
            Effect.catchIf(Breaker.isFailing, (error) =>
              Effect.flatMap(Clock.currentTimeMillis, (now) => stateBefore(entry, now, error))
            )
          )
        }),

      prefetch: Prefetch.make((customerId) => freshState(table.getOrMake(customerId, undefined))),

      invalidate: (customerId) => invalidate([customerId])
    }
  })

const toState = ({ source, state }: { readonly state: Known.KnownState; readonly source: Answer.Source }) => ({
  ...state.state,
  source,
  fetchedAt: DateTime.unsafeMake(state.freshness.fetchedAt)
})
