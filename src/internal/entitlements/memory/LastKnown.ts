import * as Exit from "effect/Exit"
import type { Answer } from "../../../Entitlements.js"
import type { CheckEntitlement } from "../../../schemas/Entitlement.js"
import * as CheckArguments from "../CheckArguments.js"
import * as Known from "./Known.js"
import type { Entry } from "./StateTable.js"

/**
 * The stale answer to a check that the API cannot answer, in this order: the state's grant; the cached answer to the
 * same check, unless a newer state contradicts it; the state's denial. Undefined if there is none of them.
 */
export const answer = (
  { checks, state }: Entry,
  params: CheckEntitlement,
  now: number
): Exit.Exit<Answer> | undefined => {
  const known = state !== undefined && now < state.freshness.staleUntil ? state : undefined
  if (known !== undefined) {
    const granted = Known.granted(known, params)
    if (granted !== undefined) return granted.stale
  }
  const check = checks.size === 0 ? undefined : checks.get(CheckArguments.cacheKey(params))
  if (check !== undefined && now < check.freshness.staleUntil) {
    if (known === undefined || !Known.contradicts(known, check, params)) return check.stale
  }
  const denied = known === undefined ? undefined : Known.denied(known, params, "stale")
  return denied === undefined ? undefined : Exit.succeed(denied)
}
