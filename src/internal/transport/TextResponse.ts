import * as Predicate from "effect/Predicate"

/** A response whose body was read completely. */
export interface TextResponse {
  readonly status: number
  /** The names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An exchange without a complete response. */
export interface Broken {
  /** Where it broke: before the response headers, or inside the body. */
  readonly reason: "request" | "body"
  /** The system's error code, such as `ECONNRESET`. */
  readonly code: string | null
  /** Never the platform's own error, which contains the request and its key. */
  readonly cause: unknown
}

/** A response whose body is longer than the limit. */
export interface TooLarge {
  readonly reason: "size"
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** In bytes, after decompression. */
  readonly limit: number
}

/** An exchange that did not end within its timeout. */
export interface TimedOut {
  readonly reason: "timeout"
}

/** What an exchange fails with. */
export type ExchangeError = Broken | TooLarge | TimedOut

/** An exchange that broke, with the system's code of its cause. */
export const broken = (reason: Broken["reason"], cause: unknown): Broken => ({ reason, code: systemCode(cause), cause })

/** The system's error code, which fetch wraps in its own error. */
const systemCode = (cause: unknown): string | null => {
  // Bounded, because an error may be its own cause.
  for (let at = cause, depth = 0; Predicate.isRecord(at) && depth < 8; at = at["cause"], depth++) {
    if (Predicate.isString(at["code"])) return at["code"]
  }
  return null
}
