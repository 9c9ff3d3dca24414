/**
 * The contract of the API, as a value.
 *
 * @since 0.1.0
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Schemas from "../Schemas.js"
import * as Query from "./internal/contract/Query.js"

const customers = "/api/v1/customers"
const customer = `${customers}/:id` as const

/** The headers of a user token's environment. */
const environment = {
  "x-account-id": Schema.optional(Schema.String),
  "x-environment-id": Schema.optional(Schema.String)
}
const Headers = Schema.Struct(environment)
const PostHeaders = Schema.Struct({ ...environment, "idempotency-key": Schema.optional(Schema.String) })

const Id = Schema.Struct({ id: Schemas.PathSegment })
const IntegrationId = Schema.Struct({ id: Schemas.PathSegment, integrationId: Schemas.PathSegment })
const FeatureId = Schema.Struct({ id: Schemas.PathSegment, featureId: Schemas.GrantedFeatureId })

/** A body in which an unknown field is a bad request. An annotation takes the identifier away, so it is given again. */
const strict = <A, I>(identifier: string, schema: Schema.Schema<A, I>): Schema.Schema<A, I> =>
  schema.annotations({ identifier, parseOptions: { onExcessProperty: "error" } })

const failure = <A, I>(identifier: string, schema: Schema.Schema<A, I>, status: number): Schema.Schema<A, I> =>
  schema.annotations(HttpApiSchema.annotations({ identifier, status }))

const BadInput = failure("BadInputError", Schemas.BadInputError, 400)
const Unauthenticated = failure("UnauthenticatedError", Schemas.UnauthenticatedError, 401)
const Forbidden = failure("ForbiddenError", Schemas.ForbiddenError, 403)
const NotFound = failure("NotFoundError", Schemas.NotFoundError, 404)
const Conflict = failure("ConflictError", Schemas.ConflictError, 409)
const TooManyRequests = failure("TooManyRequestsError", Schemas.TooManyRequestsError, 429)

const data = <A, I>(schema: Schema.Schema<A, I>) => Schema.Struct({ data: schema })

const page = <A, I>(
  schema: Schema.Schema<A, I>,
  pagination: Schema.Schema<Schemas.Pagination, Schemas.ResponseJson<Schemas.Pagination>> = Schemas.Pagination
) => Schema.Struct({ data: Schema.Array(schema), pagination: Schema.optional(pagination) })

/** What every operation may answer beside its success. */
const read = <Name extends string, A, I>(name: Name, path: HttpApiEndpoint.PathSegment, success: Schema.Schema<A, I>) =>
  HttpApiEndpoint.get(name, path)
    .setHeaders(Headers)
    .addSuccess(success)
    .addError(BadInput)
    .addError(Unauthenticated)
    .addError(Forbidden)
    .addError(TooManyRequests)

const post = <Name extends string, A, I>(
  name: Name,
  path: HttpApiEndpoint.PathSegment,
  success: Schema.Schema<A, I>,
  status = 200
) =>
  HttpApiEndpoint.post(name, path)
    .setHeaders(PostHeaders)
    .addSuccess(success, { status })
    .addError(BadInput)
    .addError(Unauthenticated)
    .addError(Forbidden)
    .addError(TooManyRequests)

const patch = <Name extends string, A, I>(
  name: Name,
  path: HttpApiEndpoint.PathSegment,
  success: Schema.Schema<A, I>
) =>
  HttpApiEndpoint.patch(name, path)
    .setHeaders(Headers)
    .addSuccess(success)
    .addError(BadInput)
    .addError(Unauthenticated)
    .addError(Forbidden)
    .addError(NotFound)
    .addError(TooManyRequests)

const remove = <Name extends string, A, I>(
  name: Name,
  path: HttpApiEndpoint.PathSegment,
  success: Schema.Schema<A, I>
) =>
  HttpApiEndpoint.del(name, path)
    .setHeaders(Headers)
    .addSuccess(success)
    .addError(BadInput)
    .addError(Unauthenticated)
    .addError(Forbidden)
    .addError(NotFound)
    .addError(TooManyRequests)

