/**
 * The state of an emulator, as it can be compared.
 *
 * @since 0.1.0
 */
/**
 * The state of an emulator, as plain JSON in the API's order: what the API would answer, and what it keeps to itself.
 *
 * @example
 * import type { Snapshot } from "effect-stigg/testing"
 *
 * const ids = ({ customers }: Snapshot.Snapshot) => customers.map(({ id }) => id)
 *
 * @category models
 * @since 0.1.0
 */
export interface Snapshot {
  readonly features: ReadonlyArray<unknown>
  readonly currencies: ReadonlyArray<unknown>
  readonly plans: ReadonlyArray<unknown>
  /** Archived ones too. */
  readonly customers: ReadonlyArray<CustomerSnapshot>
}

/**
 * A customer in a {@link Snapshot}.
 *
 * @example
 * import type { Snapshot } from "effect-stigg/testing"
 *
 * const linked = ({ integrations }: Snapshot.CustomerSnapshot) => integrations.length > 0
 *
 * @category models
 * @since 0.1.0
 */
export interface CustomerSnapshot {
  readonly id: string
  /** As `customers.retrieve` answers it. */
  readonly customer: unknown
  readonly integrations: ReadonlyArray<unknown>
  readonly promotionalEntitlements: ReadonlyArray<unknown>
  /** The features whose grant was revoked. */
  readonly revoked: ReadonlyArray<string>
  readonly resources: ReadonlyArray<unknown>
  readonly subscriptions: ReadonlyArray<unknown>
  readonly usage: ReadonlyArray<unknown>
  /** Credits beside those of the plans. */
  readonly credits: ReadonlyArray<unknown>
}
