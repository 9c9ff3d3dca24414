import * as DateTime from "effect/DateTime"
import type * as Schemas from "../../../Schemas.js"
import * as UsagePeriod from "./UsagePeriod.js"
import type { Allowance, CustomerEntry, Feature, WorldState } from "./World.js"

/** What is asked about a feature or about credits. */
export interface Request {
  readonly requestedUsage?: number | undefined
  readonly requestedValues?: ReadonlyArray<string> | undefined
}

/** Where an entitlement comes from: a subscription, a grant or a balance, and for how long. */
interface Source<A> {
  readonly allows: A
  readonly resourceId: string | null
  readonly startDate: number
  readonly endDate: number | null
}

type CreditSource = Source<{ readonly currencyId: string; readonly amount: number }>

/** All that a customer is entitled to at a moment, or why it is entitled to nothing. */
interface Sources {
  readonly features: ReadonlyMap<string, ReadonlyArray<Source<Allowance>>>
  readonly credits: ReadonlyMap<string, ReadonlyArray<CreditSource>>
  readonly denied: Schemas.EntitlementDeniedReason | null
}

/** Whether a customer may use a feature. */
export const checkFeature = (
  world: WorldState,
  customer: CustomerEntry | undefined,
  featureId: string,
  resourceId: string | null,
  request: Request,
  now: number
): Schemas.FeatureEntitlement => {
  const feature = world.features.get(featureId)
  const deny = (reason: Schemas.EntitlementDeniedReason) => denied(feature, reason)
  if (customer === undefined) return deny("CustomerNotFound")
  const sources = sourcesOf(world, customer, resourceId, now)
  const ofFeature = sources.features.get(featureId)
  if (feature !== undefined && ofFeature !== undefined) {
    return evaluate(feature, ofFeature, customer, request, now)
  }
  if (customer.customer.archivedAt === null && isRevoked(customer, featureId)) return deny("Revoked")
  if (sources.denied !== null) return deny(sources.denied)
  return deny(feature === undefined ? "FeatureNotFound" : "NoFeatureEntitlementInSubscription")
}

/** Whether a customer may spend credits. */
export const checkCredits = (
  world: WorldState,
  customer: CustomerEntry | undefined,
  currencyId: string,
  resourceId: string | null,
  request: Request,
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
  const ofCurrency = sources.credits.get(currencyId)
  if (ofCurrency !== undefined) return evaluateCredits(currency, ofCurrency, customer, request)
  return deny(sources.denied ?? "EntitlementNotFound")
}

/** Everything that a customer is entitled to. */
export const state = (
  world: WorldState,
  customer: CustomerEntry,
  resourceId: string | null,
  now: number
): Schemas.EntitlementsState => {
  const sources = sourcesOf(world, customer, resourceId, now)
  if (sources.denied !== null) return { accessDeniedReason: sources.denied, entitlements: [] }
  const features = Array.from(world.features.values()).flatMap((feature) => {
    const ofFeature = sources.features.get(feature.id)
    return ofFeature === undefined ? [] : [evaluate(feature, ofFeature, customer, {}, now)]
  })
  const credits = Array.from(sources.credits, ([currencyId, ofCurrency]) =>
    evaluateCredits(world.currencies.get(currencyId) ?? unknownCurrency(currencyId), ofCurrency, customer, {})
  )
  return { accessDeniedReason: null, entitlements: [...features, ...credits] }
}

