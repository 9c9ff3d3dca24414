import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Page } from "../../Pagination.js"
import type { PageParams } from "../../schemas/PageParams.js"
import type * as StiggClient from "../../StiggClient.js"
import type { StiggError } from "../../StiggError.js"
import * as List from "../transport/List.js"
import * as Endpoint from "../transport/Endpoint.js"
import * as PathParams from "../transport/PathParams.js"
import { derive, pathOf, writtenBy } from "./derive.js"
import type { AnyDeclaration, Declaration, Declarations, Group, Named } from "./Declaration.js"

type Ids<P extends string> = P extends `${string}{${string}}${infer Rest}` ? [id: string, ...Ids<Rest>] : []

/** A query without required fields is optional. A body is not. */
type Params<Method, A> = [keyof A] extends [never]
  ? []
  : Record<never, never> extends A
    ? Method extends "GET"
      ? [params?: A | undefined]
      : [params: A]
    : [params: A]

/** The arguments of a method: the path parameters in order, then the params. */
type Args<D> =
  D extends Declaration<infer Method, infer P, infer A, infer _R, infer _C>
    ? [...Ids<P>, ...Params<Method, Schema.Schema.Type<A>>]
    : never

type Response<D extends AnyDeclaration> = Schema.Schema.Type<D["response"]>

type ListKey<Ds extends Declarations> = {
  [Key in keyof Ds & string]: Ds[Key]["pagination"] extends null ? never : Key
}[keyof Ds & string]

/** The client's methods for a group: one per operation, three per list. */
export type ServiceOf<Ds extends Declarations> = {
  readonly [Key in Exclude<keyof Ds & string, ListKey<Ds>>]: (
    ...args: Args<Ds[Key]>
  ) => Effect.Effect<Response<Ds[Key]>, StiggError>
} & {
  readonly [Key in ListKey<Ds>]: (...args: Args<Ds[Key]>) => Stream.Stream<Response<Ds[Key]>, StiggError>
} & {
  readonly [Key in ListKey<Ds> as `${Key}Pages`]: (
    ...args: Args<Ds[Key]>
  ) => Stream.Stream<Page<Response<Ds[Key]>>, StiggError>
} & {
  readonly [Key in ListKey<Ds> as `${Key}Page`]: (
    ...args: Args<Ds[Key]>
  ) => Effect.Effect<Page<Response<Ds[Key]>>, StiggError>
}

/** Whether two methods have the same signature. Assignability alone ignores a missing optional parameter. */
type IsSame<A, B> = [Signature<A>, Signature<B>] extends [Signature<B>, Signature<A>] ? true : false
type Signature<Method> = Method extends (...args: infer Args) => infer Result ? [Args, Result] : never

type Mismatch<Service, Derived, Custom> = {
  [Key in Exclude<keyof Derived, Custom>]: Key extends keyof Service
    ? IsSame<Service[Key], Derived[Key]> extends true
      ? never
      : Key
    : Key
}[Exclude<keyof Derived, Custom>]

/**
 * The derived methods, if the service's interface has each of them with the same signature. Otherwise, the names of the
 * methods that differ, so that the service does not compile. `Custom` lists the methods that are written by hand.
 */
export type Documented<Service, Ds extends Declarations, Custom> = [Mismatch<Service, ServiceOf<Ds>, Custom>] extends [
  never
]
  ? ServiceOf<Ds>
  : { readonly undocumented: Mismatch<Service, ServiceOf<Ds>, Custom> }

/** The methods of a group, for a service with a documented interface. */
export const make =
  <Service, Custom = never>() =>
  <Name extends string, Ds extends Declarations>(
    group: Group<Name, Ds>,
    client: Pick<StiggClient.Service, "execute">
  ): Documented<Service, Ds, Custom> =>
    derive(group.operations, (operation, key) => methods(operation, key, client))

const methods = (
  operation: Named<string, AnyDeclaration>,
  key: string,
  { execute }: Pick<StiggClient.Service, "execute">
): Readonly<Record<string, unknown>> => {
  const names = PathParams.names(operation.path)

  if (operation.pagination === null) {
    const run = onFirstCall(() => execute(endpoint(operation, Endpoint.data<unknown, unknown>(operation.response))))
    return {
      [key]: (...args: ReadonlyArray<unknown>) => {
        const [path, params] = [pathOf(names, args), args[names.length]]
        // A missing body stays undefined, and its schema rejects it.
        return run(
          operation.method === "GET" ? { path, query: params === undefined ? {} : params } : { path, body: params }
        )
      }
    }
  }
  const run = onFirstCall(() => execute(endpoint(operation, Endpoint.page<unknown, unknown>(operation.response))))
  const list = (args: ReadonlyArray<unknown>) => {
    const path = pathOf(names, args)
    return List.make(operation, (query: PageParams) => run({ path, query }))
  }
  // The derived type is what callers see: `never` here stands for the type of each argument.
  return {
    [key]: (...args: ReadonlyArray<never>) => list(args).items(args[names.length]),
    [`${key}Pages`]: (...args: ReadonlyArray<never>) => list(args).pages(args[names.length]),
    [`${key}Page`]: (...args: ReadonlyArray<never>) => list(args).page(args[names.length])
  }
}

/** Makes a function when it is first called. A program uses few of the operations, and each takes 0.15 ms to make. */
const onFirstCall = <In, Out>(make: () => (input: In) => Out): ((input: In) => Out) => {
  let made: ((input: In) => Out) | null = null
  return (input) => (made ??= make())(input)
}

type PathInput = Readonly<Record<string, string>>

/** Converts a declaration to an endpoint of the transport. */
const endpoint = <A>(
  operation: Named<string, AnyDeclaration>,
  response: Endpoint.Decode<A>
): StiggClient.Endpoint<PathInput, unknown, unknown, A> => {
  const params = operation.params === null ? {} : { [operation.method === "GET" ? "query" : "body"]: operation.params }
  const writes = writtenBy(operation)
  return Endpoint.make<A, PathInput, unknown, unknown, PathInput>(operation.name, {
    method: operation.method,
    path: operation.path,
    pathParams: PathParams.schema(operation.path, operation.pathParams),
    ...params,
    response,
    ...(operation.writes === null
      ? {}
      : {
          writes: (input: StiggClient.Input<PathInput, unknown, unknown>) =>
            writes({ path: input.path, params: input.body })
        })
  })
}
