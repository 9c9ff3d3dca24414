/**
 * Test layers on Node: every service of `Stigg.layer`, on an emulator in process or over real HTTP.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stigg from "../../Stigg.js"
import type * as Emulator from "../Emulator.js"
import * as EmulatorServer from "../EmulatorServer.js"
import type * as Webhooks from "../Webhooks.js"

export { layer } from "../StiggTest.js"

/**
 * Provides every service of `Stigg.layer`, backed by an emulator over real HTTP, with the `Emulator` and the
 * `EmulatorServer`. By default it listens on a free loopback port. Calls go through the program's own `HttpClient`, and
 * time is real. Each layer has its own state, and its server stops when the scope closes.
 *
 * Fails with `EmulatorServer.ListenError` if it cannot listen, with `EmulatorServer.DataFileError` if the file of `data`
 * cannot be used, with `EmulatorServer.InvalidServerOptions`, `Webhooks.InvalidWebhook` or `Emulator.InvalidOptions` if an
 * option is invalid.
 *
 * @example
 * import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 * import { StiggTest } from "effect-stigg/testing/node"
 *
 * const program = Effect.gen(function* () {
 *   const customers = yield* Customers.Customers
 *   const acme = yield* customers.provision({ id: "customer-acme" })
 *   console.log(acme.id) // customer-acme
 * })
 * void program.pipe(Effect.provide(StiggTest.layerHttp()), Effect.provide(FetchHttpClient.layer), Effect.runPromise)
 *
 * @category layers
 * @since 0.1.0
 */
export const layerHttp = (
  options: EmulatorServer.Options = {}
): Layer.Layer<
  Stigg.Services | Emulator.Emulator | EmulatorServer.EmulatorServer,
  | EmulatorServer.ListenError
  | EmulatorServer.DataFileError
  | EmulatorServer.InvalidServerOptions
  | Webhooks.InvalidWebhook
  | Emulator.InvalidOptions,
  HttpClient.HttpClient
> =>
  Layer.unwrapEffect(
    Effect.map(EmulatorServer.EmulatorServer, ({ url }) =>
      Stigg.layer({ apiKey: options.apiKey ?? Redacted.make("emulator"), baseUrl: url })
    )
  ).pipe(Layer.provideMerge(EmulatorServer.layer(options)))
