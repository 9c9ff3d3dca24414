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
  // Kept redacted until they are compared, as everywhere.
  const values = () => secrets.map(Redacted.value).filter((secret) => secret.length >= shortest)
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

/** Whether a secret stands anywhere in a value, its hidden properties included. */
const holds = (value: unknown, secret: string, seen: Set<unknown>): boolean => {
  if (typeof value === "string") return value.includes(secret)
  if (!Predicate.isObject(value) || seen.has(value) || Redacted.isRedacted(value)) return false
  seen.add(value)
  return Reflect.ownKeys(value).some((key) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)
    return descriptor !== undefined && "value" in descriptor && holds(descriptor.value, secret, seen)
  })
}