/** Subscriptions and grants in force; those of another resource do not count, those of the whole customer always do. */
const sourcesOf = (world: WorldState, customer: CustomerEntry, resourceId: string | null, now: number): Sources => {
  const features = new Map<string, Array<Source<Allowance>>>()
  const credits = new Map<string, Array<CreditSource>>()
  const none = (denied: Schemas.EntitlementDeniedReason): Sources => ({ features, credits, denied })
  if (customer.customer.archivedAt !== null) return none("CustomerIsArchived")
  if (resourceId !== null && !hasResource(customer, resourceId)) return none("CustomerResourceNotFound")

  const isInForce = (of: Omit<Source<never>, "allows">) =>
    of.startDate <= now &&
    (of.endDate === null || now < of.endDate) &&
    (of.resourceId === null || of.resourceId === resourceId)
  const subscriptions = customer.subscriptions.filter(isInForce)
  const balances = customer.credits.filter(isInForce)
  const grants = customer.grants.all.flatMap(({ allowance, grant, state }) => {
    const source = {
      allows: allowance,
      resourceId: null,
      startDate: grant.startDate.epochMillis,
      endDate: grant.endDate === null ? null : grant.endDate.epochMillis
    }
    return state === "granted" && grant.status === "Active" && isInForce(source) ? [source] : []
  })

  for (const subscription of subscriptions) {
    const plan = world.plans.get(subscription.planId)
    for (const allows of plan?.features ?? []) push(features, allows.featureId, { ...subscription, allows })
    for (const allows of plan?.credits ?? []) push(credits, allows.currencyId, { ...subscription, allows })
  }
  for (const grant of grants) push(features, grant.allows.featureId, grant)
  for (const balance of balances) push(credits, balance.currencyId, { ...balance, allows: balance })
  const isEntitled = subscriptions.length > 0 || grants.length > 0 || balances.length > 0
  return { features, credits, denied: isEntitled ? null : "NoActiveSubscription" }
}

const push = <A>(map: Map<string, Array<A>>, key: string, value: A): void => {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

const hasResource = (customer: CustomerEntry, resourceId: string): boolean =>
  customer.resources.all.some(({ id }) => id === resourceId) ||
  customer.subscriptions.some((subscription) => subscription.resourceId === resourceId)

const isRevoked = (customer: CustomerEntry, featureId: string): boolean =>
  customer.grants.all.findLast(({ allowance }) => allowance.featureId === featureId)?.state === "revoked"

const evaluate = (
  feature: Feature,
  sources: ReadonlyArray<Source<Allowance>>,
  customer: CustomerEntry,
  request: Request,
  now: number
): Schemas.FeatureEntitlement => {
  const source = mostGenerous(feature, sources, request)
  const { allows } = source
  const period =
    allows.resetPeriod === null
      ? undefined
      : UsagePeriod.current(allows.resetPeriod, allows.resetAccordingTo, source.startDate, now)
  const usage = usageOf(customer, feature.id, source.resourceId, period?.start)
  const isNumber = feature.type === "NUMBER"
  const reason = deniedReason(feature, allows, usage.used, request)
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
  { requestedUsage, requestedValues }: Request
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

/** One source wins: limits are not added, nor are the values of an enum. */
const mostGenerous = (
  feature: Feature,
  sources: ReadonlyArray<Source<Allowance>>,
  request: Request
): Source<Allowance> => {
  const rank = ({ allows }: Source<Allowance>): number =>
    feature.type === "ENUM"
      ? (allowsAll(allows, request.requestedValues) ? 1e9 : 0) + allows.values.length
      : allows.hasUnlimitedUsage
        ? Infinity
        : allows.hasSoftLimit
          ? Number.MAX_VALUE
          : (allows.usageLimit ?? 0)
  return sources.reduce((best, source) => (rank(source) > rank(best) ? source : best))
}

const allowsAll = (allows: Allowance, requested: ReadonlyArray<string> = []): boolean =>
  requested.every((value) => allows.values.includes(value))

const evaluateCredits = (
  currency: Schemas.CustomCurrency,
  sources: ReadonlyArray<CreditSource>,
  customer: CustomerEntry,
  { requestedUsage = 0 }: Request
): Schemas.CreditEntitlement => {
  const source = sources.reduce((best, next) => (next.allows.amount > best.allows.amount ? next : best))
  const usage = usageOf(customer, currency.currencyId, source.resourceId, undefined)
  const isGranted = usage.used + requestedUsage <= source.allows.amount
  return {
    type: "CREDIT",
    isGranted,
    accessDeniedReason: isGranted ? null : "InsufficientCredits",
    currency,
    currentUsage: usage.used,
    usageLimit: source.allows.amount,
    usageUpdatedAt: DateTime.unsafeMake(usage.at ?? source.startDate),
    usagePeriodEnd: null,
    entitlementUpdatedAt: moment(source.startDate),
    validUntil: earliest(source.endDate)
  }
}

/** What was used since `from`, of the customer's or of its resource's subscription. */
const usageOf = (customer: CustomerEntry, of: string, resourceId: string | null, from: number | undefined) => {
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
