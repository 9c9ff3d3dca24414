import { Effect } from "effect"
import { Customers } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"
const program = Effect.flatMap(Customers.Customers, (customers) => customers.provision({ id: "customer-acme" }))
console.log((await Effect.runPromise(Effect.provide(program, StiggTest.layer()))).id)
