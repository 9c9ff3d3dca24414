import { describe, expect, it } from "@effect/vitest"
import { Entitlements } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/TestClock"
import { check, layer } from "./world.js"

/** Runs checks and returns the lines that they log at level warning. */
const warnings = <E>(checks: Effect.Effect<unknown, E, Entitlements.Entitlements>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => logLevel.label === "WARN" && lines.push(String(message)))
    return checks.pipe(
      Effect.as(lines),
      Effect.provide(layer()),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
  })

describe("a check of a feature that the environment does not have", () => {
  it.effect("logs one warning for each id, however often and for whomever it is checked", () =>
    Effect.gen(function* () {
      const lines = yield* warnings(
        Effect.gen(function* () {
          for (const customer of ["acme", "globex", "acme"]) {
            const answer = yield* check(customer, { featureId: "feature-sos" })
            expect(answer.accessDeniedReason).toBe("FeatureNotFound")
            yield* check(customer, { featureId: "other\u001b[31m" })
            yield* TestClock.adjust("5 minutes")
          }
        })
      )
      const told =
        "in this environment, so every check of it is denied: its id is misspelled, or the API key is of another"
      expect(lines).toEqual([
        `Stigg has no feature "feature-sos" ${told} environment`,
        `Stigg has no feature "other\ufffd[31m" ${told} environment`
      ])
    })
  )

  it.effect("stops at 100 warnings, because ids can come from outside", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 150 }, (_, i) => `feature-${i}`)
      const lines = yield* warnings(Effect.forEach(ids, (featureId) => check("acme", { featureId })))
      expect(lines).toHaveLength(100)
    })
  )

  it.effect("says so in the error of require", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Entitlements.require("acme", { featureId: "feature-sos" }))
      expect(error).toHaveProperty("reason", "FeatureNotFound")
      expect(error.message).toContain("FeatureNotFound")
    }).pipe(Effect.provide(layer()))
  )
})

describe("a check of a feature that the customer does not have", () => {
  it.effect("logs nothing: its denial is an answer", () =>
    Effect.gen(function* () {
      const lines = yield* warnings(
        Effect.forEach(
          [{ featureId: "audit" }, { featureId: "seats", requestedUsage: 9 }, { currencyId: "gold" }],
          (params) => check("acme", params)
        )
      )
      expect(lines).toEqual([])
    })
  )
})
