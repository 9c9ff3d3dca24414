import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as AST from "effect/SchemaAST"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { derive } from "../../../internal/operations/derive.js"
import type {
  AnyDeclaration,
  Declaration,
  Declarations,
  Group,
  PathParam
} from "../../../internal/operations/Declaration.js"
import * as PathParams from "../../../internal/transport/PathParams.js"
import * as Schemas from "../../../Schemas.js"
import * as Query from "./Query.js"

/** The headers that go with a user token: environment and account. */
const environment = {
  "x-account-id": Schema.optional(Schema.String),
  "x-environment-id": Schema.optional(Schema.String)
}
const Headers = Schema.Struct(environment)
const PostHeaders = Schema.Struct({ ...environment, "idempotency-key": Schema.optional(Schema.String) })

type ParamsOf<S extends Schema.Schema.AnyNoContext> = [keyof Schema.Schema.Type<S>] extends [never]
  ? never
  : Schema.Schema.Type<S>

type EndpointOf<Key extends string, D> =
  D extends Declaration<infer Method, infer Path, infer Params, infer Response, infer Pagination>
    ? HttpApiEndpoint.HttpApiEndpoint<
        Key,
        Method,
        [PathParam<Path>] extends [never] ? never : Readonly<Record<PathParam<Path>, string>>,
        Method extends "GET" ? ParamsOf<Params> : never,
        Method extends "GET" ? never : ParamsOf<Params>,
        typeof PostHeaders.Type,
        Pagination extends null
          ? { readonly data: Schema.Schema.Type<Response> }
          : {
              readonly data: ReadonlyArray<Schema.Schema.Type<Response>>
              readonly pagination?: Schemas.Pagination | undefined
            },
        Schemas.ErrorBody
      >
    : never

type EndpointsOf<Ds extends Declarations> = { readonly [Key in keyof Ds & string]: EndpointOf<Key, Ds[Key]> }

/** The endpoints of a group: they define the emulator's responses and its OpenAPI document. */
export const group = <Name extends string, Ds extends Declarations>(
  operations: Group<Name, Ds>
): HttpApiGroup.HttpApiGroup<Name, EndpointsOf<Ds>[keyof Ds & string], never> => {
  const endpoints: EndpointsOf<Ds> = derive(operations.operations, (declaration, key) => ({
    [key]: endpoint(declaration, key)
  }))
  const none: HttpApiGroup.HttpApiGroup<Name, EndpointsOf<Ds>[keyof Ds & string], never> = HttpApiGroup.make(
    operations.name
  )
  return Object.values(endpoints).reduce((all, one) => all.add(one), none)
}

type AnyEndpoint = HttpApiEndpoint.HttpApiEndpoint.AnyWithProps

const endpoint = (declaration: AnyDeclaration, key: string): AnyEndpoint => {
  const { errors, method, params, path, pathParams, status } = declaration
  // The types of the steps depend on the declaration, which the loop does not know. `EndpointOf` states the result.
  const bare = (HttpApiEndpoint.make(method)(key, routePath(path)) as unknown as AnyEndpoint)
    .setHeaders(method === "POST" ? PostHeaders : Headers)
    .addSuccess(success(declaration), { status })
  const located: AnyEndpoint = path.includes("{") ? bare.setPath(PathParams.schema(path, pathParams)) : bare
  const complete: AnyEndpoint =
    params === null
      ? located
      : method === "GET"
        ? located.setUrlParams(Query.fromParams(params, declaration.pagination))
        : located.setPayload(declaration.strictBody ? strict(params) : params)
  return [...everyError, ...errors].reduce((one, status) => one.addError(failures[status]), complete)
}

/** Converts a path to the router's syntax: `/customers/:id` for `/customers/{id}`. */
export const routePath = (path: string): HttpApiEndpoint.PathSegment =>
  `/${path.slice(1).replace(/\{([^{}]+)\}/g, ":$1")}`

const success = ({ pagination, response }: AnyDeclaration): Schema.Schema.AnyNoContext =>
  pagination === null
    ? Schema.Struct({ data: response })
    : Schema.Struct({
        data: Schema.Array(response),
        pagination: Schema.optional(pagination === "opaque" ? Schemas.OpaquePagination : Schemas.Pagination)
      })

/** A body that rejects unknown fields. The annotation removes the identifier, so it is set again. */
const strict = (schema: Schema.Schema.AnyNoContext): Schema.Schema.AnyNoContext =>
  schema.annotations({ identifier: identifierOf(schema), parseOptions: { onExcessProperty: "error" } })

/** The name of a schema in the document. */
export const identifierOf = ({ ast }: Schema.Schema.AnyNoContext): string =>
  Option.getOrElse(AST.getIdentifierAnnotation(ast), () => "")

const failure = <A, I>(identifier: string, schema: Schema.Schema<A, I>, status: number): Schema.Schema<A, I> =>
  schema.annotations(HttpApiSchema.annotations({ identifier, status }))

/** The responses that every operation can have. */
const everyError = [400, 401, 403, 429] as const

const failures = {
  400: failure("BadInputError", Schemas.BadInputError, 400),
  401: failure("UnauthenticatedError", Schemas.UnauthenticatedError, 401),
  403: failure("ForbiddenError", Schemas.ForbiddenError, 403),
  404: failure("NotFoundError", Schemas.NotFoundError, 404),
  409: failure("ConflictError", Schemas.ConflictError, 409),
  429: failure("TooManyRequestsError", Schemas.TooManyRequestsError, 429)
} as const
