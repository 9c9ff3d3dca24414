import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Context from "effect/Context"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Schemas from "../../../Schemas.js"
import * as Act from "../../Act.js"
import * as Faults from "../../Faults.js"
import * as Inspection from "../../Inspection.js"
import * as Journal from "../../Journal.js"
import { EventName } from "../webhooks/EventName.js"
import { RuleSchema as WebhookRule } from "../webhooks/Fault.js"
import * as Nearest from "../contract/Nearest.js"
import * as NamedSeed from "../seed/NamedSeed.js"
import { OperationSchema } from "../contract/OperationSchema.js"

/** The path prefix of the control routes. No API path starts with it. */
export const prefix = "/_emulator"

/** The paths of the control routes by name. `GET /_emulator` answers with them. */
export const paths = {
  health: `${prefix}/health`,
  docs: `${prefix}/docs`,
  openapi: `${prefix}/openapi.json`,
  control: `${prefix}/control.json`,
  snapshot: `${prefix}/snapshot`,
  save: `${prefix}/save`,
  load: `${prefix}/load`,
  seed: `${prefix}/seed`,
  reset: `${prefix}/reset`,
  customers: `${prefix}/customers`,
  entitlements: `${prefix}/entitlements`,
  time: `${prefix}/time`,
  faults: `${prefix}/faults`,
  requests: `${prefix}/requests`,
  verify: `${prefix}/verify`,
  worlds: `${prefix}/worlds`,
  acts: `${prefix}/acts`,
  webhooks: `${prefix}/webhooks`,
  webhookMessages: `${prefix}/webhooks/messages`,
  webhookDeliveries: `${prefix}/webhooks/deliveries`,
  webhookResend: `${prefix}/webhooks/resend`,
  webhookFaults: `${prefix}/webhooks/faults`
} as const

/** The body of the example in the help, and on the page; of a GET, its query. */
export class Example extends Context.Tag("effect-stigg/testing/ControlExample")<Example, string>() {}

const strict = { parseOptions: { onExcessProperty: "error" } } as const

/** The query of a route that takes none. A struct without fields would accept any: it has no strict form. */
const NoQuery = Schema.Struct({}).pipe(
  Schema.filter((query) =>
    Object.keys(query).map((field) => ({ path: [field], message: "is unexpected, expected: nothing" }))
  )
)

/** The world that a request is about. It can also be chosen by an API key in `X-API-KEY`. */
const chosen = { world: Schema.optional(Schema.String) }
const Chosen = Schema.Struct(chosen).annotations(strict)

const list = <A, I>(item: Schema.Schema<A, I>) => Schema.Struct({ data: Schema.Array(item) })

const failed = (identifier: string, status: number) =>
  Schemas.BadInputError.annotations(HttpApiSchema.annotations({ identifier, status }))

const BadControl = failed("BadControlError", 400)
const NotVerified = failed("NotVerifiedError", 409)

export const Time = Schema.Struct({ now: Schema.String, isPaused: Schema.Boolean }).annotations({ identifier: "Time" })

/** How to move the time. It can only be moved forward. */
export const TimeChange = Schema.Struct({
  set: Schema.optional(Schemas.Timestamp),
  advance: Schema.optional(Schema.String),
  pause: Schema.optional(Schema.Boolean)
}).annotations({ identifier: "TimeChange", ...strict })

const scenarios = ["outage", "slow", "flaky", "throttled"] as const

/** A scenario by its name. */
export const Scenario = Schema.Struct({
  scenario: Schema.Literal(...scenarios).annotations({ message: Nearest.message("scenario", scenarios) })
}).annotations({ identifier: "Scenario", ...strict })

const World = Schema.Struct({ name: Schema.String, time: Time }).annotations({ identifier: "World" })

