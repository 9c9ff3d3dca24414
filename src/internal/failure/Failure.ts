import * as Duration from "effect/Duration"
import type * as ParseResult from "effect/ParseResult"
import * as Record from "effect/Record"
import * as StiggError from "../../StiggError.js"
import * as ErrorBody from "./ErrorBody.js"
import * as Excerpt from "./Excerpt.js"
import type { ResponseInfo } from "../../StiggClient.js"
import type { TextResponse, Broken, TooLarge } from "../transport/TextResponse.js"
import * as Issue from "./Issue.js"
import type { Redaction } from "./Redaction.js"

/** The fields that describe the request in every error of a call that was sent. */
export interface Call {
  readonly operation: string
  readonly method: string
  readonly url: string
  readonly attempts: number
}

/** The maximum length of each text in an error. Together they keep a message under 1,000 characters. */
const maxLength = { body: 1000, message: 500, code: 200, traceId: 200, header: 1000, url: 250, name: 100 } as const

/** The parts of a response that an error shows: bounded, safe to print, and without secrets. */
export interface Shown {
  readonly answered: ResponseInfo & { readonly body: string }
  readonly message: string | null
  readonly code: string | null
  readonly isDocumented: boolean
}

export const show = (response: TextResponse, redaction: Redaction): Shown => {
  const { code, isDocumented, message, traceId } = ErrorBody.parse(response.body)
  const line = (part: ErrorBody.Part | null, maxLength: number) =>
    part === null ? null : Excerpt.line(part.text, maxLength, redaction.text, part.length)
  const info = shownInfo(response, redaction)
  return {
    answered: {
      ...info,
      traceId: line(traceId, maxLength.traceId) ?? info.traceId,
      body: Excerpt.lines(response.body, maxLength.body, redaction.text)
    },
    message: line(message, maxLength.message),
    code: line(code, maxLength.code),
    isDocumented
  }
}

/** The error that a status maps to. The body matters only for a 404. */
export const fromStatus = (call: Call, shown: Shown, retryAfter: Duration.Duration | null): StiggError.StiggError => {
  const { answered, code, message } = shown
  const { status } = answered
  const fields = {
    ...call,
    ...answered,
    message: message ?? `${target(call)} responded with ${status}`,
    code,
    retryAfter
  }
  if (status >= 500 && status < 600) return new StiggError.InternalServerError(fields)
  switch (status) {
    case 400:
      return new StiggError.BadRequestError(fields)
    case 401:
      return new StiggError.AuthenticationError(fields)
    case 403:
      return new StiggError.PermissionDeniedError(fields)
    case 404:
      return isAboutRoute(call, shown)
        ? new StiggError.RouteNotFoundError({
            ...fields,
            message:
              `${target(call)} responded with 404, but not because a customer or another entity is missing` +
              `${message === null ? "" : `: ${message}`}. Check the base URL and any proxy in front of the API`
          })
        : new StiggError.NotFoundError(fields)
    case 409:
      return new StiggError.ConflictError(fields)
    case 422:
      return new StiggError.UnprocessableEntityError(fields)
    case 429:
      return new StiggError.RateLimitError(fields)
    default:
      return new StiggError.APIStatusError(fields)
  }
}

/**
 * Whether a 404 is about the route and not about a customer or another entity. The API's own 404 has the documented
 * body; a gateway's does not. The API's framework reports an unknown route as `Cannot GET /…`.
 */
const isAboutRoute = ({ method }: Call, { code, isDocumented, message }: Shown): boolean =>
  !isDocumented || code === "RouteNotFound" || message?.startsWith(`Cannot ${method} /`) === true

/** A success whose body is not JSON. */
export const notJson = (call: Call, response: TextResponse, redaction: Redaction): StiggError.ResponseDecodeError =>
  undecodable(call, response, redaction, null, response.body === "" ? "the body is empty" : "the body is not JSON")

