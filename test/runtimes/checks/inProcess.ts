import type { Schemas } from "effect-stigg"
import { Customers, RequestOptions, RetryPolicy, Stigg, StiggError } from "effect-stigg"
import { Emulator, Faults, Operation, StiggTest } from "effect-stigg/testing"
import * as Chunk from "effect/Chunk"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import type { Check } from "../Check.js"
import { check } from "../Check.js"
import { operations } from "./operations.js"
import { customerOf, seed, walked, walkedId } from "./world.js"

const emulated = StiggTest.layer({ seed })
const acme = customerOf("customers.retrieve")

/** With the test clock: its time begins in 1970, before the customers of the seed were created. */
const inTestTime = <A, E>(effect: Effect.Effect<A, E, Stigg.Services | Emulator.Emulator>) =>
  effect.pipe(Effect.provide(emulated), Effect.provide(TestContext.TestContext))

const withCustomers = <A, E, R>(run: (customers: Customers.Service) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(Customers.Customers, run)

const retrieve = withCustomers((customers) => customers.retrieve(acme))

const oneOfEachOperation: ReadonlyArray<Check> = Operation.all.map((name) => ({
  name: `in process: ${name}`,
  seen: withCustomers((customers) => operations[name].seen(customers, customerOf(name))).pipe(Effect.provide(emulated)),
  expected: operations[name].expected
}))

const ids = <E, R>(customers: Stream.Stream<Schemas.Customer, E, R>) =>
  Effect.map(Stream.runCollect(customers), (all) => Chunk.toReadonlyArray(all).map(({ id }) => id))

const streams = [
  check(
    "in process: a stream follows the pages, in order",
    withCustomers(({ list }) => ids(list({ name: "Walked" }))).pipe(
      Effect.map((all) => [all.length, all[0] ?? "", all[walked - 1] ?? "", new Set(all).size]),
      Effect.provide(emulated)
    ),
    [walked, walkedId(0), walkedId(walked - 1), walked]
  ),
  check(
    "in process: a stream goes backwards from a cursor",
    withCustomers((customers) =>
      Effect.gen(function* () {
        const first = yield* customers.listPage({ name: "Walked", limit: 3 })
        const second = yield* customers.listPage({ name: "Walked", limit: 3, after: first.pagination.next ?? "" })
        return yield* ids(customers.list({ name: "Walked", limit: 3, before: second.pagination.prev ?? "" }))
      })
    ).pipe(Effect.provide(emulated)),
    [walkedId(0), walkedId(1), walkedId(2)]
  ),
  check(
    "in process: a page that fails is retried, without a repeated or a missing item",
    Effect.gen(function* () {
      yield* Emulator.inject({ operation: "customers.list", fault: Faults.resetInBody, times: 2 })
      const all = yield* Effect.fork(withCustomers(({ list }) => ids(list({ name: "Walked" }))))
      yield* TestClock.adjust("10 seconds")
      const found = yield* Fiber.join(all)
      return [found.length, new Set(found).size]
    }).pipe(inTestTime),
    [walked, walked]
  )
]

const tags: ReadonlyArray<readonly [fault: Faults.Fault, what: string, tag: StiggError.StiggError["_tag"]]> = [
  [Faults.status(400), "status 400", "StiggBadRequestError"],
  [Faults.status(401), "status 401", "StiggAuthenticationError"],
  [Faults.status(403), "status 403", "StiggPermissionDeniedError"],
  [Faults.status(404), "status 404", "StiggNotFoundError"],
  [Faults.status(404, { body: "<h1>Not found</h1>" }), "a page with status 404", "StiggRouteNotFoundError"],
  [Faults.status(409), "status 409", "StiggConflictError"],
  [Faults.status(418), "status 418", "StiggAPIStatusError"],
  [Faults.status(422), "status 422", "StiggUnprocessableEntityError"],
  [Faults.status(429), "status 429", "StiggRateLimitError"],
  [Faults.status(503), "status 503", "StiggInternalServerError"],
  [Faults.reset, "a reset", "StiggAPIConnectionError"],
  [Faults.resetInBody, "a reset inside the body", "StiggAPIConnectionError"],
  [Faults.malformedJson, "malformed JSON", "StiggResponseDecodeError"],
  [Faults.stall, "a stall", "StiggAPITimeoutError"],
  [Faults.stallInBody, "a stall inside the body", "StiggAPITimeoutError"]
]

const errors = [
  ...tags.map(([fault, what, tag]) =>
    check(
      `in process: ${what} is ${tag}`,
      Effect.zipRight(Emulator.inject({ fault }), Effect.flip(retrieve)).pipe(
        Effect.map(({ _tag }) => _tag),
        RetryPolicy.locally({ maxRetries: 0 }),
        RequestOptions.locally({ timeout: "50 millis" }),
        Effect.provide(emulated)
      ),
      tag
    )
  ),
  check(
    "in process: invalid params are not sent, and the error names the field",
    withCustomers((customers) => Effect.flip(customers.listPage({ limit: 101 }))).pipe(
      Effect.map((error) => (error._tag === "StiggInvalidRequestError" ? error.field : error._tag)),
      Effect.provide(emulated)
    ),
    "limit"
  ),
  check(
    "in process: an error survives as JSON and has no key",
    Effect.gen(function* () {
      const key = "server-key-that-is-secret"
      yield* Emulator.inject({ fault: Faults.status(401, { body: { message: `Unknown key ${key}`, code: null } }) })
      const client = yield* Effect.map(Emulator.Emulator, (emulator) =>
        Stigg.layer({ apiKey: Redacted.make(key) }).pipe(
          Layer.provide(Emulator.layerHttpClient),
          Layer.provide(Layer.succeed(Emulator.Emulator, emulator))
        )
      )
      const error = yield* Effect.provide(Effect.flip(retrieve), client)
      const json = JSON.stringify(yield* Schema.encode(StiggError.StiggError)(error))
      const decoded = yield* Schema.decode(Schema.parseJson(StiggError.StiggError))(json)
      return [decoded._tag, `${json} ${error.message} ${String(error)} ${error.stack ?? ""}`.includes(key)]
    }).pipe(Effect.provide(emulated)),
    ["StiggAuthenticationError", false]
  ),
  check(
    "in process: a rejected Promise still has the error",
    Effect.promise(async () => {
      const runtime = ManagedRuntime.make(emulated)
      const reason: unknown = await runtime
        .runPromise(withCustomers((customers) => customers.retrieve("nobody")))
        .then(() => null)
        .catch((reason: unknown) => reason)
      await runtime.dispose()
      return Option.match(StiggError.fromUnknown(reason), { onNone: () => "none", onSome: ({ _tag }) => _tag })
    }),
    "StiggNotFoundError"
  )
]

const retries = [
  check(
    "in process: two failures are retried",
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(503), times: 2 })
      const found = yield* Effect.fork(retrieve)
      yield* TestClock.adjust("10 seconds")
      return [
        (yield* Fiber.join(found)).id,
        (yield* Effect.flatMap(Emulator.Emulator, (one) => one.activeFaults)).length
      ]
    }).pipe(inTestTime),
    [acme, 0]
  ),
  check(
    "in process: the third failure is raised, with its attempts",
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.reset })
      const failed = yield* Effect.fork(Effect.flip(retrieve))
      yield* TestClock.adjust("10 seconds")
      const error = yield* Fiber.join(failed)
      return [error._tag, error._tag === "StiggAPIConnectionError" ? error.attempts : 0]
    }).pipe(inTestTime),
    ["StiggAPIConnectionError", 3]
  ),
  check(
    "in process: Retry-After is waited for",
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(429, { headers: { "retry-after": "5" } }), times: 1 })
      const found = yield* Effect.fork(retrieve)
      yield* TestClock.adjust("4900 millis")
      const early = Option.isSome(yield* Fiber.poll(found))
      yield* TestClock.adjust("1500 millis")
      yield* Fiber.join(found)
      return early
    }).pipe(inTestTime),
    false
  ),
  check(
    "in process: a POST whose response was lost is applied once",
    Effect.gen(function* () {
      yield* Emulator.inject({ operation: "customers.provision", fault: Faults.answerLost, times: 1 })
      const made = yield* Effect.fork(withCustomers((customers) => customers.provision({ id: "customer-new" })))
      yield* TestClock.adjust("10 seconds")
      return (yield* Fiber.join(made)).id
    }).pipe(inTestTime),
    "customer-new"
  )
]

