import { customers } from "./Customers.js"
import { integrations } from "./Integrations.js"
import type { AnyDeclaration, Named, NameOf } from "./Operation.js"
import { paymentMethod } from "./PaymentMethod.js"
import { promotionalEntitlements } from "./PromotionalEntitlements.js"

export { customers, integrations, paymentMethod, promotionalEntitlements }

/** The groups of the API. */
const groups = [customers, paymentMethod, promotionalEntitlements, integrations] as const

/** The name of an operation, such as `"customers.retrieve"`. */
export type OperationName = NameOf<(typeof groups)[number]>

/** Every operation of the API. */
export const all: ReadonlyArray<Named<OperationName, AnyDeclaration>> = groups.flatMap((group) =>
  Object.values<Named<OperationName, AnyDeclaration>>(group.operations)
)
