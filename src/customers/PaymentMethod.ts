/**
 * The payment method of a customer.
 *
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
   * Makes a payment method of the billing provider the customer's default one. Fails with `NotFoundError` when there is
   * no such customer.
   */
  readonly attach: (id: string, params: AttachPaymentMethod) => Effect.Effect<Customer, StiggError>
  /**
   * Takes the customer's default payment method away; a customer without one stays as it is. Fails with `NotFoundError`
   * when there is no such customer.
   */
  readonly detach: (id: string) => Effect.Effect<Customer, StiggError>
}

/**
 * The service of a customer's payment method; also the field `paymentMethod` of `Customers`.
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
 * The service on a client.
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
