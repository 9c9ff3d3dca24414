/**
 * Every service of the SDK on an emulator in process: what tests are run on.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stigg from "../Stigg.js"
import * as Emulator from "./Emulator.js"

/**
 * Every service of the SDK, on an emulator in process: no network, no socket, and time is the program's clock. Each
 * layer has a world of its own; `Emulator` reads it back and puts faults in the way.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 * import { StiggTest } from "effect-stigg/testing"
 *
 * const program = Effect.gen(function* () {
 *   const customers = yield* Customers.Customers
 *   const acme = yield* customers.provision({ id: "customer-acme" })
 *   console.log(acme.id) // customer-acme
 * })
 * void Effect.runPromise(Effect.provide(program, StiggTest.layer()))
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Emulator.Options = {}
): Layer.Layer<Stigg.Services | Emulator.Emulator, Emulator.InvalidOptions> =>
  Stigg.layer({ apiKey: options.apiKey ?? Redacted.make("emulator") }).pipe(
    // Fresh: a layer is built once a program, and two worlds in one program are two clients.
    Layer.provide(Layer.fresh(Emulator.layerHttpClient)),
    Layer.provideMerge(Emulator.layer(options))
  )
