/**
 * Copies customers from one environment to another. Each has its own API key, and its layer is provided to its part of
 * the program. Run it with `npx tsx examples/two-environments.ts`: it starts an emulator for each environment. For your
 * account, set `STIGG_PRODUCTION_KEY` and `STIGG_STAGING_KEY`, and run `copy` alone.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, ConfigProvider, Console, Context, Effect, Layer, Redacted, Stream } from "effect"
import { CustomerImport, Customers, Stigg } from "effect-stigg"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"

const environment = (name: string) =>
  Stigg.layerConfig({
    apiKey: Config.redacted(`STIGG_${name}_KEY`),
    baseUrl: Config.withDefault(Config.string(`STIGG_${name}_URL`), "https://api.stigg.io")
  }).pipe(Layer.provide(UndiciHttpClient.layer))

const ProductionLive = environment("PRODUCTION")
const StagingLive = environment("STAGING")

const inProduction = Customers.Customers.pipe(
  Effect.map((customers) => customers.list()),
  Stream.unwrap,
  Stream.provideLayer(ProductionLive)
)

/** The import reads a page ahead from production while it writes to staging. */
const copy = CustomerImport.run(CustomerImport.fromValues(inProduction), { duplicates: "batch" }).pipe(
  CustomerImport.summarize,
  Effect.provide(StagingLive),
  Effect.tap(({ created, updatedOrSkipped }) =>
    Console.log(`${created} created, ${updatedOrSkipped} updated or skipped`)
  )
)

/** Starts an emulator that accepts only its own key, and returns its settings. */
const emulator = (name: string, ids: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const seed = { customers: ids.map((id) => ({ id, name: `${id} of ${name.toLowerCase()}` })) }
    const context = yield* Layer.build(EmulatorServer.layer({ apiKey: Redacted.make(`${name} key`), seed }))
    const { url } = Context.get(context, EmulatorServer.EmulatorServer)
    return [
      [`STIGG_${name}_KEY`, `${name} key`],
      [`STIGG_${name}_URL`, url]
    ] as const
  })

Effect.gen(function* () {
  const production = yield* emulator("PRODUCTION", ["acme", "globex", "initech"])
  const staging = yield* emulator("STAGING", ["acme", "hooli"])
  const settings = ConfigProvider.fromMap(new Map([...production, ...staging]))
  yield* Effect.withConfigProvider(copy, settings)
}).pipe(Effect.scoped, NodeRuntime.runMain)
