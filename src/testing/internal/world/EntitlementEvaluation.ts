import * as DateTime from "effect/DateTime"
import type * as Schemas from "../../../Schemas.js"
import * as UsagePeriod from "./UsagePeriod.js"
import type { CustomerEntry } from "./CustomerEntry.js"
import type { Allowance, Feature, WorldState } from "./World.js"

/** The optional parameters of an entitlement check. */
export interface CheckParams {
  readonly requestedUsage?: number | undefined
  readonly requestedValues?: ReadonlyArray<string> | undefined
}

/** A subscription, grant or balance that entitles a customer, and when. Times are milliseconds since the epoch. */
interface Source<A> {
  /** What it is, to say why something is granted. */
  readonly origin: string
  readonly allows: A
  readonly resourceId: string | null
  readonly startDate: number
  readonly endDate: number | null
}

type CreditSource = Source<{ readonly currencyId: string; readonly amount: number }>

/** The sources of all entitlements of a customer at a point in time, or the reason why there are none. */
interface Sources {
  readonly features: ReadonlyMap<string, ReadonlyArray<Source<Allowance>>>
  readonly credits: ReadonlyMap<string, ReadonlyArray<CreditSource>>
  readonly denied: Denial | null
}

type Denial = "CustomerIsArchived" | "CustomerResourceNotFound" | "NoActiveSubscription"

/** Evaluates whether a customer may use a feature. */
export const checkFeature = (
  world: WorldState,
  customer: CustomerEntry | undefined,
  featureId: string,
  resourceId: string | null,
  params: CheckParams,
  now: number
): Schemas.FeatureEntitlement => {
  const feature = world.features.get(featureId)
  const deny = (reason: Schemas.EntitlementDeniedReason) => denied(feature, reason)
  if (customer === undefined) return deny("CustomerNotFound")
  const sources = sourcesOf(world, customer, resourceId, now)
  const featureSources = sources.features.get(featureId)
  if (feature !== undefined && featureSources !== undefined) {
    return evaluate(feature, featureSources, customer, params, now)
  }
  if (sources.denied === "CustomerIsArchived" || sources.denied === "CustomerResourceNotFound") {
    return deny(sources.denied)
  }
  // The contract lists two reasons for a revoked feature of a customer with no plan or grant left. This one says more.
  if (isRevoked(customer, featureId)) return deny("Revoked")
  if (sources.denied !== null) return deny(sources.denied)
  return deny(feature === undefined ? "FeatureNotFound" : "NoFeatureEntitlementInSubscription")
}

/** Evaluates whether a customer may spend credits. */
export const checkCredits = (
  world: WorldState,
  customer: CustomerEntry | undefined,
  currencyId: string,
  resourceId: string | null,
  params: CheckParams,
  now: number
): Schemas.CreditEntitlement => {
  const currency = world.currencies.get(currencyId) ?? unknownCurrency(currencyId)
  const deny = (accessDeniedReason: Schemas.EntitlementDeniedReason): Schemas.CreditEntitlement => ({
    type: "CREDIT",
    isGranted: false,
    accessDeniedReason,
    currency,
    currentUsage: 0,
    usageLimit: 0,
    usageUpdatedAt: DateTime.unsafeMake(now),
    usagePeriodEnd: null,
    entitlementUpdatedAt: null,
    validUntil: null
  })
  if (customer === undefined) return deny("CustomerNotFound")
  const sources = sourcesOf(world, customer, resourceId, now)
  const currencySources = sources.credits.get(currencyId)
  if (currencySources !== undefined) return evaluateCredits(currency, currencySources, customer, params)
  return deny(sources.denied ?? "EntitlementNotFound")
}

