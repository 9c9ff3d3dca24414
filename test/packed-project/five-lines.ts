import { Effect } from "effect"
import { Customers } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"
const program = Effect.flatMap(Customers.Customers, (customers) => customers.provision({ id: "customer-acme" }))
program.pipe(Effect.provide(StiggTest.layer()), Effect.runPromise).then((customer) => console.log(customer.id))