const Customers = HttpApiGroup.make("customers")
  .add(
    post("provision", customers, data(Schemas.Customer), 201)
      .setPayload(strict("ProvisionCustomer", Schemas.ProvisionCustomer))
      .addError(Conflict)
  )
  .add(
    read("list", customers, page(Schemas.Customer)).setUrlParams(
      Schema.Struct({
        ...Query.page,
        ...Query.createdAt,
        email: Schema.optional(Query.Text),
        name: Schema.optional(Query.Text)
      })
    )
  )
  .add(post("import", `${customers}/import`, data(Schemas.ImportResult)).setPayload(Schemas.ImportCustomers))
  .add(read("retrieve", customer, data(Schemas.Customer)).setPath(Id).addError(NotFound))
  .add(
    patch("update", customer, data(Schemas.Customer))
      .setPath(Id)
      .setPayload(strict("UpdateCustomer", Schemas.UpdateCustomer))
  )
  .add(post("archive", `${customer}/archive`, data(Schemas.Customer)).setPath(Id).addError(NotFound))
  .add(post("unarchive", `${customer}/unarchive`, data(Schemas.Customer)).setPath(Id).addError(NotFound))
  .add(
    read("retrieveEntitlements", `${customer}/entitlements`, data(Schemas.EntitlementsState))
      .setPath(Id)
      .setUrlParams(Schema.Struct({ resourceId: Schema.optional(Query.Id) }))
      .addError(NotFound)
  )
  .add(
    read("checkEntitlement", `${customer}/entitlements/check`, data(Schemas.Entitlement))
      .setPath(Id)
      .setUrlParams(
        Schema.Struct({
          featureId: Schema.optional(Query.Id),
          currencyId: Schema.optional(Query.Id),
          requestedUsage: Schema.optional(Query.wholeNumber(0, Infinity)),
          requestedValues: Schema.optional(Query.list),
          resourceId: Schema.optional(Query.Id)
        })
      )
      .addError(NotFound)
  )
  .add(
    read("listContracts", `${customer}/contracts`, data(Schema.Array(Schemas.Contract)))
      .setPath(Id)
      .addError(NotFound)
  )
  .add(
    read("listInvoices", `${customer}/invoices`, page(Schemas.Invoice, Schemas.OpaquePagination))
      .setPath(Id)
      .setUrlParams(
        Schema.Struct({
          ...Query.opaquePage,
          contractExternalId: Schema.optional(Schema.String),
          issuedAfter: Schema.optional(Query.moment),
          issuedBefore: Schema.optional(Query.moment),
          orderBy: Schema.optional(Schema.Literal("issueDate", "dueDate", "total")),
          orderDir: Schema.optional(Schema.Literal("ASC", "DESC")),
          stateIn: Schema.optional(Query.list)
        })
      )
      .addError(NotFound)
  )
  .add(
    read("listResources", `${customer}/resources`, page(Schemas.CustomerResource))
      .setPath(Id)
      .setUrlParams(Schema.Struct(Query.page))
      .addError(NotFound)
  )

const PaymentMethod = HttpApiGroup.make("customers.paymentMethod")
  .add(
    post("attach", `${customer}/payment-method`, data(Schemas.Customer))
      .setPath(Id)
      .setPayload(Schemas.AttachPaymentMethod)
      .addError(NotFound)
  )
  .add(remove("detach", `${customer}/payment-method`, data(Schemas.Customer)).setPath(Id))

const promotionalEntitlements = `${customer}/promotional-entitlements` as const

const PromotionalEntitlements = HttpApiGroup.make("customers.promotionalEntitlements")
  .add(
    post("create", promotionalEntitlements, data(Schema.Array(Schemas.PromotionalEntitlement)))
      .setPath(Id)
      .setPayload(Schemas.GrantPromotionalEntitlements)
      .addError(NotFound)
      .addError(Conflict)
  )
  .add(
    read("list", promotionalEntitlements, page(Schemas.PromotionalEntitlement))
      .setPath(Id)
      .setUrlParams(Schema.Struct({ ...Query.page, ...Query.createdAt, status: Schema.optional(Query.list) }))
      .addError(NotFound)
  )
  .add(
    remove("revoke", `${promotionalEntitlements}/:featureId`, data(Schemas.PromotionalEntitlement)).setPath(FeatureId)
  )