/** Evaluates all entitlements of a customer. */
export const state = (
  world: WorldState,
  customer: CustomerEntry,
  resourceId: string | null,
  now: number
): Schemas.EntitlementsState => {
  const sources = sourcesOf(world, customer, resourceId, now)
  if (sources.denied !== null) return { accessDeniedReason: stateReason(sources.denied), entitlements: [] }
  const features = Array.from(world.features.values()).flatMap((feature) => {
    const featureSources = sources.features.get(feature.id)
    return featureSources === undefined ? [] : [evaluate(feature, featureSources, customer, {}, now)]
  })
  const credits = Array.from(sources.credits, ([currencyId, currencySources]) =>
    evaluateCredits(world.currencies.get(currencyId) ?? unknownCurrency(currencyId), currencySources, customer, {})
  )
  return { accessDeniedReason: null, entitlements: [...features, ...credits] }
}

/**
 * The reason of a state. The contract does not list `CustomerResourceNotFound` for it, and strict clients refuse other
 * values. An unknown resource has no subscription.
 */
const stateReason = (denied: Denial): "CustomerIsArchived" | "NoActiveSubscription" =>
  denied === "CustomerResourceNotFound" ? "NoActiveSubscription" : denied

/** An entitlement to a feature, and the allowance that decides it. */
export interface InForce {
  readonly feature: Feature
  readonly allows: Allowance
  readonly entitlement: Schemas.FeatureEntitlement
}

/** The entitlements to features that are in force, in the order of the catalogue. */
export const inForce = (
  world: WorldState,
  customer: CustomerEntry,
  resourceId: string | null,
  now: number
): ReadonlyArray<InForce> => {
  const { features } = sourcesOf(world, customer, resourceId, now)
  return Array.from(world.features.values()).flatMap((feature) => {
    const sources = features.get(feature.id)
    if (sources === undefined) return []
    const { allows } = mostGenerous(feature, sources, {})
    return [{ feature, allows, entitlement: evaluate(feature, sources, customer, {}, now) }]
  })
}

/** What entitles a customer, by the ids of features and currencies. */
export interface Origins {
  readonly features: ReadonlyMap<string, ReadonlyArray<string>>
  readonly credits: ReadonlyMap<string, ReadonlyArray<string>>
}

/** What entitles a customer to each feature and currency at a point in time. */
export const originsOf = (
  world: WorldState,
  customer: CustomerEntry,
  resourceId: string | null,
  now: number
): Origins => {
  const { credits, features } = sourcesOf(world, customer, resourceId, now)
  return { features: origins(features), credits: origins(credits) }
}

const origins = (
  sources: ReadonlyMap<string, ReadonlyArray<Source<unknown>>>
): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(Array.from(sources, ([id, found]) => [id, found.map(({ origin }) => origin)]))

/** Collects the sources in force. Those of the whole customer always count, those of another resource never do. */
const sourcesOf = (world: WorldState, customer: CustomerEntry, resourceId: string | null, now: number): Sources => {
  const features = new Map<string, Array<Source<Allowance>>>()
  const credits = new Map<string, Array<CreditSource>>()
  const none = (denied: Denial): Sources => ({ features, credits, denied })
  if (customer.customer.archivedAt !== null) return none("CustomerIsArchived")
  if (resourceId !== null && !hasResource(customer, resourceId)) return none("CustomerResourceNotFound")

  const isInForce = (source: Omit<Source<never>, "allows" | "origin">) =>
    source.startDate <= now &&
    (source.endDate === null || now < source.endDate) &&
    (source.resourceId === null || source.resourceId === resourceId)
  const subscriptions = customer.subscriptions.filter(isInForce)
  const balances = customer.credits.filter(isInForce)
  const grants = customer.allGrants.flatMap(({ allowance, grant, state }) => {
    const source = {
      allows: allowance,
      resourceId: null,
      origin: "promotional entitlement",
      startDate: grant.startDate.epochMillis,
      endDate: grant.endDate === null ? null : grant.endDate.epochMillis
    }
    return state === "granted" && grant.status === "Active" && isInForce(source) ? [source] : []
  })

  for (const subscription of subscriptions) {
    const plan = world.plans.get(subscription.planId)
    const origin = `plan ${subscription.planId}`
    for (const allows of plan?.features ?? []) push(features, allows.featureId, source(origin, allows, subscription))
    for (const allows of plan?.credits ?? []) push(credits, allows.currencyId, source(origin, allows, subscription))
  }
  for (const grant of grants) push(features, grant.allows.featureId, grant)
  for (const balance of balances) push(credits, balance.currencyId, source("credits", balance, balance))
  const isEntitled = subscriptions.length > 0 || grants.length > 0 || balances.length > 0
  return { features, credits, denied: isEntitled ? null : "NoActiveSubscription" }
}

