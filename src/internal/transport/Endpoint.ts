import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Page } from "../../Pagination.js"
import type { Endpoint, Input, Method } from "../../StiggClient.js"
import { Pagination } from "../../schemas/Cursors.js"
import * as Decoder from "../../schemas/internal/Decoder.js"
import * as PathParams from "./PathParams.js"

/** Decodes the JSON of a response. */
export type Decode<A> = Endpoint<never, never, never, A>["decode"]

type Encode = Endpoint<never, never, never, unknown>["encodePath"]

/** The type of parameters that an operation does not have. */
export type None = Readonly<Record<never, never>>

/**
 * Makes an endpoint from its method, path and schemas. A request must match its schemas, without unknown fields. For a
 * response, only the types are checked.
 */
export const make = <A, Path = None, Query = None, Body = None, PathI = None, QueryI = None, BodyI = None>(
  name: string,
  options: {
    readonly method: Method
    readonly path: string
    readonly pathParams?: Schema.Schema<Path, PathI>
    readonly query?: Schema.Schema<Query, QueryI>
    readonly body?: Schema.Schema<Body, BodyI>
    readonly response: Decode<A>
    readonly writes?: (input: Input<Path, Query, Body>) => ReadonlyArray<string>
  }
): Endpoint<Path, Query, Body, A> => ({
  name,
  method: options.method,
  path: options.path,
  encodePath: encode(options.pathParams),
  encodeQuery: encode(options.query),
  encodeBody: options.body === undefined ? null : encode(options.body),
  decode: options.response,
  writes: options.writes ?? null
})

const encode = <A, I>(schema: Schema.Schema<A, I> | undefined): Encode =>
  schema === undefined ? () => Either.right({}) : ParseResult.encodeUnknownEither(schema, { onExcessProperty: "error" })

/** A response whose `data` is one value. */
export const data = <A, I>(schema: Schema.Schema<A, I>): Decode<A> => {
  const decodeData = Decoder.make(schema)
  const explain = ParseResult.decodeUnknownEither(Schema.Struct({ data: schema }))
  return (json, reread) => {
    const value = Predicate.isRecord(json) ? decodeData(json["data"]) : Decoder.invalid
    return value === Decoder.invalid ? Either.map(explain(reread()), (envelope) => envelope.data) : Either.right(value)
  }
}

/** A response whose `data` is a page of a list. */
export const page = <A, I>(item: Schema.Schema<A, I>): Decode<Page<A>> => {
  const items = Schema.Array(item)
  const decodeItems = Decoder.make(items)
  const decodePagination = Decoder.make(Pagination)
  const explain = ParseResult.decodeUnknownEither(
    Schema.Struct({ data: items, pagination: Schema.optional(Schema.NullOr(Pagination)) })
  )
  return (json, reread) => {
    const value = Predicate.isRecord(json) ? decodeItems(json["data"]) : Decoder.invalid
    const pagination = Predicate.isRecord(json) ? decodePagination(json["pagination"] ?? {}) : Decoder.invalid
    return value === Decoder.invalid || pagination === Decoder.invalid
      ? Either.map(explain(reread()), (envelope) => ({
          data: envelope.data,
          pagination: envelope.pagination ?? { next: null, prev: null }
        }))
      : Either.right({ data: value, pagination })
  }
}

/** The endpoint of a raw request: its path and path parameters are checked, the rest is sent as it is. */
export const raw = <A>(params: {
  readonly method: Method
  readonly path: string
  readonly operation?: string | undefined
  readonly customerIds?: ReadonlyArray<string> | undefined
  readonly schema?: Schema.Schema<A, unknown>
}): Endpoint<Readonly<Record<string, string>>, Readonly<Record<string, unknown>>, unknown, A> => ({
  name: params.operation ?? `${params.method} ${params.path}`,
  method: params.method,
  path: params.path,
  encodePath: ParseResult.encodeUnknownEither(PathParams.schema(params.path)),
  encodeQuery: plain,
  encodeBody: (body) =>
    params.method === "GET" && body !== undefined
      ? Either.left(refusal("body", body, "Expected no body with GET"))
      : Either.right(body),
  decode: decodeRaw(params.schema),
  writes: params.method === "GET" ? null : () => params.customerIds ?? []
})

const decodeRaw = <A>(schema: Schema.Schema<A, unknown> | undefined): Decode<A> => {
  // Without a schema the caller gets `unknown`, which is what the JSON is.
  if (schema === undefined) return (json) => Either.right(json as A)
  const decode = ParseResult.decodeUnknownEither(schema)
  return (json) => decode(json)
}

/** Converts a query to JSON values: timestamps to strings. Rejects what JSON cannot represent, such as a cycle. */
const plain = (query: unknown): Either.Either<unknown, ParseResult.ParseIssue> =>
  Either.try({
    try: (): unknown => JSON.parse(JSON.stringify(query)),
    catch: () => refusal("query", query, "Expected values that can be written as JSON")
  })

const refusal = (field: string, actual: unknown, rule: string): ParseResult.ParseIssue =>
  new ParseResult.Pointer(field, actual, new ParseResult.Type(Schema.Unknown.ast, actual, rule))
