import * as Duration from "effect/Duration"
import * as ParseResult from "effect/ParseResult"
import * as StiggError from "../StiggError.js"
import * as ErrorBody from "./ErrorBody.js"
import type { Answer, Broken, ResponseInfo } from "./Exchange.js"
import type { Redaction } from "./Redaction.js"
import { retryAfter } from "./RetryAfter.js"

/** What every error of a call that was sent says about it. */
export interface Call {
  readonly operation: string
  readonly method: string
  readonly url: string
  readonly attempts: number
}

/** The longest part of a body that an error keeps. */
const excerptLength = 1000

/** The error that a status stands for: the class depends on nothing else. */
export const fromStatus = (
  call: Call,
  answer: Answer,
  nowMillis: number,
  redaction: Redaction
): StiggError.StiggError => {
  const { status } = answer
  const found = ErrorBody.parse(answer.body, redaction.text)
  const fields = {
    ...answered(call, answer, redaction),
    message: found.message ?? `${call.method} ${call.url} answered ${status}`,
    code: found.code,
    retryAfter: retryAfter(answer.headers, nowMillis)
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
      return new StiggError.NotFoundError(fields)
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

/** A success whose body is no JSON. */
export const notJson = (call: Call, answer: Answer, redaction: Redaction): StiggError.ResponseDecodeError =>
  new StiggError.ResponseDecodeError({
    ...answered(call, answer, redaction),
    message: answer.body === "" ? "The body is empty" : "The body is no JSON",
    path: null
  })

/** A success whose body is JSON of another shape. What is found there is quoted, so it is redacted too. */
export const wrongShape = (
  call: Call,
  answer: Answer,
  issue: ParseResult.ParseIssue,
  redaction: Redaction
): StiggError.ResponseDecodeError => {
  const { message, path } = firstIssue(issue)
  return new StiggError.ResponseDecodeError({
    ...answered(call, answer, redaction),
    message: redaction.text(message),
    path: redaction.text(path)
  })
}

/** An exchange without a whole answer. */
export const connection = (call: Call, { cause, code, reason }: Broken): StiggError.APIConnectionError =>
  new StiggError.APIConnectionError({
    ...call,
    reason,
    code,
    message:
      (reason === "request" ? `${call.method} ${call.url} was not answered` : "The connection broke inside the body") +
      (code === null ? "" : ` (${code})`),
    ...(cause === undefined ? {} : { cause })
  })

/** An attempt that took too long. */
export const timeout = (call: Call, after: Duration.Duration): StiggError.APITimeoutError =>
  new StiggError.APITimeoutError({
    ...call,
    timeout: after,
    message: `${call.method} ${call.url} took longer than ${Duration.format(after)}`
  })

/** A call that is refused before anything is sent. */
export const invalid = (operation: string, field: string, rule: string): StiggError.InvalidRequestError =>
  new StiggError.InvalidRequestError({ operation, field, rule, message: `${field}: ${rule}` })

/** As {@link invalid}, from what a schema says. */
export const invalidInput = (operation: string, root: string, issue: ParseResult.ParseIssue) => {
  const { message, path } = firstIssue(issue)
  return invalid(operation, path === "" ? root : path, message)
}

/** What is told of an answer, whether it is a success or not. */
export const responseInfo = (answer: Answer, redaction: Redaction): ResponseInfo => {
  const headers = redaction.headers(answer.headers)
  return { status: answer.status, headers, traceId: headers["x-trace-id"] ?? headers["x-request-id"] ?? null }
}

const answered = (call: Call, answer: Answer, redaction: Redaction) => {
  const info = responseInfo(answer, redaction)
  return {
    ...call,
    ...info,
    traceId: ErrorBody.parse(answer.body, redaction.text).traceId ?? info.traceId,
    body: redaction.text(answer.body, excerptLength)
  }
}

const firstIssue = (issue: ParseResult.ParseIssue): { readonly path: string; readonly message: string } => {
  const [first] = ParseResult.ArrayFormatter.formatIssueSync(issue)
  return { path: formatPath(first?.path ?? []), message: first?.message ?? "is not what the schema says" }
}

/** `["customers", 3, "email"]` as `customers[3].email`. */
const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    ""
  )
