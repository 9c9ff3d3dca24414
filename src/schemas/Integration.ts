import * as Schema from "effect/Schema"
import { queryListItemOf, Text } from "./Identifier.js"
import type { RequestJson, ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import type { PageParams } from "./PageParams.js"
import { oneDirection, pageFields } from "./PageParams.js"
import * as Documented from "./internal/Documented.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { nullable, optionalNullable, responseStruct } from "./internal/ResponseStruct.js"
import { SyncData } from "./SyncData.js"

/**
 * The vendor of an integration, such as `"STRIPE"`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const known: Schemas.VendorIdentifier = "STRIPE"
 * const unknown: Schemas.VendorIdentifier = "something new"
 * console.log(known, unknown) // STRIPE something new
 *
 * @category integrations
 * @since 0.1.0
 */
export type VendorIdentifier = Extract<typeof VendorIdentifier.Type, string>

/**
 * Accepts any string, so a vendor that the API adds later still decodes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.VendorIdentifier)
 * console.log(decode("STRIPE"), decode("PADDLE")) // STRIPE PADDLE
 *
 * @category integrations
 * @since 0.1.0
 */
export const VendorIdentifier = openEnum(
  "VendorIdentifier",
  "AUTH0",
  "ZUORA",
  "STRIPE",
  "HUBSPOT",
  "AWS_MARKETPLACE",
  "SNOWFLAKE",
  "SALESFORCE",
  "BIG_QUERY",
  "OPEN_FGA",
  "APP_STORE",
  "RECEIVED",
  "PREQUEL",
  "AIRWALLEX",
  "STRIPE_INVOICING"
)

/**
 * A customer's record in another system, as a field of the customer.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const link: Schemas.CustomerIntegrationLink = { id: "stripe-eu", syncedEntityId: null, vendorIdentifier: "STRIPE" }
 * console.log(link.vendorIdentifier) // STRIPE
 *
 * @category integrations
 * @since 0.1.0
 */
export interface CustomerIntegrationLink {
  /** The id of the integration. */
  readonly id: string
  /** The customer's id in the other system; null until it is synced. */
  readonly syncedEntityId: string | null
  readonly vendorIdentifier: VendorIdentifier
}

/**
 * Decodes an integration link of a customer. `syncedEntityId` defaults to null; other fields are required.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.CustomerIntegrationLink)
 * console.log(decode({ id: "stripe-eu", vendorIdentifier: "STRIPE" }).syncedEntityId) // null
 *
 * @category integrations
 * @since 0.1.0
 */
export const CustomerIntegrationLink: Schema.Schema<
  CustomerIntegrationLink,
  ResponseJson<CustomerIntegrationLink>
> = responseStruct<CustomerIntegrationLink>("CustomerIntegrationLink", {
  id: Documented.text,
  syncedEntityId: nullable(Documented.text),
  vendorIdentifier: VendorIdentifier
})

/**
 * Encodes an integration link of a customer. Rejects an `id` or `syncedEntityId` of more than 255 characters.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeSync(Schemas.CustomerIntegrationLinkParams)
 * console.log(encode({ id: "stripe-eu", syncedEntityId: null, vendorIdentifier: "STRIPE" }))
 * // { id: "stripe-eu", syncedEntityId: null, vendorIdentifier: "STRIPE" }
 *
 * @category integrations
 * @since 0.1.0
 */
export const CustomerIntegrationLinkParams: Schema.Schema<
  CustomerIntegrationLink,
  RequestJson<CustomerIntegrationLink>
> = requestStruct("CustomerIntegrationLinkParams", {
  id: Text,
  syncedEntityId: Schema.NullOr(Text),
  vendorIdentifier: VendorIdentifier
})

/**
 * A link between a customer and its record in another system.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const isSynced = (integration: Schemas.Integration): boolean => integration.syncedEntityId !== null
 *
 * @see https://docs.stigg.io/api-reference
 * @category integrations
 * @since 0.1.0
 */
export interface Integration {
  /** The id of the integration, unique within the customer. */
  readonly id: string
  /** The customer's id in the other system; null until it is synced. */
  readonly syncedEntityId: string | null
  readonly vendorIdentifier: VendorIdentifier
  /** The data in the other system; null if it has none. */
  readonly syncData: SyncData | null
}

/**
 * Decodes an integration of a customer. `syncedEntityId` and `syncData` default to null; other fields are required.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.Integration)
 * console.log(decode({ id: "stripe-eu", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" }).syncData) // null
 *
 * @category integrations
 * @since 0.1.0
 */
export const Integration: Schema.Schema<Integration, ResponseJson<Integration>> = responseStruct<Integration>(
  "Integration",
  {
    id: Documented.text,
    syncedEntityId: nullable(Documented.text),
    vendorIdentifier: VendorIdentifier,
    syncData: optionalNullable(SyncData)
  }
)

/**
 * The parameters of `integrations.link`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const link: Schemas.LinkIntegration = { id: "stripe-eu", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" }
 * console.log(link.syncedEntityId) // cus_1
 *
 * @category integrations
 * @since 0.1.0
 */
export interface LinkIntegration {
  /** The id of the integration, at most 255 characters. */
  readonly id: string
  /** The customer's id in the other system, at most 255 characters. */
  readonly syncedEntityId: string
  readonly vendorIdentifier: VendorIdentifier
}

/**
 * Encodes the parameters of `integrations.link`. Rejects an `id` or `syncedEntityId` of more than 255 characters.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeSync(Schemas.LinkIntegration)
 * console.log(encode({ id: "stripe-eu", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" }))
 * // { id: "stripe-eu", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" }
 *
 * @category integrations
 * @since 0.1.0
 */
export const LinkIntegration: Schema.Schema<LinkIntegration, RequestJson<LinkIntegration>> = requestStruct(
  "LinkIntegration",
  {
    id: Text,
    syncedEntityId: Text,
    vendorIdentifier: VendorIdentifier
  }
)

/**
 * The parameters of `integrations.update`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const cleared: Schemas.UpdateIntegration = { syncedEntityId: null }
 * console.log(cleared) // { syncedEntityId: null }
 *
 * @category integrations
 * @since 0.1.0
 */
export interface UpdateIntegration {
  /** The customer's id in the other system, at most 255 characters; null clears it. */
  readonly syncedEntityId: string | null
}

/**
 * Encodes the parameters of `integrations.update`. Rejects a `syncedEntityId` of more than 255 characters.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.UpdateIntegration)({ syncedEntityId: null })) // { syncedEntityId: null }
 *
 * @category integrations
 * @since 0.1.0
 */
export const UpdateIntegration: Schema.Schema<UpdateIntegration, RequestJson<UpdateIntegration>> = requestStruct(
  "UpdateIntegration",
  {
    syncedEntityId: Schema.NullOr(Text)
  }
)

/**
 * The parameters of `integrations.list`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const billing: Schemas.ListIntegrations = { vendorIdentifier: ["STRIPE", "ZUORA"], limit: 50 }
 * console.log(billing.vendorIdentifier) // [ "STRIPE", "ZUORA" ]
 *
 * @category integrations
 * @since 0.1.0
 */
export interface ListIntegrations extends PageParams {
  /** Only integrations with these vendors. */
  readonly vendorIdentifier?: ReadonlyArray<VendorIdentifier> | undefined
}

/**
 * Encodes the parameters of `integrations.list`. Rejects a vendor that is empty or contains a comma, and invalid page
 * parameters, as {@link PageParams} does.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeEither(Schemas.ListIntegrations)
 * console.log(encode({ vendorIdentifier: ["STRIPE"] })._tag, encode({ vendorIdentifier: ["STRIPE,ZUORA"] })._tag)
 * // Right Left
 *
 * @category integrations
 * @since 0.1.0
 */
export const ListIntegrations: Schema.Schema<ListIntegrations, RequestJson<ListIntegrations>> = requestStruct(
  "ListIntegrations",
  {
    ...pageFields,
    vendorIdentifier: Schema.optional(Schema.Array(queryListItemOf(VendorIdentifier)))
  }
).pipe(oneDirection)
