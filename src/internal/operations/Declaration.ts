import type * as Schema from "effect/Schema"
import { derive } from "./derive.js"

/**
 * The declaration of an operation, and the constructors that make one. The client's method, the telemetry names, the
 * fake, and the emulator's endpoint all derive from it. CONTRIBUTING.md describes how to add one.
 */

type Any = Schema.Schema.AnyNoContext

/** The names in a path: `"/a/{id}/b/{key}"` has `"id" | "key"`. */
export type PathParam<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParam<Rest>
  : never

/** The format of a list's cursors: the API's own are UUIDs, those of a billing provider can be any string. */
export type Cursors = "uuid" | "opaque"

/** The errors that an operation documents in addition to those of every operation: 400, 401, 403, and 429. */
export type ErrorStatus = 404 | 409

/** The input that `writes` reads the customer ids from. */
interface WriteInput<Path extends string, Params extends Any> {
  readonly path: Readonly<Record<PathParam<Path>, string>>
  readonly params: Schema.Schema.Type<Params>
}

/** The params of an operation that takes none. */
export type NoParams = Schema.Schema<Readonly<Record<never, never>>>

/** One operation of the API. Its name comes from its group. */
export interface Declaration<
  Method extends "GET" | "POST" | "PATCH" | "DELETE",
  Path extends string,
  Params extends Any,
  Response extends Any,
  Pagination extends Cursors | null
> {
  readonly method: Method
  readonly path: Path
  /** The schemas of the path parameters that are not any `PathSegment`. */
  readonly pathParams: Partial<Readonly<Record<PathParam<Path>, Schema.Schema<string>>>>
  /** The query of a GET, the JSON body of any other method; null for none. */
  readonly params: Params | null
  /** The `data` of the response; for a list, one item of it. */
  readonly response: Response
  /** The format of a list's cursors; null for an operation that is not a list. */
  readonly pagination: Pagination
  readonly status: number
  readonly errors: ReadonlyArray<ErrorStatus>
  /** Whether the API rejects a body with an unknown field. */
  readonly strictBody: boolean
  /** The ids of the customers that a call changes; null for an operation that only reads. */
  readonly writes: ((input: WriteInput<Path, Params>) => ReadonlyArray<string>) | null
}

interface ReadOptions<Path extends string, Params extends Any, Response extends Any> {
  readonly params?: Params
  readonly pathParams?: Partial<Readonly<Record<PathParam<Path>, Schema.Schema<string>>>>
  readonly response: Response
  readonly errors?: ReadonlyArray<ErrorStatus>
}

interface ListOptions<Path extends string, Params extends Any, Response extends Any> extends ReadOptions<
  Path,
  Params,
  Response
> {
  /** The format of the cursors; UUIDs by default. */
  readonly cursors?: Cursors
}

interface WriteOptions<Path extends string, Params extends Any, Response extends Any> extends ReadOptions<
  Path,
  Params,
  Response
> {
  /** The status of a success; 200 by default. */
  readonly status?: number
  /** Whether the API rejects a body with an unknown field; false by default. */
  readonly strictBody?: boolean
  /**
   * The ids of the customers that a call changes; empty if it changes none. Their cached entitlements are evicted.
   */
  readonly writes: (input: WriteInput<Path, Params>) => ReadonlyArray<string>
}

/** An operation that reads one value. */
export const get = <const Path extends `/${string}`, Response extends Any, Params extends Any = NoParams>(
  path: Path,
  options: ReadOptions<Path, Params, Response>
): Declaration<"GET", Path, NoInfer<Params>, Response, null> => make("GET", path, options, null, null)

/** An operation that reads a list by pages. `response` is the schema of an item. */
export const list = <const Path extends `/${string}`, Response extends Any, Params extends Any>(
  path: Path,
  options: ListOptions<Path, Params, Response> & { readonly params: Params }
): Declaration<"GET", Path, Params, Response, Cursors> => make("GET", path, options, options.cursors ?? "uuid", null)

const write =
  <const Method extends "POST" | "PATCH">(method: Method) =>
  <const Path extends `/${string}`, Response extends Any, Params extends Any = NoParams>(
    path: Path,
    options: WriteOptions<Path, Params, Response>
  ): Declaration<Method, Path, NoInfer<Params>, Response, null> =>
    make(method, path, options, null, options.writes)

/** An operation that creates or changes something. Its retries share an idempotency key. */
export const post = write("POST")

/** An operation that updates the given fields. */
export const patch = write("PATCH")

/** An operation that removes something. It has no body. */
export const remove = <const Path extends `/${string}`, Response extends Any>(
  path: Path,
  options: Omit<WriteOptions<Path, NoParams, Response>, "params" | "strictBody">
): Declaration<"DELETE", Path, NoParams, Response, null> => make("DELETE", path, options, null, options.writes)

const make = <
  Method extends "GET" | "POST" | "PATCH" | "DELETE",
  Path extends string,
  Params extends Any,
  Response extends Any,
  Pagination extends Cursors | null
>(
  method: Method,
  path: Path,
  options: ReadOptions<Path, Params, Response> & { readonly status?: number; readonly strictBody?: boolean },
  pagination: Pagination,
  writes: Declaration<Method, Path, Params, Response, Pagination>["writes"]
): Declaration<Method, Path, Params, Response, Pagination> => ({
  method,
  path,
  pathParams: options.pathParams ?? {},
  params: options.params ?? null,
  response: options.response,
  pagination,
  status: options.status ?? 200,
  errors: options.errors ?? [],
  strictBody: options.strictBody ?? false,
  writes
})

/** A declaration of any kind. */
export interface AnyDeclaration {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE"
  readonly path: string
  readonly pathParams: Readonly<Record<string, Schema.Schema<string> | undefined>>
  readonly params: Any | null
  readonly response: Any
  readonly pagination: Cursors | null
  readonly status: number
  readonly errors: ReadonlyArray<ErrorStatus>
  readonly strictBody: boolean
  readonly writes: ((input: never) => ReadonlyArray<string>) | null
}

/** The declarations of a group by their names. */
export type Declarations = Readonly<Record<string, AnyDeclaration>>

/** A declaration with its full name, such as `"customers.retrieve"`. */
export type Named<Name extends string, D> = D & { readonly name: Name }

/** The operations of one service. */
export interface Group<Name extends string, Ds extends Declarations> {
  readonly name: Name
  readonly operations: { readonly [Key in keyof Ds & string]: Named<`${Name}.${Key}`, Ds[Key]> }
}

/** The names of a group's operations, such as `"customers.retrieve" | "customers.list"`. */
export type NameOf<G> = G extends Group<infer Name, infer Ds> ? `${Name}.${keyof Ds & string}` : never

/** Declares the operations of one service. The key of an operation is its name. */
export const group = <const Name extends string, Ds extends Declarations>(
  name: Name,
  declarations: Ds
): Group<Name, Ds> => ({
  name,
  operations: derive(declarations, (declaration, key) => ({ [key]: { ...declaration, name: `${name}.${key}` } }))
})
