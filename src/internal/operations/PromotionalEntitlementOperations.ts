import * as Schema from "effect/Schema"
import { GrantedFeatureId } from "../../schemas/Identifier.js"
import {
  GrantPromotionalEntitlements,
  ListPromotionalEntitlements,
  PromotionalEntitlement
} from "../../schemas/PromotionalEntitlement.js"
import * as Declaration from "./Declaration.js"

/** The operations on a customer's promotional entitlements. */
export const promotionalEntitlements = Declaration.group("customers.promotionalEntitlements", {
  create: Declaration.post("/api/v1/customers/{id}/promotional-entitlements", {
    params: GrantPromotionalEntitlements,
    response: Schema.Array(PromotionalEntitlement),
    errors: [404, 409],
    writes: ({ path }) => [path.id]
  }),
  list: Declaration.list("/api/v1/customers/{id}/promotional-entitlements", {
    params: ListPromotionalEntitlements,
    response: PromotionalEntitlement,
    errors: [404]
  }),
  revoke: Declaration.remove("/api/v1/customers/{id}/promotional-entitlements/{featureId}", {
    pathParams: { featureId: GrantedFeatureId },
    response: PromotionalEntitlement,
    errors: [404],
    writes: ({ path }) => [path.id]
  })
})
