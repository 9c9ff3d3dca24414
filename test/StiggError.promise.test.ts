import { describe, expect, it } from "@effect/vitest"
import { Customers, StiggError } from "effect-stigg"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const layer = ScriptedClient.services(ScriptedClient.sequence(ScriptedClient.refusal(404, "CustomerNotFound")))

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))

const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail("it was not rejected"),
    (reason: unknown) => reason
  )

const run = <A, E>(effect: Effect.Effect<A, E, Customers.Customers>) =>
  reasonOf(Effect.runPromise(Effect.provide(effect, layer)))

const notFound = { status: 404, code: "CustomerNotFound", operation: "customers.retrieve" }

/** Fails with two causes at once. The second is the error. */
const parallel = Effect.catchAllCause(retrieve, (cause) =>
  Effect.failCause(Cause.parallel(Cause.fail(undefined), cause))
)

describe("fromUnknown returns the error unchanged from the rejection of", () => {
  const expectFound = (reason: unknown) => {
    const error = Option.getOrThrow(StiggError.fromUnknown(reason))
    expect(error).toBeInstanceOf(StiggError.NotFoundError)
    expect(error).toMatchObject(notFound)
  }

  it("Effect.runPromise", async () => expectFound(await run(retrieve)))

  it("a ManagedRuntime", async () => {
    const runtime = ManagedRuntime.make(layer)
    expectFound(await reasonOf(runtime.runPromise(retrieve)))
    await runtime.dispose()
  })

  it.each<readonly [string, Effect.Effect<unknown, unknown, Customers.Customers>]>([
    ["a program that dies with it", Effect.orDie(retrieve)],
    ["two concurrent failures", parallel],
    ["a failure and a finalizer that dies", Effect.ensuring(retrieve, Effect.die("finalizer"))],
    ["a fiber that is joined", Effect.flatMap(Effect.fork(retrieve), Fiber.join)],
    ["a span", Effect.withSpan(retrieve, "outer")],
    ["an error that wraps it", Effect.mapError(retrieve, (cause) => new Error("no customer", { cause }))],
    ["a Promise within", Effect.tryPromise(() => Effect.runPromise(Effect.provide(retrieve, layer)))]
  ])("%s", async (_, effect) => expectFound(await run(effect)))

  it("a Cause or an Exit", async () => {
    const exit = await Effect.runPromiseExit(Effect.provide(retrieve, layer))
    expectFound(exit)
    expectFound(Exit.isFailure(exit) ? exit.cause : null)
  })
})

describe("fromUnknown returns nothing for", () => {
  const loop = new Error("loop")
  loop.cause = loop
  let long: unknown = "the end"
  for (let length = 0; length < 100_000; length++) long = { cause: long }

  it.each<readonly [string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a string", "StiggNotFoundError"],
    ["an object with the same fields", { _tag: "StiggNotFoundError", ...notFound }],
    ["an interruption", Cause.interrupt(Effect.runSync(Effect.fiberId))],
    ["an error that is its own cause", loop],
    ["an endless chain of causes", long]
  ])("%s", (_, reason) => {
    expect(StiggError.fromUnknown(reason)).toEqual(Option.none())
  })
})

it("the rejection itself is not an instance: it has none of the fields", async () => {
  const reason = await run(retrieve)
  expect(reason).not.toBeInstanceOf(StiggError.NotFoundError)
  expect(reason).not.toHaveProperty("status")
})
