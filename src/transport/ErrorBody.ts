import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { Redaction } from "./Redaction.js"

/** What could be found in the body of an error. */
export interface ErrorBody {
  readonly message: string | null
  readonly code: string | null
  readonly traceId: string | null
}

/**
 * The best message, code and trace id that a body holds: the API's `{ message, code }`, its `{ error: { code, message } }`
 * and `{ error: code, message }`, the usual forms of gateways, an HTML page's title, or the first line of a text. They
 * are redacted after the parse, which undoes the escapes of JSON.
 */
export const parse = (body: string, redact: Redaction["text"]): ErrorBody => {
  const found = Option.match(parseJson(body), { onNone: () => fromText(body), onSome: fromJson })
  const text = (value: string | null) => (value === null ? null : redact(value, maxLength))
  return { message: text(found.message), code: text(found.code), traceId: text(found.traceId) }
}

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const fromJson = (json: unknown): ErrorBody => {
  if (typeof json === "string") return { message: text(json), code: null, traceId: null }
  if (!Predicate.isRecord(json)) return { message: null, code: null, traceId: null }
  const nested = Predicate.isRecord(json["error"]) ? json["error"] : {}
  const first: unknown = Array.isArray(json["errors"]) ? json["errors"][0] : undefined
  const listed = Predicate.isRecord(first) ? first : {}
  // A bare `error` is the code when there is a message beside it, and the message when there is none.
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
    traceId: text(json["traceId"]) ?? text(nested["traceId"])
  }
}

const fromText = (body: string): ErrorBody => {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]
  const isHtml = /^\s*<(!doctype|html|head|body|\?xml)/i.test(body)
  const line = isHtml ? title : body.trim().split(/\r?\n/, 1)[0]
  return { message: text(line), code: null, traceId: null }
}

/** The longest message that is one to read. */
const maxLength = 500

const text = (value: unknown): string | null => {
  if (typeof value !== "string") return null
  const trimmed = value.replace(/\s+/g, " ").trim()
  return trimmed === "" ? null : trimmed
}
