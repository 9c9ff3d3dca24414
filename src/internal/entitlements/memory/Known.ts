import * as Exit from "effect/Exit"
import type { CreditEntitlement } from "../../../schemas/CreditEntitlement.js"
import type { CheckEntitlement, Entitlement, EntitlementsState } from "../../../schemas/Entitlement.js"
import type { EntitlementDeniedReason } from "../../../schemas/EntitlementDeniedReason.js"
import type { FeatureEntitlement } from "../../../schemas/FeatureEntitlement.js"
import type { Source } from "../Answer.js"
import * as Answer from "../Answer.js"
import * as Freshness from "./Freshness.js"
import type { Settings } from "../Settings.js"

/** An answer that can be given again and again without allocating. */
type Ready = Exit.Exit<Answer.Answer>

/** What the API said to a check, and how long that holds. */
export interface KnownCheck {
  readonly freshness: Freshness.Freshness
  readonly answer: Answer.Answer
  readonly cache: Ready
  readonly stale: Ready
  /** Set once: what is known is refreshed ahead one time, whatever comes of it. */
  isRefreshed: boolean
}

/** The whole state of a customer, or of one of its resources. */
export interface KnownState {
  readonly freshness: Freshness.Freshness
  readonly state: EntitlementsState
  /** False: the API says that there is no such customer. */
  readonly exists: boolean
  readonly features: ReadonlyMap<string, Known<FeatureEntitlement>>
  readonly credits: ReadonlyMap<string, Known<CreditEntitlement>>
  isRefreshed: boolean
}

/** An entitlement and its answers, which are made when a check first asks for them: most of a state is never asked for. */
class Known<A extends Entitlement> {
  private ofCache: Ready | undefined
  private ofStale: Ready | undefined

  constructor(readonly entitlement: A) {}

  get cache(): Ready {
    return (this.ofCache ??= Exit.succeed(Answer.fromEntitlement(this.entitlement, "cache")))
  }

  get stale(): Ready {
    return (this.ofStale ??= Exit.succeed(Answer.fromEntitlement(this.entitlement, "stale")))
  }
}

export const state = (settings: Settings, state: EntitlementsState, fetchedAt: number, random: number): KnownState => {
  const features = new Map<string, Known<FeatureEntitlement>>()
  const credits = new Map<string, Known<CreditEntitlement>>()
  for (const entitlement of state.entitlements) {
    // One whose type is not known here has no id by which it could be asked for.
    if (entitlement.type === "FEATURE" && entitlement.feature !== null) {
      features.set(entitlement.feature.id, new Known(entitlement))
    } else if (entitlement.type === "CREDIT") {
      credits.set(entitlement.currency.currencyId, new Known(entitlement))
    }
  }
  const freshness = Freshness.of(settings, fetchedAt, Freshness.validUntil(state.entitlements), random)
  return { freshness, state, exists: true, features, credits, isRefreshed: false }
}

/** A customer that the API does not know: nothing more has to be asked. */
export const nobody = (settings: Settings, fetchedAt: number): KnownState => ({
  freshness: Freshness.ofNotFound(settings, fetchedAt),
  state: { accessDeniedReason: "CustomerNotFound", entitlements: [] },
  exists: false,
  features: new Map(),
  credits: new Map(),
  isRefreshed: false
})

export const check = (settings: Settings, entitlement: Entitlement, fetchedAt: number, random: number): KnownCheck =>
  answer(
    Answer.fromEntitlement(entitlement, "api"),
    Freshness.of(settings, fetchedAt, Freshness.validUntil([entitlement]), random)
  )

/** A check of a customer that the API does not know. */
export const nobodysCheck = (settings: Settings, fetchedAt: number): KnownCheck =>
  answer(Answer.denied("CustomerNotFound", "api"), Freshness.ofNotFound(settings, fetchedAt))

const answer = (answer: Answer.Answer, freshness: Freshness.Freshness): KnownCheck => ({
  freshness,
  answer,
  cache: Exit.succeed({ ...answer, source: "cache" }),
  stale: Exit.succeed({ ...answer, source: "stale" }),
  isRefreshed: false
})

/** What a state grants; `undefined` where it would deny, or cannot decide. */
export const granted = (known: KnownState, params: CheckEntitlement): Known<Entitlement> | undefined => {
  const own = find(known, params)
  return own !== undefined && verdict(own.entitlement, params) === null ? own : undefined
}

/** What a state would deny; `undefined` where it grants, or cannot decide. */
export const denied = (
  { features, credits, state }: KnownState,
  params: CheckEntitlement,
  source: Source
): Answer.Answer | undefined => {
  const own = find({ features, credits }, params)
  if (own === undefined) return Answer.denied(absence(state, params), source)
  const reason = verdict(own.entitlement, params)
  return reason === null || reason === "undecided" ? undefined : Answer.denied(reason, source, own.entitlement)
}

/**
 * Whether a state that is newer than a check's grant says that there is nothing to grant: the feature is gone from it, or
 * denied even without any usage.
 */
export const contradicts = (known: KnownState, check: KnownCheck, params: CheckEntitlement): boolean =>
  check.answer.isGranted &&
  check.freshness.fetchedAt < known.freshness.fetchedAt &&
  find(known, params)?.entitlement.isGranted !== true

const find = (
  { credits, features }: Pick<KnownState, "features" | "credits">,
  params: CheckEntitlement
): Known<Entitlement> | undefined =>
  params.featureId !== undefined ? features.get(params.featureId) : credits.get(params.currencyId)

/** Null when an entitlement grants what is asked for. */
const verdict = (
  entitlement: Entitlement,
  { requestedUsage = 0, requestedValues }: CheckEntitlement
): EntitlementDeniedReason | "undecided" | null => {
  if (!entitlement.isGranted) return entitlement.accessDeniedReason ?? "Unknown"
  if (requestedUsage === 0 && requestedValues === undefined) return null
  // The values of an enum are not in a state, and whether a usage or values may be asked for is the API's to say.
  if (requestedValues !== undefined) return "undecided"
  if (entitlement.type === "CREDIT") {
    return entitlement.currentUsage + requestedUsage <= entitlement.usageLimit ? null : "InsufficientCredits"
  }
  if (entitlement.type !== "FEATURE" || entitlement.feature?.featureType !== "NUMBER") return "undecided"
  if (entitlement.hasUnlimitedUsage === true) return null
  if (entitlement.usageLimit === null || entitlement.currentUsage === null) return "undecided"
  if (entitlement.currentUsage + requestedUsage <= entitlement.usageLimit) return null
  // Granted above its limit: it is a soft one, which a state does not say.
  return entitlement.currentUsage > entitlement.usageLimit ? "undecided" : "RequestedUsageExceedingLimit"
}

/** Why what a state does not hold is denied. */
const absence = ({ accessDeniedReason }: EntitlementsState, { featureId }: CheckEntitlement): EntitlementDeniedReason =>
  accessDeniedReason ?? (featureId === undefined ? "EntitlementNotFound" : "NoFeatureEntitlementInSubscription")
