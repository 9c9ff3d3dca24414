import { Customer } from "../../schemas/Customer.js"
import { AttachPaymentMethod } from "../../schemas/PaymentMethod.js"
import * as Operation from "./Operation.js"

/** The operations on a customer's payment method. */
export const paymentMethod = Operation.group("customers.paymentMethod", {
  attach: Operation.post("/api/v1/customers/{id}/payment-method", {
    params: AttachPaymentMethod,
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  detach: Operation.remove("/api/v1/customers/{id}/payment-method", {
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  })
})
