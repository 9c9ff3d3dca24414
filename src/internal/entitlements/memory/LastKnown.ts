import * as Exit from "effect/Exit"
import type { CheckEntitlement } from "../../../schemas/Entitlement.js"
import type * as Answer from "../Answer.js"
import * as Known from "./Known.js"
import * as Request from "../Request.js"
import type { Entry } from "./StateTable.js"

/**
 * What was known before, for a check that the API cannot answer: what the state grants; what the API said to the same
 * check, unless the state is newer and has nothing to grant; what the state would deny. Undefined where none of them is
 * there, or the state cannot decide.
 */
export const answer = (
  { checks, state }: Entry,
  params: CheckEntitlement,
  now: number
): Exit.Exit<Answer.Answer> | undefined => {
  const known = state !== undefined && now < state.freshness.staleUntil ? state : undefined
  if (known !== undefined) {
    const granted = Known.granted(known, params)
    if (granted !== undefined) return granted.stale
  }
  const check = checks.size === 0 ? undefined : checks.get(Request.key(params))
  if (check !== undefined && now < check.freshness.staleUntil) {
    if (known === undefined || !Known.contradicts(known, check, params)) return check.stale
  }
  const denied = known === undefined ? undefined : Known.denied(known, params, "stale")
  return denied === undefined ? undefined : Exit.succeed(denied)
}
