import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { Entitlement, EntitlementsState } from "../../schemas/Entitlement.js"
import { EntitlementDeniedReason } from "../../schemas/EntitlementDeniedReason.js"

const Source = Schema.Literal("api", "cache", "stale", "fallback")

/**
 * Where an answer comes from: `api`, asked for it; `cache`, known and fresh; `stale`, known from before, for the API
 * cannot be asked; `fallback`, given by the program, for nothing is known.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const isGuess = (source: Entitlements.Source): boolean => source === "stale" || source === "fallback"
 * console.log(isGuess("cache")) // false
 *
 * @category models
 * @since 0.1.0
 */
export type Source = typeof Source.Type

/**
 * Whether a customer may use a feature or spend credits, and where the answer comes from.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const describe = (answer: Entitlements.Answer): string =>
 *   answer.isGranted ? `yes (${answer.source})` : `no: ${answer.accessDeniedReason} (${answer.source})`
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer {
  readonly isGranted: boolean
  /** Null when access is granted. */
  readonly accessDeniedReason: EntitlementDeniedReason | null
  /** How much was used when the answer was computed; null where nothing is counted, or nothing is known. */
  readonly currentUsage: number | null
  /** Null where there is none: look at `hasUnlimitedUsage`. */
  readonly usageLimit: number | null
  readonly hasUnlimitedUsage: boolean | null
  /** What the API said, whole; null for a fallback, and for a feature that the customer's state does not hold. */
  readonly entitlement: Entitlement | null
  readonly source: Source
}

/**
 * All the entitlements of a customer, and how old they are.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { Entitlements } from "effect-stigg"
 *
 * const caption = (state: Entitlements.State): string =>
 *   state.source === "stale" ? `as of ${DateTime.formatIso(state.fetchedAt)}` : "up to date"
 *
 * @category models
 * @since 0.1.0
 */
export interface State extends EntitlementsState {
  readonly source: Source
  /** When the API was asked for it. */
  readonly fetchedAt: DateTime.Utc
}

/**
 * A customer may not use the feature, or spend the credits, that a program requires. It is a schema, so that an
 * `HttpApi` can answer 402 with it.
 *
 * @example
 * import { Effect } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const program = Entitlements.require("customer-acme", { featureId: "feature-seats", requestedUsage: 1 }).pipe(
 *   Effect.as("added"),
 *   Effect.catchTag("StiggEntitlementDeniedError", ({ reason, currentUsage, usageLimit }) =>
 *     Effect.succeed(`not added: ${reason}, ${currentUsage} of ${usageLimit} used`)
 *   )
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class EntitlementDeniedError extends Schema.TaggedError<EntitlementDeniedError>(
  "effect-stigg/EntitlementDeniedError"
)("StiggEntitlementDeniedError", {
  message: Schema.String,
  customerId: Schema.String,
  /** What was required; null when it was credits. */
  featureId: Schema.NullOr(Schema.String),
  /** The currency of the credits that were required; null when it was a feature. */
  currencyId: Schema.NullOr(Schema.String),
  /** `"Unknown"` where the API names no reason. */
  reason: EntitlementDeniedReason,
  usageLimit: Schema.NullOr(Schema.Number),
  currentUsage: Schema.NullOr(Schema.Number),
  source: Source
}) {}

/** What the API says of an entitlement, as an answer. */
export const fromEntitlement = (entitlement: Entitlement, source: Source): Answer => ({
  isGranted: entitlement.isGranted,
  accessDeniedReason: entitlement.accessDeniedReason,
  currentUsage: "currentUsage" in entitlement ? entitlement.currentUsage : null,
  usageLimit: "usageLimit" in entitlement ? entitlement.usageLimit : null,
  hasUnlimitedUsage: "hasUnlimitedUsage" in entitlement ? entitlement.hasUnlimitedUsage : null,
  entitlement,
  source
})

/** A denial, of which the reason is all that is known, or that an entitlement would not say of itself. */
export const denied = (
  accessDeniedReason: EntitlementDeniedReason,
  source: Source,
  entitlement: Entitlement | null = null
): Answer =>
  entitlement === null
    ? {
        isGranted: false,
        accessDeniedReason,
        currentUsage: null,
        usageLimit: null,
        hasUnlimitedUsage: null,
        entitlement,
        source
      }
    : { ...fromEntitlement(entitlement, source), isGranted: false, accessDeniedReason }
