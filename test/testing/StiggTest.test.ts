import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import { Customers } from "effect-stigg"
import { Emulator } from "effect-stigg/testing"
import { EmulatorServer, StiggTest } from "effect-stigg/testing/node"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"

const provision = (id: string) => Effect.flatMap(Customers.Customers, (customers) => customers.provision({ id }))
const ids = Effect.map(Emulator.snapshot, ({ customers }) => customers.map(({ id }) => id))

describe("StiggTest.layerHttp", () => {
  it.live("provides a client of the emulator that it serves, until the scope closes", () =>
    Effect.gen(function* () {
      const url = yield* Effect.gen(function* () {
        yield* provision("customer-acme")
        expect(yield* ids).toEqual(["customer-acme"])
        return (yield* EmulatorServer.EmulatorServer).url
      }).pipe(Effect.provide(StiggTest.layerHttp({ apiKey: Redacted.make("the only key") })))
      const refused = yield* Effect.either(Effect.tryPromise(() => fetch(url)))
      expect(Either.isLeft(refused)).toBe(true)
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.live("has its own state in each layer", () =>
    Effect.gen(function* () {
      yield* provision("customer-acme")
      const others = yield* Effect.provide(Effect.zipRight(provision("customer-globex"), ids), StiggTest.layerHttp())
      expect(others).toEqual(["customer-globex"])
      expect(yield* ids).toEqual(["customer-acme"])
    }).pipe(Effect.provide(StiggTest.layerHttp()), Effect.provide(FetchHttpClient.layer))
  )

  it.live("fails with the error of an invalid option", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(ids, StiggTest.layerHttp({ port: -1 })))
      expect(error._tag).toBe("StiggListenError")
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )
})
