import * as Array from "effect/Array"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type { Answer, Broken } from "./Exchange.js"

/** Takes a client's secrets out of what came back: a gateway may echo the headers of a request. */
export interface Redaction {
  readonly text: (text: string) => string
  readonly answer: (answer: Answer) => Answer
  readonly broken: (broken: Broken) => Broken
}

/** A shorter value is no secret worth the name, and would be found in innocent words. */
const shortest = 8

/** The redaction of these secrets. */
export const make = (secrets: ReadonlyArray<Redacted.Redacted>): Redaction => {
  // Spelled once, for each attribute of a span is searched. Kept redacted until they are compared, as everywhere.
  const spelled = Redacted.make(
    Array.dedupe(
      secrets
        .map(Redacted.value)
        .filter((secret) => secret.length >= shortest)
        .flatMap(spellings)
    )
  )
  const values = () => Redacted.value(spelled)
  const text = (input: string) => values().reduce((output, secret) => output.replaceAll(secret, "<redacted>"), input)
  return {
    text,
    answer: (answer) => ({
      status: answer.status,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, text(value)])),
      body: text(answer.body)
    }),
    broken: (broken) =>
      values().some((secret) => holds(broken.cause, secret, new Set())) ? { ...broken, cause: undefined } : broken
  }
}

/** A secret as it is, and as JSON, JSON in ASCII and a URL spell it. */
const spellings = (secret: string): ReadonlyArray<string> => {
  const json = JSON.stringify(secret).slice(1, -1)
  const ascii = json.replace(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return [secret, json, ascii, encodeURIComponent(secret)]
}

/** Whether a secret stands anywhere in a value, its hidden properties and bytes included. */
const holds = (value: unknown, secret: string, seen: Set<unknown>): boolean => {
  if (typeof value === "string") return value.includes(secret)
  if (!Predicate.isObject(value) || seen.has(value) || Redacted.isRedacted(value)) return false
  seen.add(value)
  // A parser's error may keep the packet.
  if (Predicate.isUint8Array(value))
    return encodings.some((name) => new TextDecoder(name).decode(value).includes(secret))
  return Reflect.ownKeys(value).some((key) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)
    return descriptor !== undefined && "value" in descriptor && holds(descriptor.value, secret, seen)
  })
}

/** Those of headers and of bodies. */
const encodings = ["latin1", "utf-8"]
