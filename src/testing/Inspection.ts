/**
 * What there is to see in an emulator's state: its customers, and why they have an entitlement or not. The page at
 * `/_emulator` shows it.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Decodes a {@link FoundCustomer}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Inspection } from "effect-stigg/testing"
 *
 * console.log(Schema.is(Inspection.FoundCustomer)({ id: "customer-acme" })) // false
 *
 * @category models
 * @since 0.1.0
 */
export const FoundCustomer = Schema.Struct({
  id: Schema.String,
  name: Schema.NullOr(Schema.String),
  email: Schema.NullOr(Schema.String),
  createdAt: Schema.String,
  archivedAt: Schema.NullOr(Schema.String)
}).annotations({ identifier: "FoundCustomer" })

/**
 * A customer in a {@link CustomerPage}. Dates are ISO 8601 strings.
 *
 * @example
 * import type { Inspection } from "effect-stigg/testing"
 *
 * const isArchived = ({ archivedAt }: Inspection.FoundCustomer) => archivedAt !== null
 *
 * @category models
 * @since 0.1.0
 */
export interface FoundCustomer extends Schema.Schema.Type<typeof FoundCustomer> {}

/**
 * Which customers to look for. All are optional.
 *
 * @example
 * import type { Inspection } from "effect-stigg/testing"
 *
 * const search: Inspection.CustomerSearch = { search: "acme", limit: 10 }
 * console.log(search.limit)
 *
 * @category models
 * @since 0.1.0
 */
export interface CustomerSearch {
  /** A part of the id, the name or the email, in upper or lower case. By default every customer is found. */
  readonly search?: string | undefined
  /** The `next` of the page before. */
  readonly after?: number | undefined
  /** The number of customers to return at most. Defaults to 50. */
  readonly limit?: number | undefined
}

/**
 * Decodes a {@link CustomerPage}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Inspection } from "effect-stigg/testing"
 *
 * console.log(Schema.is(Inspection.CustomerPage)({ data: [], next: null })) // true
 *
 * @category models
 * @since 0.1.0
 */
export const CustomerPage = Schema.Struct({
  data: Schema.Array(FoundCustomer),
  next: Schema.NullOr(Schema.Number)
}).annotations({ identifier: "FoundCustomers" })

/**
 * The customers that a {@link CustomerSearch} has found, newest first, also archived ones. The one whose id is exactly
 * `search` comes before all others.
 *
 * @example
 * import type { Inspection } from "effect-stigg/testing"
 *
 * const ids = ({ data }: Inspection.CustomerPage) => data.map(({ id }) => id)
 *
 * @category models
 * @since 0.1.0
 */
export interface CustomerPage {
  readonly data: ReadonlyArray<FoundCustomer>
  /**
   * The `after` of the next page; null if there is none. A page can have fewer customers than `limit`, or none, and
   * still a next one: it looks at 50,000 customers at most.
   */
  readonly next: number | null
}

/**
 * Decodes an {@link ExplainedEntitlement}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Inspection } from "effect-stigg/testing"
 *
 * console.log(Schema.is(Inspection.ExplainedEntitlement)({ id: "feature-sso", isGranted: true })) // false
 *
 * @category models
 * @since 0.1.0
 */
export const ExplainedEntitlement = Schema.Struct({
  type: Schema.Literal("FEATURE", "CREDIT"),
  id: Schema.String,
  isGranted: Schema.Boolean,
  reason: Schema.String,
  currentUsage: Schema.NullOr(Schema.Number),
  usageLimit: Schema.NullOr(Schema.Number),
  hasUnlimitedUsage: Schema.Boolean,
  usagePeriodEnd: Schema.NullOr(Schema.String),
  validUntil: Schema.NullOr(Schema.String)
}).annotations({ identifier: "ExplainedEntitlement" })

/**
 * What a check of a feature or of credits answers for a customer, without requested usage or values, and why. Dates are
 * ISO 8601 strings.
 *
 * @example
 * import type { Inspection } from "effect-stigg/testing"
 *
 * const line = ({ id, isGranted, reason }: Inspection.ExplainedEntitlement) =>
 *   `${id}: ${isGranted ? "yes" : "no"}, ${reason}`
 *
 * @category models
 * @since 0.1.0
 */
export interface ExplainedEntitlement {
  readonly type: "FEATURE" | "CREDIT"
  /** The id of the feature or currency. */
  readonly id: string
  readonly isGranted: boolean
  /**
   * For a denial, its `accessDeniedReason`. Otherwise all that entitles the customer, such as
   * `plan plan-pro, promotional entitlement`: the most generous limit of a feature counts.
   */
  readonly reason: string
  readonly currentUsage: number | null
  readonly usageLimit: number | null
  readonly hasUnlimitedUsage: boolean
  readonly usagePeriodEnd: string | null
  readonly validUntil: string | null
}
