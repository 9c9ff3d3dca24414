import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Emulator } from "effect-stigg/testing"
import { Faults, StiggTest } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"

const usage = (used: number): Emulator.Options => ({ seed: { customers: [{ id: "a", usage: [{ of: "f", used }] }] } })
const limit = (usageLimit: number): Emulator.Options => ({
  seed: {
    features: [{ id: "f", type: "NUMBER" }],
    plans: [{ id: "p", features: [{ featureId: "f", usageLimit }] }]
  }
})

const invalid = [NaN, Infinity, -Infinity].flatMap((value): ReadonlyArray<readonly [string, Emulator.Options]> => [
  ["idSeed", { idSeed: value }],
  ["reads", { limits: { reads: value } }],
  ["customerChanges", { limits: { customerChanges: value } }],
  ["times", { faults: [{ fault: Faults.reset, times: value }] }],
  ["probability", { faults: [{ fault: Faults.reset, probability: value }] }],
  ["fault.status", { faults: [{ fault: Faults.status(value) }] }],
  ["fault.millis", { faults: [{ fault: Faults.latency(value) }] }],
  ["plans.0.features.0.usageLimit", limit(value)],
  ["customers.0.usage.0.used", usage(value)]
])

describe("a number that is NaN or infinite", () => {
  it.effect.each(invalid)("%s fails StiggTest.layer with a message that names the option: %o", ([option, options]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(StiggTest.layer(options))))
      expect(error.message).toContain(`${option}: Expected `)
    })
  )

  it.effect.each([NaN, Infinity, 1.5])("as the port fails EmulatorServer.layer: %d", (port) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(EmulatorServer.layer({ port }))))
      expect(error.message).toContain(`Port ${port} is invalid`)
    })
  )
})