/** Which requests to return: those that match all of these, of them the last `limit`. */
export const RequestQuery = Schema.Struct({
  ...chosen,
  operation: Schema.optional(OperationSchema),
  customerId: Schema.optional(Schema.String),
  method: Schema.optional(Schema.String),
  path: Schema.optional(Schema.String),
  status: Schema.optional(Schema.NumberFromString.pipe(Schema.int())),
  limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative()))
}).annotations(strict)

const anything = Schema.optional(Schema.Array(Schema.Unknown))

/** The name of a seed, or its shape, for the document. The handler decodes the whole of it. */
const SeedBody = Schema.Union(
  Schema.String.annotations({ description: NamedSeed.names }),
  Schema.Struct({
    features: anything,
    currencies: anything,
    plans: anything,
    customers: anything
  }).annotations({ identifier: "Seed" })
)

const Count = Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())

const CustomerQuery = Schema.Struct({
  ...chosen,
  search: Schema.optional(Schema.String),
  after: Schema.optional(Count),
  limit: Schema.optional(Count.pipe(Schema.between(1, 1000)))
}).annotations(strict)

const EntitlementQuery = Schema.Struct({
  ...chosen,
  customerId: Schema.String,
  resourceId: Schema.optional(Schema.String)
}).annotations(strict)

const get = <const Name extends string>(name: Name, path: HttpApiEndpoint.PathSegment, summary: string) =>
  HttpApiEndpoint.get(name, path).setUrlParams(NoQuery).addError(BadControl).annotate(OpenApi.Summary, summary)

const post = <const Name extends string>(
  name: Name,
  path: HttpApiEndpoint.PathSegment,
  summary: string,
  example: unknown
) =>
  HttpApiEndpoint.post(name, path)
    .setUrlParams(NoQuery)
    .addError(BadControl)
    .annotate(OpenApi.Summary, summary)
    .annotate(Example, typeof example === "string" ? example : JSON.stringify(example))

const remove = <const Name extends string>(name: Name, path: HttpApiEndpoint.PathSegment, summary: string) =>
  HttpApiEndpoint.del(name, path).setUrlParams(NoQuery).addError(BadControl).annotate(OpenApi.Summary, summary)

const about = HttpApiGroup.make("emulator")
  .add(
    get(
      "paths",
      prefix,
      "the paths of these routes; in a browser, a page that shows and controls the state"
    ).addSuccess(Schema.Unknown)
  )
  .add(get("health", paths.health, "whether it is ready").addSuccess(Schema.Struct({ status: Schema.Literal("ok") })))
  .add(get("docs", paths.docs, "a page to try the API on").addSuccess(HttpApiSchema.Text({ contentType: "text/html" })))
  .add(get("openapi", paths.openapi, "the OpenAPI document").addSuccess(Schema.Unknown))
  .add(get("control", paths.control, "the OpenAPI document of these routes").addSuccess(Schema.Unknown))

const state = HttpApiGroup.make("emulator.state")
  .add(get("snapshot", paths.snapshot, "the whole state, to look at").setUrlParams(Chosen).addSuccess(Schema.Unknown))
  .add(get("save", paths.save, "the whole state, to load again").setUrlParams(Chosen).addSuccess(Schema.Unknown))
  .add(
    post("load", paths.load, "replace the whole state by a saved one", "@save.json")
      .setUrlParams(Chosen)
      .setPayload(Schema.Array(Schema.Unknown))
      .addSuccess(Schema.Struct({}))
  )
  .add(
    post("seed", paths.seed, 'replace the catalogue and the customers, also by a name such as "demo"', {
      customers: [{ id: "customer-acme" }]
    })
      .setUrlParams(Chosen)
      .setPayload(SeedBody)
      .addSuccess(Schema.Struct({}))
  )
  .add(
    post("reset", paths.reset, "make all as it was at the start, but for webhooks that were added", {})
      .setUrlParams(Chosen)
      .setPayload(Schema.Struct({}))
      .addSuccess(Schema.Struct({}))
  )

