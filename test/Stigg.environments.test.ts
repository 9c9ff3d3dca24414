import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Ref } from "effect"
import { Customers, Stigg } from "effect-stigg"

class Europe extends Context.Tag("test/Europe")<Europe, Customers.Service>() {}
class America extends Context.Tag("test/America")<America, Customers.Service>() {}

it.effect("two Stigg layers in one program keep their keys separate in every service", () =>
  Effect.gen(function* () {
    const keys = yield* Ref.make<ReadonlyArray<string | undefined>>([])
    const http = HttpClient.make((request) =>
      Ref.update(keys, (all) => [...all, request.headers["x-api-key"]]).pipe(
        Effect.as(HttpClientResponse.fromWeb(request, new Response("", { status: 404 })))
      )
    )
    const environment = (apiKey: string) => Stigg.layer({ apiKey: Redacted.make(apiKey) })
    const both = Layer.mergeAll(
      Layer.effect(Europe, Customers.Customers).pipe(Layer.provide(environment("key-of-europe"))),
      Layer.effect(America, Customers.Customers).pipe(Layer.provide(environment("key-of-america")))
    ).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, http)))

    const askAll = (customers: Customers.Service) =>
      Effect.all([
        Effect.flip(customers.retrieve("a")),
        Effect.flip(customers.paymentMethod.detach("a")),
        Effect.flip(customers.integrations.unlink("a", "b")),
        Effect.flip(customers.promotionalEntitlements.revoke("a", "b"))
      ])
    yield* Effect.gen(function* () {
      yield* askAll(yield* Europe)
      yield* askAll(yield* America)
    }).pipe(Effect.provide(both))

    expect(yield* Ref.get(keys)).toEqual([
      ...new Array<string>(4).fill("key-of-europe"),
      ...new Array<string>(4).fill("key-of-america")
    ])
  })
)
