import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { Customers } from "../../Customers.js"
import type { Answer, Source } from "../../Entitlements.js"
import type * as EntitlementsChannel from "../../EntitlementsChannel.js"
import type { CheckEntitlement } from "../../schemas/Entitlement.js"
import { StiggClient } from "../../StiggClient.js"
import type { StiggError } from "../../StiggError.js"
import * as CheckAnswer from "./CheckAnswer.js"
import * as CheckArguments from "./CheckArguments.js"
import * as Api from "./remote/Api.js"
import * as Breaker from "./remote/Breaker.js"
import type { Checks } from "./Checks.js"
import * as Flight from "./remote/Flight.js"
import * as Known from "./memory/Known.js"
import { Life } from "./memory/Life.js"
import * as Metrics from "./Metrics.js"
import * as Outage from "./Outage.js"
import * as Prefetch from "./remote/Prefetch.js"
import * as Remote from "./remote/Remote.js"
import type { Settings } from "./Settings.js"
import type * as StateStore from "./store/StateStore.js"
import type { Entry, Loaded } from "./memory/StateTable.js"
import { StateTable } from "./memory/StateTable.js"

/** How long a check waits for the API if a stale state could answer it, in milliseconds. */
const maxWait = 10

/** After one check waited in vain, how long the others do not wait at all, in milliseconds. */
const slowFor = 1000

const customerNotFound = Exit.succeed(CheckAnswer.denied("CustomerNotFound", "cache"))

