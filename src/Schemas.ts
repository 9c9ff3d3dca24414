/**
 * The shapes of the API, in one namespace: each a type and the schema of the same name.
 *
 * Decoded values hold no `undefined`: what the API documents as nullable, or leaves out, is null, and a list or record
 * that it documents as never null is empty. Enums are open: the known values complete in an editor, an unknown one
 * passes. An unknown field never fails, a wrong type does.
 *
 * @since 0.1.0
 */
export * from "./schemas/ApiError.js"
export * from "./schemas/Contract.js"
export * from "./schemas/CreditEntitlement.js"
export * from "./schemas/Currency.js"
export * from "./schemas/Customer.js"
export * from "./schemas/Dictionary.js"
export * from "./schemas/Entitlement.js"
export * from "./schemas/EntitlementDeniedReason.js"
export * from "./schemas/FeatureEntitlement.js"
export { GrantedFeatureId, NewCustomerId, PathSegment } from "./schemas/Identifier.js"
export * from "./schemas/ImportCustomer.js"
export * from "./schemas/Integration.js"
export * from "./schemas/Invoice.js"
export * from "./schemas/Json.js"
export * from "./schemas/OpenEnum.js"
export { OpaquePagination, PageParams, Pagination } from "./schemas/Pagination.js"
export * from "./schemas/Passthrough.js"
export * from "./schemas/PaymentMethod.js"
export * from "./schemas/PromotionalEntitlement.js"
export * from "./schemas/ResetConfiguration.js"
export * from "./schemas/ResetPeriod.js"
export * from "./schemas/SyncData.js"
export * from "./schemas/Timestamp.js"
export * from "./schemas/TimestampRange.js"
