import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"

/** The parts of an error body that were found, unchanged. */
export interface ErrorBody {
  readonly message: Part | null
  readonly code: Part | null
  readonly traceId: Part | null
  /** Whether this is the body that the API documents: it has a `message`, and a `code` that may be null. */
  readonly isDocumented: boolean
}

/**
 * The first `length` characters of a text. Redaction needs the characters after them: a secret may start inside the
 * part and end after it.
 */
export interface Part {
  readonly text: string
  readonly length: number
}

/** The API's error bodies are a few hundred bytes long. */
const maxLength = 64 * 1024

/**
 * Extracts the best message, code and trace id from the head of a body. Understands the API's `{ message, code }`,
 * `{ error: { code, message } }` and `{ error: code, message }`, common gateway formats, an HTML page's title, and the
 * first line of a text. The cost is linear in the length of the head and independent of the body's.
 */
export const parse = (body: string): ErrorBody =>
  Option.match(parseJson(body.slice(0, maxLength)), { onNone: () => fromText(body), onSome: fromJson })

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const fromJson = (json: unknown): ErrorBody => {
  if (!Predicate.isRecord(json)) return { ...nothing, message: text(json) }
  const nested = Predicate.isRecord(json["error"]) ? json["error"] : {}
  const first: unknown = Array.isArray(json["errors"]) ? json["errors"][0] : undefined
  const listed = Predicate.isRecord(first) ? first : {}
  // A bare `error` is the code if there is also a message, and the message otherwise.
  const message = text(json["message"])
  return {
    message:
      message ??
      text(nested["message"]) ??
      text(json["error_description"]) ??
      text(json["detail"]) ??
      text(json["error"]) ??
      text(listed["message"]) ??
      text(first) ??
      text(json["title"]),
    code:
      text(json["code"]) ??
      text(nested["code"]) ??
      (message === null ? null : text(json["error"])) ??
      text(listed["code"]),
    traceId: text(json["traceId"]) ?? text(nested["traceId"]),
    isDocumented:
      message !== null && Object.hasOwn(json, "code") && (json["code"] === null || Predicate.isString(json["code"]))
  }
}

const nothing: ErrorBody = { message: null, code: null, traceId: null, isDocumented: false }

const fromText = (body: string): ErrorBody => {
  const head = body.slice(0, maxLength)
  const from = head.length - head.trimStart().length
  const isHtml = /^<(!doctype|html|head|body|\?xml)/i.test(head.slice(from, from + 20))
  const [start, end] = isHtml ? title(head) : [from, from + (/^.*/.exec(head.slice(from))?.[0].length ?? 0)]
  return {
    ...nothing,
    message: isBlank(head.slice(start, end)) ? null : { text: body.slice(start), length: end - start }
  }
}

/**
 * The position of a page's title. Searched in steps, because one regular expression is quadratic in repeated `<title`s.
 */
const title = (html: string): readonly [start: number, end: number] => {
  const tag = html.search(/<title[\s>]/i)
  const from = tag < 0 ? -1 : html.indexOf(">", tag)
  const to = from < 0 ? -1 : html.indexOf("<", from)
  return to < 0 ? [0, 0] : [from + 1, to]
}

const text = (value: unknown): Part | null =>
  Predicate.isString(value) && !isBlank(value) ? { text: value, length: value.length } : null

const isBlank = (text: string): boolean => text.trim() === ""
