import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Changes from "../webhooks/Changes.js"
import * as Happenings from "../webhooks/Happenings.js"
import * as Envelope from "../world/Envelope.js"
import { StiggApi } from "../../StiggApi.js"
import * as World from "../world/World.js"

/** The handlers of the operations on payment methods. */
export const layer = HttpApiBuilder.group(StiggApi, "customers.paymentMethod", (handlers) =>
  handlers
    .handle("attach", ({ path, payload }) =>
      Effect.gen(function* () {
        const entry = yield* World.activeCustomer(path.id)
        entry.change(yield* World.World, {
          customer: {
            ...entry.customer,
            // The billing provider would determine the type. Here it is always the same card.
            defaultPaymentMethod: {
              billingId: payload.paymentMethodId,
              type: "CARD",
              cardLast4Digits: "4242",
              cardExpiryMonth: 12,
              cardExpiryYear: 2034
            },
            billingCurrency: payload.billingCurrency ?? entry.customer.billingCurrency,
            updatedAt: yield* DateTime.now
          }
        })
        yield* Changes.tell(Happenings.paymentMethod("payment_method.attached", entry))
        return Envelope.one(Envelope.customer, entry)
      })
    )
    .handle("detach", ({ path }) =>
      Effect.gen(function* () {
        const entry = yield* World.activeCustomer(path.id)
        if (entry.customer.defaultPaymentMethod !== null) {
          entry.change(yield* World.World, {
            customer: { ...entry.customer, defaultPaymentMethod: null, updatedAt: yield* DateTime.now }
          })
          yield* Changes.tell(Happenings.paymentMethod("payment_method.detached", entry))
        }
        return Envelope.one(Envelope.customer, entry)
      })
    )
)
