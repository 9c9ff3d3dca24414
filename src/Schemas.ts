/**
 * The shapes of the API in one namespace. Each is a type with a schema of the same name.
 *
 * Decoded values contain no `undefined`. A missing or null field decodes to null, or to an empty value if the API
 * documents it as a list or record that is never null. Enums are open: editors complete the known values, and any other
 * string passes. An unknown field never fails decoding; a wrong type does.
 *
 * @module
 * @since 0.1.0
 */
export * from "./schemas/ApiError.js"
export * from "./schemas/Contract.js"
export * from "./schemas/CreditEntitlement.js"
export * from "./schemas/Currency.js"
export * from "./schemas/Cursors.js"
export * from "./schemas/Customer.js"
export * from "./schemas/Dictionary.js"
export * from "./schemas/Entitlement.js"
export * from "./schemas/EntitlementDeniedReason.js"
export * from "./schemas/FeatureEntitlement.js"
export { CustomerId, Email, GrantedFeatureId, NewCustomerId, PathSegment } from "./schemas/Identifier.js"
export * from "./schemas/ImportCustomer.js"
export * from "./schemas/Integration.js"
export * from "./schemas/Invoice.js"
export * from "./schemas/Json.js"
export * from "./schemas/OpenEnum.js"
export { PageParams } from "./schemas/PageParams.js"
export * from "./schemas/Passthrough.js"
export * from "./schemas/PaymentMethod.js"
export * from "./schemas/PromotionalEntitlement.js"
export * from "./schemas/ResetConfiguration.js"
export * from "./schemas/ResetPeriod.js"
export * from "./schemas/SyncData.js"
export * from "./schemas/Timestamp.js"
export * from "./schemas/TimestampRange.js"