/** A success whose body is JSON of the wrong shape. The message quotes the body, so it is redacted. */
export const wrongShape = (
  call: Call,
  response: TextResponse,
  issue: ParseResult.ParseIssue,
  redaction: Redaction
): StiggError.ResponseDecodeError => {
  const { message, path } = Issue.first(issue, redaction.text)
  return undecodable(call, response, redaction, path, `${path === "" ? "the body" : path} is invalid: ${message}`)
}

/** A response whose decoding threw an exception. */
export const unreadable = (
  call: Call,
  response: TextResponse,
  thrown: unknown,
  redaction: Redaction
): StiggError.ResponseDecodeError =>
  undecodable(
    call,
    response,
    redaction,
    null,
    // The stack overflows when a schema, or the formatter of its issue, recurses into the body.
    thrown instanceof RangeError ? "the body is nested too deep" : "reading the body threw an exception"
  )

const undecodable = (
  call: Call,
  response: TextResponse,
  redaction: Redaction,
  path: string | null,
  problem: string
): StiggError.ResponseDecodeError =>
  new StiggError.ResponseDecodeError({
    ...call,
    ...show(response, redaction).answered,
    message:
      `${Excerpt.line(call.operation, maxLength.name)}: ` +
      `${target(call)} responded with ${response.status}, but ${problem}`,
    path
  })

/** A response whose body is longer than the limit. */
export const tooLarge = (call: Call, response: TooLarge, redaction: Redaction): StiggError.ResponseTooLargeError => {
  const { limit, status } = response
  return new StiggError.ResponseTooLargeError({
    ...call,
    ...shownInfo(response, redaction),
    limit,
    message:
      `${target(call)} responded with ${status} and a body of more than ${limit} bytes, ` +
      "which is the limit (maxResponseBytes)"
  })
}

/** An exchange without a complete response. */
export const connection = (call: Call, { cause, code, reason }: Broken): StiggError.APIConnectionError =>
  new StiggError.APIConnectionError({
    ...call,
    reason,
    code,
    message:
      (reason === "request" ? `${target(call)} got no response` : "The connection broke inside the response body") +
      (code === null ? "" : ` (${code})`),
    ...(cause === undefined ? {} : { cause })
  })

/** An attempt that exceeded the timeout. */
export const timeout = (call: Call, after: Duration.Duration): StiggError.APITimeoutError =>
  new StiggError.APITimeoutError({
    ...call,
    timeout: after,
    message: `${target(call)} took longer than ${Duration.format(after)}`
  })

/** A call that is rejected before anything is sent. */
export const invalid = (operation: string, field: string, rule: string): StiggError.InvalidRequestError => {
  const [shownField, shownRule] = [Excerpt.line(field, maxLength.name * 2), Excerpt.line(rule, maxLength.message)]
  return new StiggError.InvalidRequestError({
    operation,
    field: shownField,
    rule: shownRule,
    message: `${shownField}: ${shownRule}`
  })
}

/** Like {@link invalid}, from the issue of a schema. */
export const invalidInput = (operation: string, root: string, issue: ParseResult.ParseIssue) => {
  const { message, path } = Issue.first(issue)
  return invalid(operation, path === "" ? root : path, message)
}

/** The status, headers and trace id of a response, without secrets. */
export const responseInfo = ({ headers, status }: Omit<TextResponse, "body">, redaction: Redaction): ResponseInfo =>
  infoOf(status, redaction.headers(headers))

/** Like {@link responseInfo}, with headers that are safe to print. */
const shownInfo = ({ headers, status }: Omit<TextResponse, "body">, redaction: Redaction): ResponseInfo => {
  const info = infoOf(
    status,
    Record.map(headers, (value) => Excerpt.line(value, maxLength.header, redaction.text))
  )
  return { ...info, traceId: info.traceId === null ? null : Excerpt.line(info.traceId, maxLength.traceId) }
}

const infoOf = (status: number, headers: ResponseInfo["headers"]): ResponseInfo => ({
  status,
  headers,
  traceId: headers["x-trace-id"] ?? headers["x-request-id"] ?? null
})

/** How a message names the request. */
const target = ({ method, url }: Call): string => `${method} ${Excerpt.line(url, maxLength.url)}`
