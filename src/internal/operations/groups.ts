import { customers } from "./CustomerOperations.js"
import { integrations } from "./IntegrationOperations.js"
import type { AnyDeclaration, Named, NameOf } from "./Declaration.js"
import { paymentMethod } from "./PaymentMethodOperations.js"
import { promotionalEntitlements } from "./PromotionalEntitlementOperations.js"

export { customers, integrations, paymentMethod, promotionalEntitlements }

/** The groups of the API. */
const groups = [customers, paymentMethod, promotionalEntitlements, integrations] as const

/** The name of an operation, such as `"customers.retrieve"`. */
export type OperationName = NameOf<(typeof groups)[number]>

/** Every operation of the API. */
export const all: ReadonlyArray<Named<OperationName, AnyDeclaration>> = groups.flatMap((group) =>
  Object.values<Named<OperationName, AnyDeclaration>>(group.operations)
)
