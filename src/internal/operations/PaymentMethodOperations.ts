import { Customer } from "../../schemas/Customer.js"
import { AttachPaymentMethod } from "../../schemas/PaymentMethod.js"
import * as Declaration from "./Declaration.js"

/** The operations on a customer's payment method. */
export const paymentMethod = Declaration.group("customers.paymentMethod", {
  attach: Declaration.post("/api/v1/customers/{id}/payment-method", {
    params: AttachPaymentMethod,
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  detach: Declaration.remove("/api/v1/customers/{id}/payment-method", {
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  })
})
