import * as Duration from "effect/Duration"
import type * as ParseResult from "effect/ParseResult"
import * as Record from "effect/Record"
import * as StiggError from "../../StiggError.js"
import * as ErrorBody from "./ErrorBody.js"
import * as Excerpt from "./Excerpt.js"
import type { Answer, Broken, ResponseInfo, TooLarge } from "../transport/Exchange.js"
import * as Issue from "./Issue.js"
import type { Redaction } from "./Redaction.js"

/** What every error of a call that was sent says about it. */
export interface Call {
  readonly operation: string
  readonly method: string
  readonly url: string
  readonly attempts: number
}

/** The longest part of a text that an error keeps; together they keep a message under a thousand characters. */
const maxLength = { body: 1000, message: 500, code: 200, traceId: 200, header: 1000, url: 250, name: 100 } as const

/** What an error shows of an answer: bounded, safe to print, and without secrets. */
export interface Shown {
  readonly answered: ResponseInfo & { readonly body: string }
  readonly message: string | null
  readonly code: string | null
  readonly isDocumented: boolean
}

export const show = (answer: Answer, redaction: Redaction): Shown => {
  const { code, isDocumented, message, traceId } = ErrorBody.parse(answer.body)
  const line = (part: ErrorBody.Part | null, maxLength: number) =>
    part === null ? null : Excerpt.line(part.text, maxLength, redaction.text, part.length)
  const info = shownInfo(answer, redaction)
  return {
    answered: {
      ...info,
      traceId: line(traceId, maxLength.traceId) ?? info.traceId,
      body: Excerpt.lines(answer.body, maxLength.body, redaction.text)
    },
    message: line(message, maxLength.message),
    code: line(code, maxLength.code),
    isDocumented
  }
}

/** The error that a status stands for. Of a 404 alone the body has a say. */
export const fromStatus = (call: Call, shown: Shown, retryAfter: Duration.Duration | null): StiggError.StiggError => {
  const { answered, code, message } = shown
  const { status } = answered
  const fields = { ...call, ...answered, message: message ?? `${target(call)} answered ${status}`, code, retryAfter }
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
              `${target(call)} answered 404, and not for want of a customer or another entity` +
              `${message === null ? "" : `: ${message}`}. Check the base URL, and the proxies before the API`
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
 * Whether a 404 is not the API's word on a customer or another entity. That one has the body that the API documents; a
 * gateway's has not. `Cannot GET /…` is how the API's framework words an unknown route.
 */
const isAboutRoute = ({ method }: Call, { code, isDocumented, message }: Shown): boolean =>
  !isDocumented || code === "RouteNotFound" || message?.startsWith(`Cannot ${method} /`) === true

/** A success whose body is no JSON. */
export const notJson = (call: Call, answer: Answer, redaction: Redaction): StiggError.ResponseDecodeError =>
  undecodable(call, answer, redaction, null, answer.body === "" ? "the body is empty" : "the body is not JSON")

/** A success whose body is JSON of another shape. What is found there is quoted, so it is redacted too. */
export const wrongShape = (
  call: Call,
  answer: Answer,
  issue: ParseResult.ParseIssue,
  redaction: Redaction
): StiggError.ResponseDecodeError => {
  const { message, path } = Issue.first(issue, redaction.text)
  return undecodable(call, answer, redaction, path, `${path === "" ? "the body" : path} is wrong: ${message}`)
}

/** An answer that could not be read for the exception that came of it. */
export const unreadable = (
  call: Call,
  answer: Answer,
  thrown: unknown,
  redaction: Redaction
): StiggError.ResponseDecodeError =>
  undecodable(
    call,
    answer,
    redaction,
    null,
    // The stack overflows where a schema, or what words its issue, follows the body down.
    thrown instanceof RangeError ? "the body is nested too deep" : "reading the body threw an exception"
  )

const undecodable = (
  call: Call,
  answer: Answer,
  redaction: Redaction,
  path: string | null,
  fault: string
): StiggError.ResponseDecodeError =>
  new StiggError.ResponseDecodeError({
    ...call,
    ...show(answer, redaction).answered,
    message: `${Excerpt.line(call.operation, maxLength.name)}: ${target(call)} answered ${answer.status}, but ${fault}`,
    path
  })

/** An answer whose body is longer than the limit. */
export const tooLarge = (call: Call, answer: TooLarge, redaction: Redaction): StiggError.ResponseTooLargeError => {
  const { limit, status } = answer
  return new StiggError.ResponseTooLargeError({
    ...call,
    ...shownInfo(answer, redaction),
    limit,
    message: `${target(call)} answered ${status} with a body of more than ${limit} bytes, the limit (maxResponseBytes)`
  })
}

/** An exchange without a whole answer. */
export const connection = (call: Call, { cause, code, reason }: Broken): StiggError.APIConnectionError =>
  new StiggError.APIConnectionError({
    ...call,
    reason,
    code,
    message:
      (reason === "request" ? `${target(call)} was not answered` : "The connection broke inside the body") +
      (code === null ? "" : ` (${code})`),
    ...(cause === undefined ? {} : { cause })
  })

/** An attempt that took too long. */
export const timeout = (call: Call, after: Duration.Duration): StiggError.APITimeoutError =>
  new StiggError.APITimeoutError({
    ...call,
    timeout: after,
    message: `${target(call)} took longer than ${Duration.format(after)}`
  })

/** A call that is refused before anything is sent. */
export const invalid = (operation: string, field: string, rule: string): StiggError.InvalidRequestError => {
  const [shownField, shownRule] = [Excerpt.line(field, maxLength.name * 2), Excerpt.line(rule, maxLength.message)]
  return new StiggError.InvalidRequestError({
    operation,
    field: shownField,
    rule: shownRule,
    message: `${shownField}: ${shownRule}`
  })
}

/** As {@link invalid}, from what a schema says. */
export const invalidInput = (operation: string, root: string, issue: ParseResult.ParseIssue) => {
  const { message, path } = Issue.first(issue)
  return invalid(operation, path === "" ? root : path, message)
}

/** What is told of an answer, whether it is a success or not. */
export const responseInfo = ({ headers, status }: Omit<Answer, "body">, redaction: Redaction): ResponseInfo =>
  infoOf(status, redaction.headers(headers))

/** As {@link responseInfo}, of headers that are safe to print. */
const shownInfo = ({ headers, status }: Omit<Answer, "body">, redaction: Redaction): ResponseInfo => {
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

/** What a message calls the request. */
const target = ({ method, url }: Call): string => `${method} ${Excerpt.line(url, maxLength.url)}`