const source = <A>(
  origin: string,
  allows: A,
  { endDate, resourceId, startDate }: Omit<Source<A>, "allows" | "origin">
): Source<A> => ({ origin, allows, resourceId, startDate, endDate })

const push = <A>(map: Map<string, Array<A>>, key: string, value: A): void => {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

const hasResource = (customer: CustomerEntry, resourceId: string): boolean =>
  customer.allResources.some(({ id }) => id === resourceId) ||
  customer.subscriptions.some((subscription) => subscription.resourceId === resourceId)

const isRevoked = (customer: CustomerEntry, featureId: string): boolean =>
  customer.allGrants.findLast(({ allowance }) => allowance.featureId === featureId)?.state === "revoked"

const evaluate = (
  feature: Feature,
  sources: ReadonlyArray<Source<Allowance>>,
  customer: CustomerEntry,
  params: CheckParams,
  now: number
): Schemas.FeatureEntitlement => {
  const source = mostGenerous(feature, sources, params)
  const { allows } = source
  const period =
    allows.resetPeriod === null
      ? undefined
      : UsagePeriod.current(allows.resetPeriod, allows.resetAccordingTo, source.startDate, now)
  const usage = usageOf(customer, feature.id, source.resourceId, period?.start)
  const isNumber = feature.type === "NUMBER"
  const reason = deniedReason(feature, allows, usage.used, params)
  return {
    type: "FEATURE",
    isGranted: reason === null,
    accessDeniedReason: reason,
    feature: reference(feature),
    currentUsage: isNumber ? usage.used : null,
    usageLimit: isNumber && !allows.hasUnlimitedUsage ? (allows.usageLimit ?? 0) : null,
    hasUnlimitedUsage: isNumber ? allows.hasUnlimitedUsage : null,
    resetPeriod: isNumber ? allows.resetPeriod : null,
    usagePeriodAnchor: moment(period?.anchor),
    usagePeriodStart: moment(period?.start),
    usagePeriodEnd: moment(period?.end),
    entitlementUpdatedAt: moment(source.startDate),
    validUntil: earliest(period?.end, source.endDate)
  }
}

const deniedReason = (
  feature: Feature,
  allows: Allowance,
  used: number,
  { requestedUsage, requestedValues }: CheckParams
): Schemas.EntitlementDeniedReason | null => {
  if (feature.type !== "NUMBER" && requestedUsage !== undefined) return "FeatureTypeMismatch"
  if (feature.type !== "ENUM" && requestedValues !== undefined) return "FeatureTypeMismatch"
  switch (feature.type) {
    case "BOOLEAN":
      return null
    case "NUMBER":
      return allows.hasUnlimitedUsage || allows.hasSoftLimit || used + (requestedUsage ?? 0) <= (allows.usageLimit ?? 0)
        ? null
        : "RequestedUsageExceedingLimit"
    case "ENUM":
      return allowsAll(allows, requestedValues) ? null : "RequestedValuesMismatch"
  }
}

/** The most generous source wins: limits are not added up, and enum values are not merged. */
const mostGenerous = (
  feature: Feature,
  sources: ReadonlyArray<Source<Allowance>>,
  params: CheckParams
): Source<Allowance> => {
  const rank = ({ allows }: Source<Allowance>): number =>
    feature.type === "ENUM"
      ? (allowsAll(allows, params.requestedValues) ? 1e9 : 0) + allows.values.length
      : allows.hasUnlimitedUsage
        ? Infinity
        : allows.hasSoftLimit
          ? Number.MAX_VALUE
          : (allows.usageLimit ?? 0)
  return sources.reduce((best, source) => (rank(source) > rank(best) ? source : best))
}

const allowsAll = (allows: Allowance, requested: ReadonlyArray<string> = []): boolean =>
  requested.every((value) => allows.values.includes(value))

/** Credits of all sources add up to one balance, unlike the limits of a feature. */
const evaluateCredits = (
  currency: Schemas.CustomCurrency,
  sources: ReadonlyArray<CreditSource>,
  customer: CustomerEntry,
  { requestedUsage = 0 }: CheckParams
): Schemas.CreditEntitlement => {
  const usages = Array.from(new Set(sources.map(({ resourceId }) => resourceId)), (resourceId) =>
    usageOf(customer, currency.currencyId, resourceId, undefined)
  )
  const used = usages.reduce((sum, usage) => sum + usage.used, 0)
  const usageLimit = sources.reduce((sum, { allows }) => sum + allows.amount, 0)
  const isGranted = used + requestedUsage <= usageLimit
  const updatedAt = Math.max(...sources.map(({ startDate }) => startDate))
  const usedAt = usages.flatMap(({ at }) => (at === undefined ? [] : [at]))
  return {
    type: "CREDIT",
    isGranted,
    accessDeniedReason: isGranted ? null : "InsufficientCredits",
    currency,
    currentUsage: used,
    usageLimit,
    usageUpdatedAt: DateTime.unsafeMake(usedAt.length === 0 ? updatedAt : Math.max(...usedAt)),
    usagePeriodEnd: null,
    entitlementUpdatedAt: moment(updatedAt),
    validUntil: earliest(...sources.map(({ endDate }) => endDate))
  }
}

/** Usage since `from`, reported for the given resource, or for the whole customer if `resourceId` is null. */
export const usageOf = (customer: CustomerEntry, of: string, resourceId: string | null, from: number | undefined) => {
  const counted = customer.usage.filter(
    (usage) => usage.of === of && usage.resourceId === resourceId && (from === undefined || usage.at >= from)
  )
  return {
    used: counted.reduce((sum, usage) => sum + usage.used, 0),
    at: counted.length === 0 ? undefined : Math.max(...counted.map((usage) => usage.at))
  }
}

const denied = (
  feature: Feature | undefined,
  accessDeniedReason: Schemas.EntitlementDeniedReason
): Schemas.FeatureEntitlement => ({
  type: "FEATURE",
  isGranted: false,
  accessDeniedReason,
  feature: feature === undefined ? null : reference(feature),
  currentUsage: null,
  usageLimit: null,
  hasUnlimitedUsage: null,
  resetPeriod: null,
  usagePeriodAnchor: null,
  usagePeriodStart: null,
  usagePeriodEnd: null,
  entitlementUpdatedAt: null,
  validUntil: null
})

const reference = ({ displayName, id, status, type }: Feature): Schemas.FeatureReference => ({
  id,
  displayName,
  featureType: type,
  featureStatus: status
})

const unknownCurrency = (currencyId: string): Schemas.CustomCurrency => ({
  currencyId,
  displayName: currencyId,
  description: null,
  metadata: null,
  unitSingular: null,
  unitPlural: null
})

const moment = (millis: number | undefined): DateTime.Utc | null =>
  millis === undefined ? null : DateTime.unsafeMake(millis)

const earliest = (...moments: ReadonlyArray<number | null | undefined>): DateTime.Utc | null => {
  const known = moments.flatMap((millis) => (millis === null || millis === undefined ? [] : [millis]))
  return known.length === 0 ? null : DateTime.unsafeMake(Math.min(...known))
}
