import { customers } from "./Customers.js"
import { integrations } from "./Integrations.js"
import type { NameOf } from "./Operation.js"
import { paymentMethod } from "./PaymentMethod.js"
import { promotionalEntitlements } from "./PromotionalEntitlements.js"

export { customers, integrations, paymentMethod, promotionalEntitlements }

/** Every operation of the API. */
export const all = [customers, paymentMethod, promotionalEntitlements, integrations] as const

/** The name of an operation, such as `"customers.retrieve"`. */
export type OperationName = NameOf<(typeof all)[number]>
