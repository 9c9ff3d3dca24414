import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import type * as Schemas from "../../../Schemas.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as WritableTime from "./WritableTime.js"
import type { CustomerEntry } from "./CustomerEntry.js"
import type { Allowance, Feature, GrantEntry, WorldState } from "./World.js"

/** When a grant ends. Null for a lifetime grant. */
const endDate = (
  grant: Schemas.GrantPromotionalEntitlement,
  start: DateTime.Utc,
  path: string
): Either.Either<DateTime.Utc | null, ApiFailure.ApiFailure> => {
  switch (grant.period) {
    case "1 week":
      return Either.right(DateTime.add(start, { weeks: 1 }))
    case "1 month":
      return Either.right(DateTime.add(start, { months: 1 }))
    case "6 month":
      return Either.right(DateTime.add(start, { months: 6 }))
    case "1 year":
      return Either.right(DateTime.add(start, { years: 1 }))
    case "lifetime":
      return Either.right(null)
    case "custom":
      return grant.customEndDate === undefined || grant.customEndDate === null
        ? Either.left(ApiFailure.badInput(`${path}.customEndDate`, "required with the period custom"))
        : Either.right(grant.customEndDate)
    default:
      return Either.left(
        ApiFailure.badInput(`${path}.period`, "expected one of 1 week, 1 month, 6 month, 1 year, lifetime, and custom")
      )
  }
}

/** A grant that is about to be created. */
export interface Draft {
  readonly feature: Feature
  readonly allowance: Allowance
  readonly grant: Omit<Schemas.PromotionalEntitlement, "id">
}

/**
 * Validates a grant without creating it, so that a request creates all of its grants or none.
 *
 * @param path the position in the request
 */
export const draft = (
  world: WorldState,
  grant: Schemas.GrantPromotionalEntitlement,
  start: DateTime.Utc,
  path: string
): Either.Either<Draft, ApiFailure.ApiFailure> =>
  Either.gen(function* () {
    const end = yield* endDate(grant, start, path)
    if (end !== null && !WritableTime.isWritable(end.epochMillis)) {
      return yield* Either.left(ApiFailure.badInput(`${path}.period`, `ends outside of ${WritableTime.range}`))
    }
    const feature = world.features.get(grant.featureId) ?? (world.hasCatalogue ? undefined : inferred(grant))
    if (feature === undefined) return yield* Either.left(ApiFailure.featureNotFound(grant.featureId))
    const reset =
      grant.yearlyResetPeriodConfiguration ??
      grant.monthlyResetPeriodConfiguration ??
      grant.weeklyResetPeriodConfiguration ??
      null
    return {
      feature,
      allowance: {
        featureId: feature.id,
        usageLimit: grant.usageLimit ?? null,
        hasUnlimitedUsage: grant.hasUnlimitedUsage ?? false,
        hasSoftLimit: grant.hasSoftLimit ?? false,
        resetPeriod: grant.resetPeriod ?? null,
        resetAccordingTo: reset?.accordingTo ?? null,
        values: grant.enumValues ?? []
      },
      grant: {
        createdAt: start,
        updatedAt: start,
        startDate: start,
        endDate: end,
        description: null,
        enumValues: grant.enumValues ?? null,
        environmentId: world.environmentId,
        featureGroupIds: null,
        featureId: feature.id,
        hasSoftLimit: grant.hasSoftLimit ?? null,
        hasUnlimitedUsage: grant.hasUnlimitedUsage ?? null,
        isVisible: grant.isVisible ?? true,
        period: grant.period,
        resetPeriod: grant.resetPeriod ?? null,
        resetPeriodConfiguration: reset,
        status: "Active",
        usageLimit: grant.usageLimit ?? null
      }
    }
  })

/** The feature of a grant in a world without a catalogue. The grant determines its type. */
const inferred = (grant: Schemas.GrantPromotionalEntitlement): Feature => ({
  id: grant.featureId,
  displayName: grant.featureId,
  type:
    (grant.usageLimit ?? null) !== null || grant.hasUnlimitedUsage === true
      ? "NUMBER"
      : (grant.enumValues ?? null) !== null
        ? "ENUM"
        : "BOOLEAN",
  status: "ACTIVE"
})

/** Creates a grant. It replaces an active grant of the same feature. */
export const make = (world: WorldState, customer: CustomerEntry, { allowance, feature, grant }: Draft): GrantEntry => {
  world.features.set(feature.id, feature)
  for (const entry of customer.grants.all) {
    const isActive = entry.state === "granted" && at(grant.startDate)(entry).status === "Active"
    if (isActive && entry.allowance.featureId === feature.id) customer.changeGrant(world, entry, { state: "replaced" })
  }
  return customer.addGrant(world, (serial) => {
    const id = world.ids.uuid(`grants of ${customer.serial}`, serial)
    return {
      serial,
      createdAt: grant.createdAt.epochMillis,
      id,
      grant: { ...grant, id },
      allowance,
      state: "granted"
    }
  })
}

/** The grant as the API returns it at a given time. */
export const at =
  (now: DateTime.Utc) =>
  ({ grant }: GrantEntry): Schemas.PromotionalEntitlement =>
    grant.endDate !== null && DateTime.lessThanOrEqualTo(grant.endDate, now) ? { ...grant, status: "Expired" } : grant
