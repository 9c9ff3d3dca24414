import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Answer, FallbackRequest } from "../../Entitlements.js"
import type { CheckEntitlement } from "../../schemas/Entitlement.js"
import type { StiggError } from "../../StiggError.js"
import type { Breaker } from "./remote/Breaker.js"
import * as Fallback from "./Fallback.js"
import * as LastKnown from "./memory/LastKnown.js"
import * as Metrics from "./Metrics.js"
import type { Remote } from "./remote/Remote.js"
import type { Settings } from "./Settings.js"
import type { Entry, StateTable } from "./memory/StateTable.js"

/** Answers a check while the API is down: with what was last known, else with a fallback, else with the API's error. */
export const answer = (
  settings: Settings,
  entry: Entry | undefined,
  request: FallbackRequest,
  now: number
): Exit.Exit<Answer, StiggError> => {
  const known = entry === undefined ? undefined : LastKnown.answer(entry, request.params, now)
  if (known !== undefined) {
    Metrics.answered.stale()
    return known
  }
  const fallback = Fallback.find(settings, request)
  if (fallback === undefined) {
    Metrics.failed()
    return Exit.fail(request.error)
  }
  Metrics.answered.fallback()
  return Exit.succeed(fallback)
}

/**
 * The stale answer to use while the API is slow: only one that grants access, within `staleWhileRevalidate` after the
 * state expired. A stale state never denies while the API is up.
 */
export const whileSlow = (
  { staleWhileRevalidate }: Settings,
  entry: Entry,
  params: CheckEntitlement,
  now: number
): Exit.Exit<Answer> | undefined => {
  const { state } = entry
  if (state === undefined || now >= state.freshness.alone.expiresAt + staleWhileRevalidate) return undefined
  const known = LastKnown.answer(entry, params, now)
  return known !== undefined && Exit.isSuccess(known) && known.value.isGranted ? known : undefined
}

/**
 * Answers while the breaker is open, without waiting for the API. If the store may hold a state, it is read first. When
 * a probe is due, this call sends it in the background.
 */
export const whileOpen = <A>(
  parts: { readonly table: StateTable; readonly breaker: Breaker; readonly remote: Remote },
  customerId: string,
  resourceId: string | undefined,
  now: number,
  answer: (entry: Entry | undefined) => Effect.Effect<A, StiggError>
): Effect.Effect<A, StiggError> => {
  const { breaker, remote, table } = parts
  const known = table.get(customerId, resourceId)
  const isDue = breaker.isDue(now)
  const mayRestore = remote.mayRestore(known, now)
  if (!isDue && !mayRestore) return answer(known)
  const entry = table.getOrMake(customerId, resourceId)
  return Effect.zipRight(
    Effect.zipRight(mayRestore ? remote.restore(entry) : Effect.void, isDue ? remote.load(entry, true) : Effect.void),
    Effect.suspend(() => answer(entry))
  )
}
