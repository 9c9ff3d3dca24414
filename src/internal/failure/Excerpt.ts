/** What an error shows of a text from outside: never more than a given length, and safe to print in a terminal. */

/** Controls (C0, DEL, C1) and those of writing direction. */
const unsafe = /[\p{Cc}\p{Bidi_Control}]/gu

/** As {@link unsafe}, but for tabs and line ends. A lone carriage return would overwrite what stands before it. */
const unsafeInLines = /\r(?!\n)|[^\P{Cc}\t\r\n]|\p{Bidi_Control}/gu

/** Replaced and not removed: what is left must not join to a word that redaction looked for. */
const replacement = "\ufffd"

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** A slice keeps the whole text that it was cut from alive; its copy does not. Half a surrogate pair is replaced. */
const copy = (slice: string): string => decoder.decode(encoder.encode(slice))

/**
 * The first `length` characters, without secrets. It sees the whole text and comes before any cut: half of a secret is not
 * found any more.
 */
type Redact = (text: string, length: number) => string

const unredacted: Redact = (text, length) => text.slice(0, length)

/**
 * The first `length` characters as one line of at most `maxLength`: blanks collapse, and what is cut ends in `…`.
 */
export const line = (text: string, maxLength: number, redact = unredacted, length = text.length): string => {
  // No more is looked at, so that a long text costs no more than a short one.
  const most = 2 * maxLength
  const clean = redact(text, Math.min(length, most)).replace(/\s+/g, " ").trim().replace(unsafe, replacement)
  return clean.length > maxLength || length > most ? `${copy(clean.slice(0, maxLength - 1))}…` : copy(clean)
}

/** The first `maxLength` characters, line ends and tabs included. */
export const lines = (text: string, maxLength: number, redact = unredacted): string =>
  copy(redact(text, maxLength).replace(unsafeInLines, replacement).slice(0, maxLength))
