import { describe, expect, it } from "@effect/vitest"
import { Customers, RequestOptions, RetryPolicy, StiggClient, StiggError } from "effect-stigg"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { documented } from "../customers/document.js"
import { sample } from "../schemas/document.js"
import * as ScriptedClient from "./ScriptedClient.js"

type Call = (customers: Customers.Service) => Effect.Effect<unknown, StiggError.StiggError>

/** A call of each operation, by its name in errors. */
const calls: Readonly<Record<string, Call>> = {
  "customers.provision": (customers) => customers.provision({ id: "acme" }),
  "customers.retrieve": (customers) => customers.retrieve("acme"),
  "customers.update": (customers) => customers.update("acme", { name: "Acme" }),
  "customers.archive": (customers) => customers.archive("acme"),
  "customers.unarchive": (customers) => customers.unarchive("acme"),
  "customers.list": (customers) => customers.listPage(),
  "customers.import": (customers) => customers.import({ customers: [{ id: "acme", email: null, name: null }] }),
  "customers.checkEntitlement": (customers) => customers.checkEntitlement("acme", { featureId: "sso" }),
  "customers.retrieveEntitlements": (customers) => customers.retrieveEntitlements("acme"),
  "customers.listResources": (customers) => customers.listResourcesPage("acme"),
  "customers.listInvoices": (customers) => customers.listInvoicesPage("acme"),
  "customers.listContracts": (customers) => customers.listContracts("acme"),
  "customers.paymentMethod.attach": (customers) =>
    customers.paymentMethod.attach("acme", {
      integrationId: "stripe",
      vendorIdentifier: "STRIPE",
      paymentMethodId: "pm_1"
    }),
  "customers.paymentMethod.detach": (customers) => customers.paymentMethod.detach("acme"),
  "customers.promotionalEntitlements.create": (customers) =>
    customers.promotionalEntitlements.create("acme", [{ featureId: "sso", period: "1 week" }]),
  "customers.promotionalEntitlements.list": (customers) => customers.promotionalEntitlements.listPage("acme"),
  "customers.promotionalEntitlements.revoke": (customers) => customers.promotionalEntitlements.revoke("acme", "sso"),
  "customers.integrations.list": (customers) => customers.integrations.listPage("acme"),
  "customers.integrations.link": (customers) =>
    customers.integrations.link("acme", { id: "stripe", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" }),
  "customers.integrations.retrieve": (customers) => customers.integrations.retrieve("acme", "stripe"),
  "customers.integrations.update": (customers) =>
    customers.integrations.update("acme", "stripe", { syncedEntityId: null }),
  "customers.integrations.unlink": (customers) => customers.integrations.unlink("acme", "stripe")
}

const operations = Object.keys(calls)

/** How a call with this response ends. */
const exitOf = <A>(
  call: (customers: Customers.Service) => Effect.Effect<A, StiggError.StiggError>,
  answer: ScriptedClient.Answer
) =>
  Effect.flatMap(Customers.Customers, call).pipe(
    RetryPolicy.locally({ maxRetries: 0 }),
    Effect.exit,
    Effect.provide(ScriptedClient.services(ScriptedClient.sequence(answer)))
  )

const answered = (operation: string, status: number, body: string) =>
  exitOf(calls[operation] as Call, ScriptedClient.answer(status, body))

const failed = (status: number, body: string) =>
  Effect.map(answered("customers.retrieve", status, body), (exit) =>
    Exit.match(exit, {
      onFailure: (cause) => Cause.squash(cause) as StiggError.StiggError,
      onSuccess: () => expect.fail("the call succeeded")
    })
  )

const nested = (depth: number, inside = "") => "[".repeat(depth) + inside + "]".repeat(depth)
const nestedRecord = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`

/** Not `expect(error).toMatchObject`, which would print the whole error on a mismatch. */
const tagOf = <A, E extends { readonly _tag: string }>(exit: Exit.Exit<A, E>) =>
  Exit.match(exit, {
    onFailure: (cause) =>
      Cause.isFailType(cause) ? cause.error._tag : `no failure: ${Cause.pretty(cause).slice(0, 500)}`,
    onSuccess: () => "success"
  })

it("every operation of the document has a call", () => {
  expect(operations.toSorted()).toEqual(documented.map(({ id }) => id).toSorted())
})

describe("a deeply nested body", () => {
  it.effect.each(operations)("fails %s with ResponseDecodeError", (operation) =>
    Effect.gen(function* () {
      for (const data of [nested(3000), nested(100_000)]) {
        expect(tagOf(yield* answered(operation, 200, `{"data":${data}}`))).toBe("StiggResponseDecodeError")
      }
    })
  )

  it.effect("is ResponseDecodeError in an item of a list, or if it is unterminated", () =>
    Effect.gen(function* () {
      for (const body of [`{"data":[${nested(50_000)}]}`, "[".repeat(100_000), `{"data":${"[".repeat(100_000)}`]) {
        expect(tagOf(yield* answered("customers.list", 200, body))).toBe("StiggResponseDecodeError")
      }
    })
  )

  it.effect.each(["customers.checkEntitlement", "customers.integrations.retrieve"])(
    "is not kept as JSON of an unknown shape by %s, because it could not be encoded again",
    (operation) =>
      Effect.gen(function* () {
        const known = {
          id: "i",
          vendorIdentifier: "STRIPE",
          vendorType: "BILLING",
          syncedEntityId: null,
          type: "SEAT",
          isGranted: true
        }
        const body = (depth: number) =>
          `{"data":${JSON.stringify(known).slice(0, -1)},"syncData":${nestedRecord(depth)}}}`
        expect(tagOf(yield* answered(operation, 200, body(20)))).toBe("success")
        expect(tagOf(yield* answered(operation, 200, body(20_000)))).toBe("StiggResponseDecodeError")
      })
  )

  it.effect.each([400, 401, 404, 409, 418, 429, 500, 502])("does not change the error of a %d", (status) =>
    Effect.gen(function* () {
      for (const body of [
        nested(50_000),
        nestedRecord(50_000),
        `{"message":${nested(10_000)},"code":${nestedRecord(5000)}}`,
        `{"error":${nestedRecord(10_000)}}`,
        `{"errors":${nested(10_000)}}`,
        "[".repeat(100_000)
      ]) {
        const error = yield* failed(status, body)
        expect("status" in error && error.status).toBe(status)
        expect(error._tag).not.toBe("StiggResponseDecodeError")
      }
    })
  )
})

describe("the schema of a raw request", () => {
  interface Tree {
    readonly below: Tree | null
  }
  const Tree: Schema.Schema<Tree> = Schema.Struct({ below: Schema.NullOr(Schema.suspend(() => Tree)) })
  const Throwing = Schema.transform(Schema.Unknown, Schema.Unknown, {
    decode: () => {
      throw new TypeError("a fault of the schema")
    },
    encode: (value) => value
  })
  const Worded = Schema.Number.annotations({
    message: () => {
      throw new TypeError("a fault of the annotation")
    }
  })
  const requested = <A, I>(schema: Schema.Schema<A, I>, body: string) =>
    StiggClient.request({ method: "GET", path: "/api/v1/coupons", schema }).pipe(
      Effect.exit,
      Effect.provide(ScriptedClient.services(ScriptedClient.sequence(ScriptedClient.answer(200, body))))
    )

  it.effect(
    "fails with ResponseDecodeError with that reason if it recurses into a body that is nested too deeply",
    () =>
      Effect.gen(function* () {
        const body = (depth: number) => `${'{"below":'.repeat(depth)}null${"}".repeat(depth)}`
        expect(tagOf(yield* requested(Tree, body(50)))).toBe("success")
        const exit = yield* requested(Tree, body(50_000))
        expect(tagOf(exit)).toBe("StiggResponseDecodeError")
        expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("nested too deep")
      })
  )

  it.effect("fails with ResponseDecodeError with a bounded path if the invalid field is deeply nested", () =>
    Effect.gen(function* () {
      const body = `${'{"below":'.repeat(400)}12${"}".repeat(400)}`
      const error = Cause.squash(
        Exit.match(yield* requested(Tree, body), { onFailure: (cause) => cause, onSuccess: Cause.die })
      )
      expect(error).toBeInstanceOf(StiggError.ResponseDecodeError)
      const { message, path } = error as StiggError.ResponseDecodeError
      expect(path).toMatch(/^below\.below\./)
      expect(path?.length).toBeLessThanOrEqual(200)
      expect(message.length).toBeLessThanOrEqual(1000)
    })
  )

  it.effect("fails with ResponseDecodeError if it throws", () =>
    Effect.gen(function* () {
      expect(tagOf(yield* requested(Throwing, "{}"))).toBe("StiggResponseDecodeError")
      expect(tagOf(yield* requested(Worded, "{}"))).toBe("StiggResponseDecodeError")
    })
  )

  it.effect("can have its own messages", () =>
    Effect.gen(function* () {
      const Positive = Schema.Number.pipe(Schema.positive({ message: () => "must be more than nothing" }))
      const exit = yield* requested(Schema.Struct({ amount: Positive }), '{"amount":-1}')
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("amount is invalid: must be more than nothing")
    })
  )
})

describe("no response causes a defect", () => {
  const statuses = FastCheck.constantFrom(200, 201, 299, 301, 400, 401, 403, 404, 409, 422, 429, 500, 503)

  const hostileText = FastCheck.oneof(
    FastCheck.string({ unit: "binary" }),
    FastCheck.constantFrom("", " ", "\u0000", "\u001b[2J", "\u202e", "\ufeff", "é🎉", "__proto__", "x".repeat(5000))
  )

  const hostileValue = FastCheck.oneof(
    FastCheck.jsonValue(),
    hostileText,
    FastCheck.constantFrom<unknown>(null, true, 0, -0, 1e308, [], {}, [[]], [{}], { "": {} }),
    FastCheck.dictionary(FastCheck.constantFrom("__proto__", "constructor", "toString", "data", "id", ""), hostileText),
    FastCheck.integer({ min: 1, max: 5000 }).map((depth) => JSON.parse(nested(depth)) as unknown)
  )

  /** A value with another one at some position in it. */
  const spoilt = (value: unknown, at: ReadonlyArray<number>, by: unknown): unknown => {
    const [first, ...rest] = at
    if (first === undefined || typeof value !== "object" || value === null) return by
    const entries = Object.entries(value)
    const index = first % Math.max(entries.length, 1)
    const changed = entries.map(([key, child], i) => [key, i === index ? spoilt(child, rest, by) : child] as const)
    return Array.isArray(value) ? changed.map(([, child]): unknown => child) : Object.fromEntries(changed)
  }

  // A value can be too deep for `JSON.stringify`.
  const write = (value: unknown): string => {
    try {
      return JSON.stringify(value)
    } catch {
      return `{"data":${nested(5000)}}`
    }
  }

  it.effect.each(operations)("in %s, whatever its status and body", (operation) =>
    Effect.gen(function* () {
      const response = documented.find(({ id }) => id === operation)?.response ?? {}
      const bodies = FastCheck.oneof(
        hostileText,
        hostileValue.map(write),
        hostileValue.map((data) => write({ data })),
        hostileValue.map((message) => write({ message, code: message, traceId: message, error: message })),
        FastCheck.tuple(FastCheck.array(FastCheck.nat(50), { maxLength: 5 }), hostileValue).map(([at, by]) =>
          write(spoilt(sample(response), at, by))
        )
      )
      for (const [status, body] of FastCheck.sample(FastCheck.tuple(statuses, bodies), { numRuns: 60, seed: 7 })) {
        const exit = yield* answered(operation, status, body)
        expect(tagOf(exit), `${status} ${body.slice(0, 200)}`).toMatch(/^(success|Stigg\w+Error)$/)
        if (Exit.isFailure(exit) && Cause.isFailType(exit.cause)) {
          expect(exit.cause.error.message.length).toBeLessThanOrEqual(1000)
        }
      }
    })
  )
})

// Repeated, because a garbage collection can fall into one of two measurements. Quadratic time fails each time.
describe("a long error body is processed in linear time", { retry: 3 }, () => {
  const megabyte = 2 ** 20
  const bodies: ReadonlyArray<readonly [string, (length: number) => string]> = [
    ["an HTML page that repeats `<title `", (length) => `<html>${"<title ".repeat(length / 7)}`],
    ["a string that repeats `<title>`", (length) => "<title>".repeat(length / 7)],
    ["blanks", (length) => " ".repeat(length)],
    ["line ends", (length) => "\r\n".repeat(length / 2)],
    ["spaces and a word", (length) => `${" ".repeat(length)}x`],
    ["one word", (length) => "x".repeat(length)],
    ["a JSON message of spaces", (length) => `{"message":"x${" ".repeat(length)}x","code":"y"}`]
  ]

  it.live.each(bodies)("%s, of 1.2 MB and of 50 MB", ([, make]) =>
    Effect.gen(function* () {
      for (const [length, millis] of [
        [1.2 * megabyte, 500],
        [50 * megabyte, 3000]
      ] as const) {
        const answer = ScriptedClient.answer(502, make(length))
        // CPU time, because other processes do not add to it.
        const before = process.cpuUsage()
        const exit = yield* exitOf(
          (customers) => RequestOptions.locally(customers.retrieve("acme"), { maxResponseBytes: 0 }),
          answer
        )
        const { system, user } = process.cpuUsage(before)
        expect((system + user) / 1000).toBeLessThan(millis)
        expect(tagOf(exit)).toBe("StiggInternalServerError")
      }
    })
  )

  it.effect("the title of a page is still found", () =>
    Effect.gen(function* () {
      const page = `<!DOCTYPE html><html><head><TITLE lang="en">502 Bad\nGateway</TITLE></head>${"x".repeat(2 ** 21)}`
      expect((yield* failed(502, page)).message).toBe("502 Bad Gateway")
    })
  )
})
