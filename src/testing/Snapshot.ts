/**
 * Snapshots of an emulator's state, for assertions in tests.
 *
 * @module
 * @since 0.1.0
 */
/**
 * The whole state of an emulator as plain JSON, in the API's order. It includes state that the API does not expose.
 * Dates are ISO 8601 strings.
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
  /** All customers, including archived ones. */
  readonly customers: ReadonlyArray<CustomerSnapshot>
}

/**
 * One customer in a {@link Snapshot}, with its subscriptions, usage and credits.
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
  /** The customer in the shape that `customers.retrieve` returns, also when archived. */
  readonly customer: unknown
  readonly integrations: ReadonlyArray<unknown>
  readonly promotionalEntitlements: ReadonlyArray<unknown>
  /** Feature ids of revoked grants. */
  readonly revoked: ReadonlyArray<string>
  readonly resources: ReadonlyArray<unknown>
  readonly subscriptions: ReadonlyArray<unknown>
  readonly usage: ReadonlyArray<unknown>
  /** Credits granted to the customer itself, in addition to those of its plans. */
  readonly credits: ReadonlyArray<unknown>
}
