import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import type { CallOptions } from "../../RequestOptions.js"
import type { Endpoint, Input } from "../../StiggClient.js"
import type { InvalidRequestError } from "../../StiggError.js"
import * as Target from "../options/Target.js"
import * as Failure from "../failure/Failure.js"
import * as Url from "./Url.js"

/** A request that is ready to be sent, and its URL for error messages. */
export interface Prepared {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly url: string
}

/** Validates the input of a call and builds its request. Sends nothing; the left is the first invalid field. */
export const prepare = <Path, Query, Body, A>(
  operation: Endpoint<Path, Query, Body, A>,
  input: Input<Path, Query, Body>,
  options: CallOptions,
  target: Target.Target
): Either.Either<Prepared, InvalidRequestError> => {
  const refuse = (field: string, rule: string) => Either.left(Failure.invalid(operation.name, field, rule))
  // The base URL and the path are concatenated: without the slash, a path could change the host that receives the key.
  if (!operation.path.startsWith("/")) return refuse("path", "Expected a path that begins with /")

  const pathParams = operation.encodePath(input.path)
  if (Either.isLeft(pathParams)) return Either.left(Failure.invalidInput(operation.name, "path", pathParams.left))
  const query = operation.encodeQuery(input.query)
  if (Either.isLeft(query)) return Either.left(Failure.invalidInput(operation.name, "params", query.left))

  return Either.map(encodeBody(operation, input.body), (body) => {
    const base = target.baseUrl + Url.path(operation.path, pathParams.right as Record<string, unknown>)
    const urlParams = UrlParams.setAll(
      UrlParams.fromInput(Url.query(query.right as Record<string, unknown>)),
      options.query ?? {}
    )
    const search = UrlParams.toString(urlParams)
    const request = HttpClientRequest.make(operation.method)(base, {
      urlParams,
      headers: { ...Record.map(target.customHeaders, Redacted.value), accept: "application/json" }
    }).pipe(
      body === null ? (request) => request : HttpClientRequest.bodyText(body, "application/json"),
      HttpClientRequest.setHeaders({
        ...Target.headers(target),
        ...(operation.method === "POST" ? { "idempotency-key": options.idempotencyKey ?? crypto.randomUUID() } : {}),
        ...options.headers
      })
    )
    return { request, url: search === "" ? base : `${base}?${search}` }
  })
}

/** The JSON text of a body; null for none. A POST always has a body, because the API may respond with 401 otherwise. */
const encodeBody = <Path, Query, Body, A>(
  operation: Endpoint<Path, Query, Body, A>,
  body: unknown
): Either.Either<string | null, InvalidRequestError> => {
  const empty = operation.method === "POST" ? "{}" : null
  if (operation.encodeBody === null) return Either.right(empty)
  return operation.encodeBody(body).pipe(
    Either.mapLeft((issue) => Failure.invalidInput(operation.name, "params", issue)),
    Either.flatMap((encoded) =>
      Either.fromOption(stringify(encoded), () =>
        Failure.invalid(operation.name, "body", "Expected a value that can be written as JSON")
      )
    ),
    Either.map((text) => text ?? empty)
  )
}

/** `JSON.stringify` throws on a cycle or a bigint, and returns undefined for undefined. */
const stringify = Option.liftThrowable((value: unknown): string | undefined => JSON.stringify(value))