const inspection = HttpApiGroup.make("emulator.inspection")
  .add(
    get("customers", paths.customers, "customers, newest first, with a part of an id, name or email in search")
      .setUrlParams(CustomerQuery)
      .addSuccess(Inspection.CustomerPage)
  )
  .add(
    get("entitlements", paths.entitlements, "the entitlements of the customer customerId, and why")
      .setUrlParams(EntitlementQuery)
      .addSuccess(list(Inspection.ExplainedEntitlement))
      .annotate(Example, "?customerId=customer-acme")
  )

const time = HttpApiGroup.make("emulator.time")
  .add(get("get", paths.time, "the time").setUrlParams(Chosen).addSuccess(Time))
  .add(
    post("move", paths.time, "set, advance, or pause the time", { advance: "14 days" })
      .setUrlParams(Chosen)
      .setPayload(TimeChange)
      .addSuccess(Time)
  )

/** A fault that makes a call fail in spite of its two retries. */
const outage: Faults.Rule = { operation: "customers.retrieve", fault: Faults.status(503), times: 3 }

const faults = HttpApiGroup.make("emulator.faults")
  .add(get("list", paths.faults, "the active faults").setUrlParams(Chosen).addSuccess(list(Faults.Rule)))
  .add(
    post("inject", paths.faults, "inject a fault, a list of faults, or a scenario", outage)
      .setUrlParams(Chosen)
      .setPayload(Schema.Union(Faults.Rule, Schema.Array(Faults.Rule), Scenario))
      .addSuccess(list(Faults.Rule), { status: 201 })
  )
  .add(remove("clear", paths.faults, "remove all faults").setUrlParams(Chosen).addSuccess(list(Faults.Rule)))

const requests = HttpApiGroup.make("emulator.requests")
  .add(
    get("list", paths.requests, "the last requests received")
      .setUrlParams(RequestQuery)
      .addSuccess(list(Journal.Received))
  )
  .add(remove("clear", paths.requests, "forget them").setUrlParams(Chosen).addSuccess(list(Journal.Received)))
  .add(
    post("verify", paths.verify, "check that requests were received", { operation: "customers.archive", times: 0 })
      .setUrlParams(Chosen)
      .setPayload(Journal.Expectation)
      .addSuccess(Schema.Struct({ count: Schema.Number }))
      .addError(NotVerified)
  )

const worlds = HttpApiGroup.make("emulator.worlds")
  .add(get("list", paths.worlds, "the worlds, with --worlds by-key one for each API key").addSuccess(list(World)))
  .add(
    remove("remove", paths.worlds, "remove a world, which its next use makes anew")
      .setUrlParams(Chosen)
      // Not the worlds that are left: each of thousands of tests may remove its own.
      .addSuccess(Schema.Struct({}))
  )

const acts = HttpApiGroup.make("emulator.acts").add(
  post(
    "act",
    paths.acts,
    "change what the API cannot: usage, subscriptions, plans, credits, payments",
    Act.reportUsage({ customerId: "customer-acme", of: "feature-seats", value: 1 })
  )
    .setUrlParams(Chosen)
    .setPayload(Act.Act)
    .addSuccess(Schema.Struct({}))
)

const events = Schema.optional(Schema.Array(EventName))
const Webhook = Schema.Struct({ url: Schema.String, events }).annotations({ identifier: "Webhook" })

/** Where to send events, from now on. */
export const NewWebhook = Schema.Struct({ url: Schema.String, secret: Schema.String, events }).annotations({
  identifier: "NewWebhook",
  ...strict
})

/** The message to send again. By default all that failed or were dropped. */
export const Resend = Schema.Struct({ messageId: Schema.optional(Schema.String) }).annotations({
  identifier: "Resend",
  ...strict
})

const Message = Schema.Struct({
  messageId: Schema.String,
  type: EventName,
  customerId: Schema.String,
  timestamp: Schema.String,
  body: Schema.Record({ key: Schema.String, value: Schema.Unknown })
}).annotations({ identifier: "WebhookMessage" })

