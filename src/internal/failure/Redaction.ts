import * as Array from "effect/Array"
import * as Encoding from "effect/Encoding"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type { Decoded } from "./Escapes.js"
import { decoders, undecoded } from "./Escapes.js"
import type { Broken } from "../transport/TextResponse.js"

/** Removes a client's secrets from what a server sent, because a gateway may echo request headers. */
export interface Redaction {
  /** The first `length` characters, with each secret in them replaced, even one that ends after them. */
  readonly text: (text: string, length?: number) => string
  readonly headers: (headers: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  readonly broken: (broken: Broken) => Broken
}

export const make = (secrets: ReadonlyArray<Redacted.Redacted>): Redaction => {
  // Computed at the first failure, because a successful call does not need it.
  let computed: Redacted.Redacted<Needles> | undefined
  const needles = (): Needles => Redacted.value((computed ??= Redacted.make(needlesOf(secrets.map(Redacted.value)))))

  const text = (input: string, length = Infinity): string => {
    const { longest, shortest, values } = needles()
    if (input.length < shortest) return input.slice(0, length)
    const read = input.slice(0, length + longest * longestSpelling)
    return replace(read, find(read, values), length)
  }
  return {
    text,
    headers: (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, text(value)])),
    broken: ({ cause, code, reason }) => ({
      reason,
      code: code === null ? null : text(code),
      cause: isClean(cause, needles()) ? cause : undefined
    })
  }
}

/**
 * The longest spelling of one character of a secret: an escape has up to 8 characters, such as `&#X0026;`, and each of
 * them may be escaped again.
 */
const longestSpelling = 64

interface Needles {
  readonly values: ReadonlyArray<string>
  readonly shortest: number
  readonly longest: number
}

const needlesOf = (secrets: ReadonlyArray<string>): Needles => {
  const values = Array.dedupe(secrets.flatMap(forms)).filter((form) => form !== "")
  const lengths = values.map(({ length }) => length)
  return { values, shortest: Math.min(...lengths), longest: Math.max(0, ...lengths) }
}

/**
 * The forms of a secret when all escapes are decoded: itself, its UTF-8 bytes read as Latin-1, its Latin-1 bytes read
 * as UTF-8, and its Base64.
 */
const forms = (secret: string): ReadonlyArray<string> => {
  // HTTP trims header values.
  const value = secret.trim()
  const utf8 = new TextEncoder().encode(value)
  const latin1 = Uint8Array.from(value, (character) => character.charCodeAt(0))
  const misread = new TextDecoder("utf-8", { ignoreBOM: true }).decode(latin1)
  return [value, fromBytes(utf8), misread, ...base64(utf8), ...base64(latin1)].map((form) => undecoded(form).text)
}

/** Bytes as the characters with the same numbers. The `latin1` of `TextDecoder` is Windows-1252. */
const fromBytes = (bytes: Uint8Array): string => {
  let text = ""
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** A shorter secret may be part of ordinary words, so it is replaced only where it stands alone. */
const shortestWithin = 8

/** The Base64 of a secret within a longer text: only the characters that share no bit with its neighbours. */
const base64 = (bytes: Uint8Array): ReadonlyArray<string> =>
  [0, 1, 2]
    .flatMap((before) => {
      const padded = Uint8Array.from([...new Uint8Array(before), ...bytes])
      return [Encoding.encodeBase64(padded), Encoding.encodeBase64Url(padded)].map((encoded) =>
        encoded.slice(Math.ceil((before * 8) / 6), Math.floor((padded.length * 8) / 6))
      )
    })
    .filter(({ length }) => length >= shortestWithin)

type Range = readonly [from: number, until: number]

/** How many levels of escapes are decoded: JSON within JSON within HTML has three. */
const depth = 3

/** The positions of all needles in a text, in any spelling. */
const find = (text: string, needles: ReadonlyArray<string>): ReadonlyArray<Range> => {
  const ranges: Array<Range> = []
  const seen = new Set<string>()
  const search = (decoded: Decoded, level: number): void => {
    if (seen.has(decoded.text)) return
    seen.add(decoded.text)
    for (const needle of needles) {
      for (const at of occurrences(decoded.text, needle)) {
        ranges.push([decoded.position(at), decoded.position(at + needle.length)])
      }
    }
    // Decodes one kind of escape at a time, because the secret may contain what looks like an escape of another kind.
    if (level < depth) for (const decode of decoders) search(decode(decoded), level + 1)
  }
  search(undecoded(text), 0)
  return ranges
}

const occurrences = (text: string, needle: string): ReadonlyArray<number> => {
  const found: Array<number> = []
  const isPart = needle.length < shortestWithin ? isWithinWord : () => false
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    if (!isPart(text, at, at + needle.length)) found.push(at)
  }
  return found
}

const isWithinWord = (text: string, from: number, until: number): boolean =>
  isWord(text[from - 1]) || isWord(text[until])

const isWord = (character: string | undefined): boolean => character !== undefined && /[0-9A-Za-z]/.test(character)

/** The first `length` characters, with each range in them replaced. */
const replace = (text: string, ranges: ReadonlyArray<Range>, length: number): string => {
  let output = ""
  let end = 0
  for (const [from, until] of [...ranges].sort(([a], [b]) => a - b)) {
    if (from >= length) break
    if (from >= end) output += `${text.slice(end, from)}<redacted>`
    end = Math.max(end, until)
  }
  return output + text.slice(end, Math.max(end, length))
}

/** How much of a connection failure's cause is searched. A larger cause is dropped. */
const mostCharacters = 128 * 1024
const mostValues = 20_000

/** Whether a value contains no secret, not even in hidden properties or bytes. */
const isClean = (root: unknown, { values }: Needles): boolean => {
  const seen = new Set<unknown>()
  // A list instead of recursion, because a chain of causes could overflow the stack.
  const open: Array<unknown> = [root]
  let characters = 0
  let visited = 0
  while (open.length > 0) {
    const value = open.pop()
    visited += 1
    if (visited > mostValues) return false
    if (Predicate.isString(value) || isBytes(value)) {
      characters += Predicate.isString(value) ? value.length : value.byteLength
      if (characters > mostCharacters) return false
      if (find(Predicate.isString(value) ? value : fromBytes(bytesOf(value)), values).length > 0) return false
      continue
    }
    if (!Predicate.isObject(value) || Redacted.isRedacted(value) || seen.has(value)) continue
    seen.add(value)
    if (Predicate.isMap(value) || Predicate.isSet(value)) open.push(...value)
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key)
      open.push(key)
      if (descriptor !== undefined && "value" in descriptor) open.push(descriptor.value)
    }
  }
  return true
}

/** An HTTP parser's error may contain the raw packet. */
const isBytes = (value: unknown): value is ArrayBuffer | ArrayBufferView =>
  value instanceof ArrayBuffer || ArrayBuffer.isView(value)

const bytesOf = (value: ArrayBuffer | ArrayBufferView): Uint8Array =>
  value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
