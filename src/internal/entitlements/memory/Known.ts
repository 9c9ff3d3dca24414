import * as Exit from "effect/Exit"
import type { Answer, Source } from "../../../Entitlements.js"
import type { CreditEntitlement } from "../../../schemas/CreditEntitlement.js"
import type { CheckEntitlement, Entitlement, EntitlementsState } from "../../../schemas/Entitlement.js"
import type { EntitlementDeniedReason } from "../../../schemas/EntitlementDeniedReason.js"
import type { FeatureEntitlement } from "../../../schemas/FeatureEntitlement.js"
import * as CheckAnswer from "../CheckAnswer.js"
import * as Freshness from "./Freshness.js"
import type { Settings } from "../Settings.js"

/** An effect that is made once and returned for every cache hit, without allocating. */
type Ready = Exit.Exit<Answer>

/** A cached answer of the API to a check. */
export interface KnownCheck {
  readonly freshness: Freshness.Freshness
  readonly answer: Answer
  readonly cache: Ready
  readonly stale: Ready
  /** Set by the first background refresh, so that there is only one, even if it fails. */
  isRefreshed: boolean
}

/** A cached state of a customer, or of one of its resources. */
export interface KnownState {
  readonly freshness: Freshness.Freshness
  readonly state: EntitlementsState
  /** False if the API does not know the customer. */
  readonly exists: boolean
  readonly features: ReadonlyMap<string, Known<FeatureEntitlement>>
  readonly credits: ReadonlyMap<string, Known<CreditEntitlement>>
  isRefreshed: boolean
}

/**
 * An entitlement with its answers. They are made on first use, because most entitlements of a state are never checked.
 */
class Known<A extends Entitlement> {
  private readyCache: Ready | undefined
  private readyStale: Ready | undefined

  constructor(readonly entitlement: A) {}

  get cache(): Ready {
    return (this.readyCache ??= Exit.succeed(CheckAnswer.fromEntitlement(this.entitlement, "cache")))
  }

  get stale(): Ready {
    return (this.readyStale ??= Exit.succeed(CheckAnswer.fromEntitlement(this.entitlement, "stale")))
  }
}

/** @param times when the request was sent, and when the state was read from the store, if it was */
export const state = (
  settings: Settings,
  state: EntitlementsState,
  times: { readonly fetchedAt: number; readonly knownAt?: number },
  random: number
): KnownState => {
  const features = new Map<string, Known<FeatureEntitlement>>()
  const credits = new Map<string, Known<CreditEntitlement>>()
  for (const entitlement of state.entitlements) {
    // An entitlement of an unknown type has no id that a check could name.
    if (entitlement.type === "FEATURE" && entitlement.feature !== null) {
      features.set(entitlement.feature.id, new Known(entitlement))
    } else if (entitlement.type === "CREDIT") {
      credits.set(entitlement.currency.currencyId, new Known(entitlement))
    }
  }
  const freshness = Freshness.of(settings, times, Freshness.validUntil(state.entitlements), random)
  return { freshness, state, exists: true, features, credits, isRefreshed: false }
}

/** The state of a customer that the API does not know. */
export const missingCustomer = (settings: Settings, fetchedAt: number): KnownState => ({
  freshness: Freshness.ofNotFound(settings, fetchedAt),
  state: { accessDeniedReason: "CustomerNotFound", entitlements: [] },
  exists: false,
  features: new Map(),
  credits: new Map(),
  isRefreshed: false
})

export const check = (settings: Settings, entitlement: Entitlement, fetchedAt: number, random: number): KnownCheck =>
  answer(
    CheckAnswer.fromEntitlement(entitlement, "api"),
    Freshness.of(settings, { fetchedAt }, Freshness.validUntil([entitlement]), random)
  )

/** The answer to a check of a customer that the API does not know. */
export const missingCustomerCheck = (settings: Settings, fetchedAt: number): KnownCheck =>
  answer(CheckAnswer.denied("CustomerNotFound", "api"), Freshness.ofNotFound(settings, fetchedAt))

const answer = (answer: Answer, freshness: Freshness.Freshness): KnownCheck => ({
  freshness,
  answer,
  cache: Exit.succeed({ ...answer, source: "cache" }),
  stale: Exit.succeed({ ...answer, source: "stale" }),
  isRefreshed: false
})

/** The entitlement that grants a check; `undefined` if the state denies it or cannot decide. */
export const granted = (known: KnownState, params: CheckEntitlement): Known<Entitlement> | undefined => {
  const own = find(known, params)
  return own !== undefined && verdict(own.entitlement, params) === null ? own : undefined
}

/** The denial of a check; `undefined` if the state grants it or cannot decide. */
export const denied = (
  { features, credits, state }: KnownState,
  params: CheckEntitlement,
  source: Source
): Answer | undefined => {
  const own = find({ features, credits }, params)
  if (own === undefined) return CheckAnswer.denied(absence(state, params), source)
  const reason = verdict(own.entitlement, params)
  return reason === null || reason === "undecided" ? undefined : CheckAnswer.denied(reason, source, own.entitlement)
}

/**
 * Whether a state overrules an older cached grant: the feature or currency is gone from the state, or denied even
 * without requested usage.
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

/** The reason why an entitlement denies a check; null if it grants it. */
const verdict = (
  entitlement: Entitlement,
  { requestedUsage = 0, requestedValues }: CheckEntitlement
): EntitlementDeniedReason | "undecided" | null => {
  if (!entitlement.isGranted) return entitlement.accessDeniedReason ?? "Unknown"
  if (requestedUsage === 0 && requestedValues === undefined) return null
  // A state does not hold the values of an enum, and only the API knows whether a check may request usage or values.
  if (requestedValues !== undefined) return "undecided"
  if (entitlement.type === "CREDIT") {
    return entitlement.currentUsage + requestedUsage <= entitlement.usageLimit ? null : "InsufficientCredits"
  }
  if (entitlement.type !== "FEATURE" || entitlement.feature?.featureType !== "NUMBER") return "undecided"
  if (entitlement.hasUnlimitedUsage === true) return null
  if (entitlement.usageLimit === null || entitlement.currentUsage === null) return "undecided"
  if (entitlement.currentUsage + requestedUsage <= entitlement.usageLimit) return null
  // Granted although the usage exceeds the limit: a soft limit. States do not mark them.
  return entitlement.currentUsage > entitlement.usageLimit ? "undecided" : "RequestedUsageExceedingLimit"
}

/** The reason for denying a feature or currency that is not in the state. */
const absence = ({ accessDeniedReason }: EntitlementsState, { featureId }: CheckEntitlement): EntitlementDeniedReason =>
  accessDeniedReason ?? (featureId === undefined ? "EntitlementNotFound" : "NoFeatureEntitlementInSubscription")