const Delivery = Schema.Struct({
  messageId: Schema.String,
  type: EventName,
  url: Schema.String,
  attempt: Schema.Int,
  outcome: Schema.Literal("delivered", "retrying", "failed", "dropped"),
  status: Schema.NullOr(Schema.Int),
  error: Schema.NullOr(Schema.String),
  fault: Schema.NullOr(Schema.Literal("duplicate", "disorder", "drop")),
  at: Schema.String
}).annotations({ identifier: "WebhookDelivery" })

const webhooks = HttpApiGroup.make("emulator.webhooks")
  .add(get("list", paths.webhooks, "where events are sent").setUrlParams(Chosen).addSuccess(list(Webhook)))
  .add(
    post("add", paths.webhooks, "send events to a URL from now on", {
      url: "http://127.0.0.1:3000/webhooks/stigg",
      secret: "any secret"
    })
      .setUrlParams(Chosen)
      .setPayload(NewWebhook)
      .addSuccess(list(Webhook), { status: 201 })
  )
  .add(
    remove("remove", paths.webhooks, "send no more events to the URLs that were added here")
      .setUrlParams(Chosen)
      .addSuccess(list(Webhook))
  )
  .add(get("messages", paths.webhookMessages, "the last messages").setUrlParams(Chosen).addSuccess(list(Message)))
  .add(
    get("deliveries", paths.webhookDeliveries, "the last tries to send a message")
      .setUrlParams(Chosen)
      .addSuccess(list(Delivery))
  )
  .add(
    post("resend", paths.webhookResend, "send a message again, or all that failed", {})
      .setUrlParams(Chosen)
      .setPayload(Resend)
      .addSuccess(Schema.Struct({}))
  )
  .add(
    get("faults", paths.webhookFaults, "the active faults of webhooks")
      .setUrlParams(Chosen)
      .addSuccess(list(WebhookRule))
  )
  .add(
    post("inject", paths.webhookFaults, "inject a fault of webhooks: duplicate, disorder, or drop", {
      fault: { type: "drop" },
      event: "entitlements.updated",
      times: 1
    })
      .setUrlParams(Chosen)
      .setPayload(WebhookRule)
      .addSuccess(list(WebhookRule), { status: 201 })
  )
  .add(
    remove("clear", paths.webhookFaults, "remove all faults of webhooks")
      .setUrlParams(Chosen)
      .addSuccess(list(WebhookRule))
  )

/**
 * The control routes, for programs in any language. With a world for each API key, a request is about the world of the
 * key in `X-API-KEY`, or of the name in the query parameter `world`.
 */
export const ControlApi = HttpApi.make("effect-stigg-emulator")
  .add(about)
  .add(state)
  .add(inspection)
  .add(time)
  .add(faults)
  .add(requests)
  .add(worlds)
  .add(acts)
  .add(webhooks)
  .annotate(OpenApi.Title, "Controls of the Stigg emulator")
  .annotate(OpenApi.Version, "0.1.0")
  .annotate(OpenApi.Transform, (document) => withoutDecodeErrors(document))

/** The OpenAPI document of the control routes. */
export const document = (): OpenApi.OpenAPISpec => OpenApi.fromApi(ControlApi)

/** A bad request is answered like any other, not with the error of `HttpApi`. */
const withoutDecodeErrors = (document: Record<string, unknown>): Record<string, unknown> => {
  for (const path of Object.values(record(document["paths"]))) {
    for (const operation of Object.values(record(path))) {
      const response = record(record(record(operation)["responses"])["400"])
      response["description"] = "A mistake: it names the field, and nothing changes"
      response["content"] = { "application/json": { schema: { $ref: "#/components/schemas/BadControlError" } } }
    }
  }
  const components = record(document["components"])
  const { HttpApiDecodeError: _, Issue: __, PropertyKey: ___, ...schemas } = record(components["schemas"])
  return { ...document, components: { ...components, schemas } }
}

const record = (value: unknown): Record<string, unknown> => (Predicate.isRecord(value) ? value : {})
