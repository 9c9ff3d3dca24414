/**
 * The names of the API's operations.
 *
 * @since 0.1.0
 */
const names = [
  "customers.provision",
  "customers.list",
  "customers.import",
  "customers.retrieve",
  "customers.update",
  "customers.archive",
  "customers.unarchive",
  "customers.retrieveEntitlements",
  "customers.checkEntitlement",
  "customers.listContracts",
  "customers.listInvoices",
  "customers.listResources",
  "customers.paymentMethod.attach",
  "customers.paymentMethod.detach",
  "customers.promotionalEntitlements.create",
  "customers.promotionalEntitlements.list",
  "customers.promotionalEntitlements.revoke",
  "customers.integrations.list",
  "customers.integrations.link",
  "customers.integrations.retrieve",
  "customers.integrations.update",
  "customers.integrations.unlink"
] as const

/**
 * The name of an operation, as the API's document has it.
 *
 * @example
 * import type { Operation } from "effect-stigg/testing"
 *
 * const retrieve: Operation.Operation = "customers.retrieve"
 * console.log(retrieve)
 *
 * @category models
 * @since 0.1.0
 */
export type Operation = (typeof names)[number]

/**
 * The names of all operations.
 *
 * @example
 * import { Operation } from "effect-stigg/testing"
 *
 * console.log(Operation.all.length) // 22
 *
 * @category models
 * @since 0.1.0
 */
export const all: ReadonlyArray<Operation> = names
