import * as UrlParams from "@effect/platform/UrlParams"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import type { CallOptions } from "../../RequestOptions.js"
import type { Endpoint, Input, Method } from "../../StiggClient.js"
import type { InvalidRequestError } from "../../StiggError.js"
import * as Header from "../options/Header.js"
import * as Target from "../options/Target.js"
import * as Failure from "../failure/Failure.js"
import * as Url from "./Url.js"

/** A request that is ready to be sent. */
export interface OutgoingRequest {
  readonly method: Method
  /** Without the query. */
  readonly url: string
  readonly urlParams: UrlParams.UrlParams
  /** The names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** Validates the input of a call and builds its request. Sends nothing; the left is the first invalid field. */
export const prepare = <Path, Query, Body, A>(
  operation: Endpoint<Path, Query, Body, A>,
  input: Input<Path, Query, Body>,
  options: CallOptions,
  target: Target.Target
): Either.Either<OutgoingRequest, InvalidRequestError> => {
  const refuse = (field: string, rule: string) => Either.left(Failure.invalid(operation.name, field, rule))
  // The base URL and the path are concatenated: without the slash, a path could change the host that receives the key.
  if (!operation.path.startsWith("/")) return refuse("path", "Expected a path that begins with /")

  const pathParams = operation.encodePath(input.path)
  if (Either.isLeft(pathParams)) return Either.left(Failure.invalidInput(operation.name, "path", pathParams.left))
  const query = operation.encodeQuery(input.query)
  if (Either.isLeft(query)) return Either.left(Failure.invalidInput(operation.name, "params", query.left))

  return Either.map(encodeBody(operation, input.body), (body) => ({
    method: operation.method,
    url: target.baseUrl + Url.path(operation.path, pathParams.right as Record<string, unknown>),
    urlParams: UrlParams.setAll(
      UrlParams.fromInput(Url.query(query.right as Record<string, unknown>)),
      options.query ?? {}
    ),
    headers: {
      ...Header.lowerCase(Record.map(target.customHeaders, Redacted.value)),
      accept: "application/json",
      ...(body === null ? {} : { "content-type": "application/json" }),
      ...Target.headers(target),
      ...(operation.method === "POST" ? { "idempotency-key": options.idempotencyKey ?? crypto.randomUUID() } : {}),
      ...Header.lowerCase(options.headers)
    },
    body
  }))
}

/** The URL with its query, for spans and error messages. */
export const fullUrl = ({ url, urlParams }: OutgoingRequest): string =>
  urlParams.length === 0 ? url : `${url}?${UrlParams.toString(urlParams)}`

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
