/**
 * A test layer: every service of `Stigg.layer`, backed by an in-process emulator.
 *
 * @module
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stigg from "../Stigg.js"
import * as Emulator from "./Emulator.js"

/**
 * Provides every service of `Stigg.layer`, backed by an in-process emulator without a network or sockets. Time comes from the
 * program's `Clock`. Each layer has its own state. Use `Emulator` to read that state and to inject faults.
 *
 * Fails with `Emulator.InvalidOptions` if an option is invalid.
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
    // `fresh`, because Effect memoizes layers: without it, two test layers in one program would share a client.
    Layer.provide(Layer.fresh(Emulator.layerHttpClient)),
    Layer.provideMerge(Emulator.layer(options))
  )