const schemas = [
  check(
    "in process: timestamps, emoji and a key __proto__ survive",
    withCustomers((customers) =>
      Effect.gen(function* () {
        yield* customers.provision({
          id: "odd",
          name: "🚀 Ünïcode",
          metadata: JSON.parse('{"__proto__":"kept"}') as {}
        })
        const { createdAt, metadata, name } = yield* customers.retrieve("odd")
        return [name, Object.entries(metadata).flat().join(), createdAt === null ? "" : DateTime.formatIso(createdAt)]
      })
    ).pipe(inTestTime),
    ["🚀 Ünïcode", "__proto__,kept", "1970-01-01T00:00:00.000Z"]
  )
]

/** What a layer fails with, or "built". */
const built = <E>(layer: Layer.Layer<Stigg.Services, E>, show: (error: E) => string) =>
  Effect.map(Effect.either(Effect.scoped(Layer.build(layer))), (result) =>
    Either.isLeft(result) ? show(result.left) : "built"
  )

const configuration = [
  check(
    "in process: the configuration comes from a ConfigProvider",
    built(
      Stigg.layerEnv.pipe(
        Layer.provide(Emulator.layerHttpClient),
        Layer.provide(Emulator.layer()),
        Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["STIGG_API_KEY", "any"]]))))
      ),
      String
    ),
    "built"
  ),
  check(
    "in process: without a variable STIGG_API_KEY, the error names it",
    built(Stigg.layerEnv.pipe(Layer.provide(Emulator.layerHttpClient), Layer.provide(Emulator.layer())), (error) =>
      String(error).includes("Set STIGG_API_KEY") ? "names it" : String(error)
    ),
    "names it"
  )
]

export const checks: ReadonlyArray<Check> = [
  ...oneOfEachOperation,
  ...streams,
  ...errors,
  ...retries,
  ...schemas,
  ...configuration
]