const integrations = `${customer}/integrations` as const

const Integrations = HttpApiGroup.make("customers.integrations")
  .add(
    read("list", integrations, page(Schemas.Integration))
      .setPath(Id)
      .setUrlParams(Schema.Struct({ ...Query.page, vendorIdentifier: Schema.optional(Query.list) }))
      .addError(NotFound)
  )
  .add(
    post("link", integrations, data(Schemas.Integration))
      .setPath(Id)
      .setPayload(Schemas.LinkIntegration)
      .addError(NotFound)
      .addError(Conflict)
  )
  .add(
    read("retrieve", `${integrations}/:integrationId`, data(Schemas.Integration))
      .setPath(IntegrationId)
      .addError(NotFound)
  )
  .add(
    patch("update", `${integrations}/:integrationId`, data(Schemas.Integration))
      .setPath(IntegrationId)
      .setPayload(Schemas.UpdateIntegration)
  )
  .add(remove("unlink", `${integrations}/:integrationId`, data(Schemas.Integration)).setPath(IntegrationId))

/**
 * The contract of the API's customers operations, which the emulator answers by.
 *
 * @example
 * import { StiggApi } from "effect-stigg/testing"
 *
 * console.log(Object.keys(StiggApi.StiggApi.groups))
 *
 * @category contract
 * @since 0.1.0
 */
export class StiggApi extends HttpApi.make("stigg")
  .add(Customers)
  .add(PaymentMethod)
  .add(PromotionalEntitlements)
  .add(Integrations)
  .annotate(OpenApi.Title, "Stigg customers API, emulated")
  .annotate(OpenApi.Version, "0.1.0")
  .annotate(OpenApi.Transform, (document) => documented(document)) {}

/**
 * The OpenAPI document of the contract.
 *
 * @example
 * import { StiggApi } from "effect-stigg/testing"
 *
 * console.log(Object.keys(StiggApi.document().paths).length) // 15
 *
 * @category contract
 * @since 0.1.0
 */
export const document = (): OpenApi.OpenAPISpec => OpenApi.fromApi(StiggApi)

/** Either way to authenticate, which the emulator checks before it reads a request. */
const credentials = {
  security: [{ ApiKeyAuth: [] }, { UserToken: [] }],
  schemes: {
    ApiKeyAuth: { type: "apiKey", in: "header", name: "X-API-KEY" },
    UserToken: { type: "http", scheme: "bearer" }
  }
}

/** What `HttpApi` cannot be told: the credentials, and that an undecodable request is answered like any other bad one. */
const documented = (closed: Record<string, unknown>): Record<string, unknown> => {
  const document = record(opened(closed))
  const components = record(document["components"])
  const { HttpApiDecodeError: _, Issue: __, PropertyKey: ___, ...schemas } = record(components["schemas"])
  for (const strict of ["ProvisionCustomer", "UpdateCustomer"]) record(schemas[strict])["additionalProperties"] = false
  const badInput = { $ref: "#/components/schemas/BadInputError" }
  for (const path of Object.values(record(document["paths"]))) {
    for (const operation of Object.values(record(path)).map(record)) {
      // Of its own accord each says that it needs none, and a page that sends requests believes it.
      operation["security"] = credentials.security
      const response = record(record(operation["responses"])["400"])
      response["description"] = "BadInput"
      response["content"] = { "application/json": { schema: badInput } }
    }
  }
  return {
    ...document,
    security: credentials.security,
    components: { ...components, schemas, securitySchemes: credentials.schemes }
  }
}

/** A copy without its `additionalProperties: false`: responses grow, and most requests are read as leniently. */
const opened = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(opened)
  if (!Predicate.isRecord(node)) return node
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) =>
      key === "additionalProperties" && value === false ? [] : [[key, opened(value)]]
    )
  )
}

const record = (value: unknown): Record<string, unknown> => (Predicate.isRecord(value) ? value : {})
