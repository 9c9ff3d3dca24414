import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { Dictionary } from "./Dictionary.js"
import { Email, NewCustomerId, Text } from "./Identifier.js"
import type { RequestJson } from "./Json.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * One customer of an import.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const row: Schemas.ImportCustomer = { id: "customer-acme", name: "Acme", email: null, billingId: "cus_1" }
 * console.log(row.id) // customer-acme
 *
 * @category import
 * @since 0.1.0
 */
export interface ImportCustomer {
  /** 1 to 255 characters: a letter or digit, followed by letters, digits and `_ | . @ -`. */
  readonly id: string
  /** At most 255 characters. */
  readonly email: string | null
  /** At most 255 characters. */
  readonly name: string | null
  /** The customer's id with the billing provider. */
  readonly billingId?: string | undefined
  readonly metadata?: Dictionary | undefined
  /** The payment method's id with the billing provider. */
  readonly paymentMethodId?: string | undefined
  readonly salesforceId?: string | undefined
  /** When the row last changed. The API skips the row if the stored customer was updated later. */
  readonly updatedAt?: DateTime.Utc | undefined
}

/**
 * Encodes one customer of an import. Rejects an `id` that is not a {@link NewCustomerId}, a malformed `email`, and an
 * `email` or `name` of more than 255 characters.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.ImportCustomer)({ id: "customer-acme", name: "Acme", email: null }))
 * // { id: "customer-acme", email: null, name: "Acme" }
 *
 * @category import
 * @since 0.1.0
 */
export const ImportCustomer: Schema.Schema<ImportCustomer, RequestJson<ImportCustomer>> = requestStruct(
  "ImportCustomer",
  {
    id: NewCustomerId,
    email: Schema.NullOr(Email),
    name: Schema.NullOr(Text),
    billingId: Schema.optional(Schema.String),
    metadata: Schema.optional(Dictionary),
    paymentMethodId: Schema.optional(Schema.String),
    salesforceId: Schema.optional(Schema.String),
    updatedAt: Schema.optional(Timestamp)
  }
)