/** Answers from memory, then from the store, then from the API, then with the last known answer or a fallback. */
export const make = (
  settings: Settings,
  store: StateStore.Service | undefined,
  channel: EntitlementsChannel.Service | undefined
): Effect.Effect<Checks, never, Customers | StiggClient | Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* StiggClient
    const clock = yield* Effect.clock
    const runFork = Runtime.runFork(yield* Effect.runtime<never>())
    const table = new StateTable(settings.capacity)
    const breaker = Breaker.make(settings.breaker)
    const life = new Life(settings)
    const remote = Remote.make(settings, life, Api.make(settings, yield* Customers, breaker), store, yield* Flight.make)

    // Mutable: a check that waited in vain tells the others that the API is slow.
    let slowUntil = -Infinity

    /** A refresh for a check: starts the flight in the background. */
    const inFiber = (flight: Effect.Effect<unknown>, answer: Exit.Exit<Answer>): Effect.Effect<Answer> =>
      Effect.zipRight(flight, answer)

    /** A refresh outside of a fiber. */
    const outsideFiber = (flight: Effect.Effect<unknown>, answer: Exit.Exit<Answer>): Exit.Exit<Answer> => {
      runFork(flight)
      return answer
    }

    /** Answers from a fresh state or a fresh cached answer, without waiting. Starts a refresh if one is due. */
    const fromMemory = <R>(
      entry: Entry,
      params: CheckEntitlement,
      now: number,
      refresh: (flight: Effect.Effect<unknown>, answer: Exit.Exit<Answer>) => R
    ): R | Exit.Exit<Answer> | undefined => {
      const { state } = entry
      if (state === undefined || !life.isFresh(state.freshness, now)) return undefined
      const granted = Known.granted(state, params)
      if (granted !== undefined || !state.exists) {
        const answer = granted === undefined ? customerNotFound : granted.cache
        Metrics.answered.cache()
        if (!life.isDue(state.freshness, now) || state.isRefreshed) return answer
        state.isRefreshed = true
        Metrics.refreshed()
        return refresh(remote.load(entry, true), answer)
      }
      const key = CheckArguments.cacheKey(params)
      const check = entry.checks.get(key)
      if (check === undefined || !life.isFresh(check.freshness, now) || Known.contradicts(state, check, params)) {
        return undefined
      }
      Metrics.answered.cache()
      if (!life.isDue(check.freshness, now) || check.isRefreshed) return check.cache
      check.isRefreshed = true
      Metrics.refreshed()
      return refresh(remote.check(entry, params, key, true), check.cache)
    }

    /** A fresh state from memory, else from the store, else from the API. */
    const freshState = (entry: Entry): Effect.Effect<Loaded, StiggError> =>
      Effect.clockWith((clock) => {
        const { state } = entry
        return state !== undefined && life.isFresh(state.freshness, clock.unsafeCurrentTimeMillis())
          ? Effect.succeed({ state, source: "cache" } as const)
          : Effect.flatMap(remote.load(entry, false), Flight.join)
      })

    /** Answers from a state that was just loaded, or with a check of its own if the state does not grant access. */
    const fromLoaded = (entry: Entry, params: CheckEntitlement, { source, state }: Loaded) => {
      const granted = Known.granted(state, params)
      if (granted === undefined && state.exists) return fromCheck(entry, state, params)
      Metrics.answered[source]()
      return Effect.succeed(
        granted === undefined
          ? CheckAnswer.denied("CustomerNotFound", source)
          : CheckAnswer.fromEntitlement(granted.entitlement, source)
      )
    }

    /** Answers with the API's answer to this very check, cached or new. */
    const fromCheck = (entry: Entry, state: Known.KnownState, params: CheckEntitlement) =>
      Effect.clockWith((clock) => {
        const key = CheckArguments.cacheKey(params)
        const known = entry.checks.get(key)
        if (
          known !== undefined &&
          life.isFresh(known.freshness, clock.unsafeCurrentTimeMillis()) &&
          !Known.contradicts(state, known, params)
        ) {
          Metrics.answered.cache()
          return known.cache
        }
        return Effect.map(Effect.flatMap(remote.check(entry, params, key, false), Flight.join), ({ answer }) => {
          Metrics.answered.api()
          return answer
        })
      })

    /** Answers from a fresh state, else with a check by the API. */
    const fromApi = (entry: Entry, params: CheckEntitlement): Effect.Effect<Answer, StiggError> =>
      Effect.flatMap(freshState(entry), (loaded) => fromLoaded(entry, params, loaded))

    /**
     * Answers from the API if it is fast; otherwise with the stale answer, while the load continues in the background.
     */
    const fromApiOrStale = (
      entry: Entry,
      params: CheckEntitlement,
      stale: Exit.Exit<Answer>,
      now: number
    ): Effect.Effect<Answer, StiggError> => {
      const { loading } = entry
      const answer = Effect.suspend(() => {
        Metrics.answered.stale()
        if (loading === undefined) Metrics.refreshed()
        return stale
      })
      if (loading !== undefined && now - loading.startedAt >= maxWait) return answer
      if (now < slowUntil) return Effect.zipRight(remote.load(entry, true), answer)
      const late = Effect.clockWith((clock) => {
        slowUntil = clock.unsafeCurrentTimeMillis() + slowFor
        return answer
      })
      return Effect.flatMap(remote.load(entry, true), (flight) =>
        Effect.raceFirst(
          Effect.flatMap(Flight.join(flight), (loaded) => fromLoaded(entry, params, loaded)),
          Effect.delay(late, Duration.millis(maxWait))
        )
      )
    }

    /** Answers a check that memory could not. */
    const afterMiss = (customerId: string, params: CheckEntitlement, entry: Entry | undefined, now: number) => {
      // The ids of an existing entry were validated when it was made.
      const idError = entry === undefined ? CheckArguments.idError(customerId, params.resourceId) : undefined
      if (idError !== undefined) return Effect.fail(idError)
      const refusal = breaker.refusal()
      if (refusal !== undefined) {
        return Outage.whileOpen(
          { table, breaker, remote },
          customerId,
          params.resourceId,
          now,
          // The store may have provided a fresh state just now.
          (known) =>
            (known === entry || known === undefined ? undefined : fromMemory(known, params, now, inFiber)) ??
            Outage.answer(settings, known, { customerId, params, error: refusal }, now)
        )
      }
      const target = entry ?? table.getOrMake(customerId, params.resourceId)
      const stale = Outage.whileSlow(settings, target, params, now)
      return Effect.catchAll(
        stale === undefined ? fromApi(target, params) : fromApiOrStale(target, params, stale, now),
        (error) =>
          Effect.clockWith((clock) => {
            if (Breaker.isFailing(error)) {
              return Outage.answer(settings, target, { customerId, params, error }, clock.unsafeCurrentTimeMillis())
            }
            Metrics.failed()
            return Effect.fail(error)
          })
      )
    }

    const lastKnownState = (entry: Entry | undefined, now: number, error: StiggError) => {
      const state = entry?.state
      if (state === undefined || now >= state.freshness.staleUntil) return Exit.fail(error)
      return Exit.succeed(toState({ state, source: life.isFresh(state.freshness, now) ? "cache" : "stale" }))
    }

    const evict = (customerIds: ReadonlyArray<string>) => {
      for (const customerId of customerIds) table.evict(customerId)
    }

    const invalidate = (customerIds: ReadonlyArray<string>) =>
      Effect.suspend(() => {
        evict(customerIds)
        if (customerIds.length === 0) return Effect.void
        // The store first: another process that evicts must not find the old state there.
        return Effect.zipRight(
          store?.invalidate(customerIds) ?? Effect.void,
          channel?.publish(customerIds) ?? Effect.void
        )
      })

    if (channel !== undefined) {
      yield* channel.listen((message) =>
        Effect.sync(() => {
          if (message._tag === "Invalidated") evict(message.customerIds)
          else life.onMessage(message, clock.unsafeCurrentTimeMillis())
        })
      )
    }
    yield* client.onWrite(({ customerIds }) => invalidate(customerIds))

    return {
      check: (customerId, params) =>
        Effect.clockWith((clock) => {
          if (!CheckArguments.isValid(params)) return Effect.fail(CheckArguments.paramsError(params))
          const now = clock.unsafeCurrentTimeMillis()
          const entry = table.get(customerId, params.resourceId)
          const known = entry === undefined ? undefined : fromMemory(entry, params, now, inFiber)
          return known ?? afterMiss(customerId, params, entry, now)
        }),

      peek: (customerId, params) => {
        if (!CheckArguments.isValid(params)) return Option.none()
        const entry = table.get(customerId, params.resourceId)
        const known =
          entry === undefined ? undefined : fromMemory(entry, params, clock.unsafeCurrentTimeMillis(), outsideFiber)
        return known !== undefined && Exit.isSuccess(known) ? Option.some(known.value) : Option.none()
      },

      state: (customerId, { resourceId } = {}) =>
        Effect.clockWith((clock) => {
          const idError = CheckArguments.idError(customerId, resourceId)
          if (idError !== undefined) return Effect.fail(idError)
          const now = clock.unsafeCurrentTimeMillis()
          const { state } = table.get(customerId, resourceId) ?? {}
          const refusal = breaker.refusal()
          if (refusal !== undefined && !(state !== undefined && life.isFresh(state.freshness, now))) {
            return Outage.whileOpen({ table, breaker, remote }, customerId, resourceId, now, (entry) =>
              lastKnownState(entry, now, refusal)
            )
          }
          const entry = table.getOrMake(customerId, resourceId)
          return freshState(entry).pipe(
            Effect.map(toState),
            Effect.catchIf(Breaker.isFailing, (error) =>
              Effect.flatMap(Clock.currentTimeMillis, (now) => lastKnownState(entry, now, error))
            )
          )
        }),

      prefetch: Prefetch.make((customerId) => freshState(table.getOrMake(customerId, undefined))),

      invalidate: (customerIds) => invalidate(typeof customerIds === "string" ? [customerIds] : Array.from(customerIds))
    }
  })

const toState = ({ source, state }: { readonly state: Known.KnownState; readonly source: Source }) => ({
  ...state.state,
  source,
  fetchedAt: DateTime.unsafeMake(state.freshness.fetchedAt)
})
