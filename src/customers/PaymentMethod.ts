/**
 * The payment method of a customer.
 *
 * @module
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Customer } from "../schemas/Customer.js"
import type { AttachPaymentMethod } from "../schemas/PaymentMethod.js"
import { StiggClient } from "../StiggClient.js"
import type { StiggError } from "../StiggError.js"
import * as Client from "../internal/operations/Client.js"
import * as operations from "../internal/operations/groups.js"

/**
 * The operations on a customer's payment method.
 *
 * @example
 * import { Effect } from "effect"
 * import { PaymentMethod } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const paymentMethod = yield* PaymentMethod.PaymentMethod
 *   const acme = yield* paymentMethod.attach("customer-acme", {
 *     integrationId: "stripe-eu",
 *     paymentMethodId: "pm_1",
 *     vendorIdentifier: "STRIPE"
 *   })
 *   return acme.defaultPaymentMethod?.type
 * })
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /**
   * Sets the customer's default payment method to one of the billing provider. Fails with `StiggNotFoundError` if the
   * customer does not exist.
   */
  readonly attach: (id: string, params: AttachPaymentMethod) => Effect.Effect<Customer, StiggError>
  /**
   * Removes the customer's default payment method. A customer without one stays unchanged. Fails with `StiggNotFoundError`
   * if the customer does not exist.
   */
  readonly detach: (id: string) => Effect.Effect<Customer, StiggError>
}

/**
 * The service for a customer's payment method. It is also the field `paymentMethod` of `Customers`.
 *
 * @example
 * import { Effect } from "effect"
 * import { PaymentMethod } from "effect-stigg"
 *
 * const program = Effect.flatMap(PaymentMethod.PaymentMethod, (paymentMethod) => paymentMethod.detach("customer-acme"))
 *
 * @category tags
 * @since 0.1.0
 */
export class PaymentMethod extends Context.Tag("effect-stigg/PaymentMethod")<PaymentMethod, Service>() {}

/**
 * Provides the service on top of a client.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import { PaymentMethod, StiggClient } from "effect-stigg"
 *
 * const PaymentMethodLive = PaymentMethod.layer.pipe(
 *   Layer.provide(StiggClient.layer({ apiKey: Redacted.make("server-key") }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<PaymentMethod, never, StiggClient> = Layer.effect(
  PaymentMethod,
  Effect.map(StiggClient, (client) => PaymentMethod.of(Client.make<Service>()(operations.paymentMethod, client)))
)
