import * as HttpClient from "@effect/platform/HttpClient"
import type { StiggError } from "effect-stigg"
import { Entitlements, RetryPolicy, Stigg } from "effect-stigg"
import type { Seed } from "effect-stigg/testing"
import { Emulator, Faults } from "effect-stigg/testing"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"

/** The operations that were sent, in order, by the last part of their paths. */
export class Sent extends Context.Tag("test/Sent")<Sent, Array<string>>() {}

export const Recording = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(Effect.all([HttpClient.HttpClient, Sent]), ([client, sent]) =>
    HttpClient.mapRequest(client, (request) => {
      sent.push(request.url.split("/").at(-1) ?? "")
      return request
    })
  )
).pipe(Layer.provide(Emulator.layerHttpClient))

/** A plan with one feature of each kind, and credits. 8 of 10 seats are used. */
export const seed: Seed.Input = {
  features: [
    { id: "sso", type: "BOOLEAN" },
    { id: "seats", type: "NUMBER" },
    { id: "calls", type: "NUMBER" },
    { id: "storage", type: "NUMBER" },
    { id: "regions", type: "ENUM" },
    { id: "audit", type: "BOOLEAN" }
  ],
  currencies: [{ id: "tokens" }],
  plans: [
    {
      id: "pro",
      features: [
        { featureId: "sso" },
        { featureId: "seats", usageLimit: 10 },
        { featureId: "calls", usageLimit: 100, hasSoftLimit: true },
        { featureId: "storage", hasUnlimitedUsage: true },
        { featureId: "regions", values: ["eu", "us"] }
      ],
      credits: [{ currencyId: "tokens", amount: 50 }]
    }
  ],
  customers: [
    {
      id: "acme",
      plan: "pro",
      resources: [{ id: "site" }],
      usage: [
        { of: "seats", used: 8 },
        { of: "tokens", used: 20 }
      ]
    },
    { id: "globex", plan: "pro" },
    { id: "initech", plan: "pro" }
  ]
}

/** The checks on an emulator, without retries, and a record of what was sent to it. */
export const layer = (options: Entitlements.Options = {}, of: Seed.Input = seed) =>
  Entitlements.layer(options).pipe(
    Layer.provideMerge(Stigg.layer({ apiKey: Redacted.make("server-key") })),
    Layer.provide(RetryPolicy.none),
    Layer.provide(Recording),
    Layer.provideMerge(Emulator.layer({ seed: of })),
    Layer.provideMerge(Layer.sync(Sent, () => []))
  )

export const check = Entitlements.check

/** What was sent since the last call. */
export const sent = Effect.map(Sent, (sent) => sent.splice(0))

/** Makes the API fail in the given way. */
export const failWith = (fault: Faults.Fault) =>
  Effect.zipRight(Emulator.clearFaults, Effect.orDie(Emulator.inject({ fault })))
export const switchOff = failWith(Faults.reset)
export const switchOn = Emulator.clearFaults

/** An answer in short form. */
export const brief = (answer: Entitlements.Answer) => [answer.isGranted, answer.accessDeniedReason, answer.source]

/** An error in short form. */
export const tag = (error: StiggError.StiggError | Entitlements.EntitlementDeniedError) => error._tag

/** The value of an entitlement metric, by the last part of its name. */
export const metric = (name: string): Effect.Effect<number> =>
  Effect.map(Metric.snapshot, (pairs) => {
    const state = pairs.find(({ metricKey }) => metricKey.name === `stigg.entitlements.${name}`)?.metricState
    if (state === undefined) return 0
    return "count" in state ? Number(state.count) : "value" in state ? Number(state.value) : 0
  })

/** Runs an effect as if the process's clock were ahead or behind. */
export const skewed =
  (millis: number) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.clockWith((clock) => {
      const skewed: Clock.Clock = Object.create(clock, {
        unsafeCurrentTimeMillis: { value: () => clock.unsafeCurrentTimeMillis() + millis },
        currentTimeMillis: { value: Effect.map(clock.currentTimeMillis, (now) => now + millis) }
      }) as Clock.Clock
      return Effect.withClock(self, skewed)
    })
