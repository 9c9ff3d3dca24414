import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpMethod from "@effect/platform/HttpMethod"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Operation, StiggApi } from "effect-stigg/testing"
import * as Instance from "../../src/testing/internal/world/Instance.js"
import * as RequestLog from "../../src/testing/internal/journal/RequestLog.js"
import * as Outbox from "../../src/testing/internal/webhooks/Outbox.js"
import * as InProcess from "../../src/testing/internal/http/InProcess.js"
import * as OperationRoutes from "../../src/testing/internal/contract/OperationRoutes.js"
import * as Pipeline from "../../src/testing/internal/middleware/Pipeline.js"
import { json, theirs } from "./document.js"
import { emulated, failure, send } from "./exchange.js"

const endpoints: Array<{ readonly name: string; readonly method: HttpMethod.HttpMethod; readonly path: string }> = []
HttpApi.reflect(StiggApi.StiggApi, {
  onGroup: () => {},
  onEndpoint: ({ endpoint, group }) => {
    endpoints.push({ name: `${group.identifier}.${endpoint.name}`, method: endpoint.method, path: endpoint.path })
  }
})

/** The vendor's document also names an operation as `customers.retrieve`. */
const documented = Object.values(json(theirs["paths"])).flatMap((path) =>
  Object.values(json(path)).map((operation) => String(json(operation)["operationId"]))
)

// @ts-expect-error an operation that is not in the contract is not an `Operation`
const unknown: Operation.Operation = "customers.nothing"

describe("the names of the operations", () => {
  it("are exactly those of the endpoints", () => {
    expect([...Operation.all].sort()).toEqual(endpoints.map(({ name }) => name).sort())
    expect(Operation.all).not.toContain(unknown)
  })

  it("are exactly those of the vendor's document", () => {
    expect([...Operation.all].sort()).toEqual(documented.sort())
  })

  it("are found by the route of each endpoint", () => {
    const found = endpoints.map(({ method, path }) => OperationRoutes.find(method, path)?.operation)
    expect(found).toEqual(endpoints.map(({ name }) => name))
  })
})

describe("a request without a key is rejected with 401", () => {
  const refused = { status: 401, code: "Unauthenticated" }
  const keyless = { headers: { "x-api-key": "" } }
  const pathOf = (path: string) => path.replace(/:\w+/g, "x")

  it.effect.each(endpoints)("to $name", ({ method, path }) =>
    Effect.gen(function* () {
      const body = HttpMethod.hasBody(method) ? { body: {} } : {}
      // The API's document has no other methods.
      const asked = method as "GET" | "POST" | "PATCH" | "DELETE"
      expect(failure(yield* send(asked, pathOf(path), { ...keyless, ...body }))).toEqual(refused)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect.each([
    ["GET", "/api/v1/products"],
    ["POST", "/api/v1/customers/acme/unknown"],
    ["PUT", "/api/v1/customers/acme"],
    ["DELETE", "/api/v1/customers"],
    ["GET", "/"],
    ["GET", "/api/v1/customers/%zz"]
  ] as const)("to a route without an operation: %s %s", ([method, path]) =>
    Effect.gen(function* () {
      expect(failure(yield* send(method, path, keyless))).toEqual(refused)
      expect((yield* send(method, path)).status).toBeOneOf([400, 404])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("to a route that has a handler but no operation", () =>
    Effect.gen(function* () {
      const start = { seed: {}, idSeed: 0, faults: [], limits: Option.none(), journal: 0, webhooks: Outbox.family() }
      const instance = yield* Instance.make("default", start)
      const router = HttpRouter.empty.pipe(
        HttpRouter.get("/api/v1/forgotten", HttpServerResponse.json({ secret: 1 })),
        HttpRouter.use(Pipeline.make({ apiKey: Option.some(Redacted.make("key")), strict: false }))
      )
      const app = yield* HttpRouter.toHttpApp(router)
      const client = InProcess.client(
        Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
          RequestLog.noting(instance.journal, request, (entry) =>
            app.pipe(
              Effect.provideService(Instance.Current, instance),
              Effect.provideService(RequestLog.Current, entry),
              Effect.catchTag("RouteNotFound", Effect.die)
            )
          )
        )
      )
      const statusWith = (key: string) =>
        Effect.map(
          client.get("http://emulator/api/v1/forgotten", { headers: { "x-api-key": key } }),
          ({ status }) => status
        )
      expect(yield* Effect.forEach(["", "another", "key"], statusWith)).toEqual([401, 401, 200])
    })
  )
})
