import { beforeAll, describe, expect, it } from "@effect/vitest"
import { compile } from "./project.js"

/** The compiler's errors when a part of an operation is missing or wrong. */

const imports = `
import type { Effect, Stream } from "effect"
import * as Handled from "effect/Effect"
import * as Schema from "effect/Schema"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Emulator, Faults, type Operation } from "effect-stigg/testing"
import type { Page } from "../../src/Pagination.js"
import type { StiggError } from "../../src/StiggError.js"
import type { Service as StiggClient } from "../../src/StiggClient.js"
import * as Client from "../../src/internal/operations/Client.js"
import * as Declaration from "../../src/internal/operations/Declaration.js"
import * as Endpoints from "../../src/testing/internal/contract/Endpoints.js"
import { PageParams } from "../../src/schemas/PageParams.js"

declare const client: StiggClient
const Report = Schema.Struct({ text: Schema.String })
const reports = Declaration.group("reports", {
  retrieve: Declaration.get("/api/v1/reports/{id}", { response: Report, errors: [404] }),
  list: Declaration.list("/api/v1/reports", { params: PageParams, response: Report }),
  rename: Declaration.patch("/api/v1/reports/{id}", { params: Report, response: Report, writes: () => [] })
})
class Api extends HttpApi.make("reports").add(Endpoints.group(reports)) {}
const done = Handled.succeed(HttpServerResponse.empty())
`

const service = (methods: {
  readonly retrieve?: string
  readonly list?: string
  readonly rename?: string
  readonly more?: string
}) => `
  interface Service {
    ${methods.retrieve ?? "readonly retrieve: (id: string) => Effect.Effect<typeof Report.Type, StiggError>"}
    ${methods.list ?? "readonly list: (params?: PageParams) => Stream.Stream<typeof Report.Type, StiggError>"}
    readonly listPages: (params?: PageParams) => Stream.Stream<Page<typeof Report.Type>, StiggError>
    readonly listPage: (params?: PageParams) => Effect.Effect<Page<typeof Report.Type>, StiggError>
    ${methods.rename ?? "readonly rename: (id: string, params: typeof Report.Type) => Effect.Effect<typeof Report.Type, StiggError>"}
    ${methods.more ?? ""}
  }
  export const service: Service = Client.make<Service>()(reports, client)`

const declared = (declaration: string) => `export const group = Declaration.group("made", { up: ${declaration} })`

const handlers = (more: string) => `
  export const layer = HttpApiBuilder.group(Api, "reports", (handlers) =>
    handlers.handle("retrieve", ({ path }) => (path.id satisfies string, done)).handle("list", () => done)${more})`

const accepted: Readonly<Record<string, string>> = {
  "a declaration of each method": `export const group = Declaration.group("made", {
      post: Declaration.post("/a", { params: Report, response: Report, writes: ({ params }) => [params.text] }),
      patch: Declaration.patch("/a/{id}", { params: Report, response: Report, writes: ({ path }) => [path.id] }),
      remove: Declaration.remove("/a/{id}/{key}", { response: Report, writes: ({ path }) => [path.id, path.key] })
    })`,
  "a service that documents each method": service({}),
  "handlers for each operation": handlers(`.handle("rename", ({ payload }) => (payload.text satisfies string, done))`),
  "a fault for an operation": `Emulator.inject({ fault: Faults.status(503), operation: "customers.retrieve" })`,
  "the name of an operation": `export const name: Operation.Operation = "customers.integrations.link"`
}

const refused: ReadonlyArray<readonly [name: string, code: string, message: string]> = [
  ["a POST without writes", declared(`Declaration.post("/a", { response: Report })`), `Property 'writes' is missing`],
  ["a PATCH without writes", declared(`Declaration.patch("/a", { response: Report })`), `Property 'writes' is missing`],
  [
    "a DELETE without writes",
    declared(`Declaration.remove("/a", { response: Report })`),
    `Property 'writes' is missing`
  ],
  ["an operation without a response", declared(`Declaration.get("/a", {})`), `Property 'response' is missing`],
  ["a list without params", declared(`Declaration.list("/a", { response: Report })`), `Property 'params' is missing`],
  [
    "writes that read a path parameter that the path lacks",
    declared(`Declaration.post("/a/{id}", { response: Report, writes: ({ path }) => [path.customerId] })`),
    `Property 'customerId' does not exist`
  ],
  [
    "writes that read params that the operation lacks",
    declared(`Declaration.post("/a", { params: Report, response: Report, writes: ({ params }) => [params.id] })`),
    `Property 'id' does not exist`
  ],
  [
    "the schema of a path parameter that the path lacks",
    declared(`Declaration.get("/a/{id}", { pathParams: { key: Schema.String }, response: Report })`),
    `'key' does not exist`
  ],
  ["a path without its first slash", declared(`Declaration.get("a", { response: Report })`), `not assignable`],
  [
    "an error that no operation documents",
    declared(`Declaration.get("/a", { response: Report, errors: [418] })`),
    `'418' is not assignable`
  ],
  ["an operation that the service does not document", service({ rename: "" }), `undocumented: "rename"`],
  [
    "a method that is documented without its params",
    service({ list: "readonly list: () => Stream.Stream<typeof Report.Type, StiggError>" }),
    `undocumented: "list"`
  ],
  [
    "a method that is documented with another result",
    service({ retrieve: "readonly retrieve: (id: string) => Effect.Effect<unknown, StiggError>" }),
    `undocumented: "retrieve"`
  ],
  [
    "a method that no operation declares",
    service({ more: "readonly archive: (id: string) => Effect.Effect<typeof Report.Type, StiggError>" }),
    `Property 'archive' is missing`
  ],
  ["an operation without a handler", handlers(""), `Endpoint not handled: rename`],
  ["a handler of an unknown operation", handlers(`.handle("rname", () => done)`), `'"rname"' is not assignable`],
  [
    "a handler that reads a path parameter that the path lacks",
    handlers(`.handle("rename", ({ path }) => (path.key, done))`),
    `Property 'key' does not exist`
  ],
  [
    "a handler that reads a field that the body lacks",
    handlers(`.handle("rename", ({ payload }) => (payload.name, done))`),
    `Property 'name' does not exist`
  ],
  [
    "a fault for an unknown operation",
    `Emulator.inject({ fault: Faults.status(503), operation: "customers.retrive" })`,
    `'"customers.retrive"' is not assignable`
  ],
  [
    "an unknown operation name",
    `export const name: Operation.Operation = "customers.retrive"`,
    `'"customers.retrive"' is not assignable`
  ]
]

const compiled = compile(
  new Map([...Object.entries(accepted), ...refused].map(([name, code]) => [name, imports + code] as const))
)

describe("the compiler", () => {
  // The first question makes the compiler check everything.
  beforeAll(() => {
    compiled("a declaration of each method")
  }, 60_000)

  it.each(Object.keys(accepted))("accepts %s", (name) => {
    expect(compiled(name)).toEqual([])
  })

  it.each(refused)("rejects %s", (name, _, message) => {
    expect(compiled(name).join("\n")).toContain(message)
  })
})
