/**
 * An Effect SDK for the customers of Stigg.
 *
 * @module effect-stigg
 * @since 0.1.0
 */
export * as Catalogue from "./Catalogue.js"
export * as CustomerImport from "./CustomerImport.js"
export * as CustomerExport from "./CustomerExport.js"
export * as Customers from "./Customers.js"
export * as Integrations from "./customers/Integrations.js"
export * as PaymentMethod from "./customers/PaymentMethod.js"
export * as PromotionalEntitlements from "./customers/PromotionalEntitlements.js"
export * as Entitlements from "./Entitlements.js"
export * as EntitlementsChannel from "./EntitlementsChannel.js"
export * as Pagination from "./Pagination.js"
export * as RequestOptions from "./RequestOptions.js"
export * as RetryPolicy from "./RetryPolicy.js"
export * as Schemas from "./Schemas.js"
export * as Stigg from "./Stigg.js"
export * as StiggClient from "./StiggClient.js"
export * as StiggError from "./StiggError.js"
