/** Excerpts of untrusted text for errors: of bounded length, and safe to print in a terminal. */

/** Control characters (C0, DEL, C1) and bidirectional controls. */
const unsafe = /[\p{Cc}\p{Bidi_Control}]/gu

/** Like {@link unsafe}, except for tabs and line ends. A lone carriage return would overwrite the line before it. */
const unsafeInLines = /\r(?!\n)|[^\P{Cc}\t\r\n]|\p{Bidi_Control}/gu

/** Characters are replaced, not removed: removal could join the rest into a secret that redaction did not see. */
const replacement = "\ufffd"

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** A slice keeps the whole text that it was cut from in memory; its copy does not. Replaces lone surrogates. */
const copy = (slice: string): string => decoder.decode(encoder.encode(slice))

/**
 * Returns the first `length` characters without secrets. It must run before the text is cut, because it does not find a
 * part of a secret.
 */
type Redact = (text: string, length: number) => string

const unredacted: Redact = (text, length) => text.slice(0, length)

/**
 * The first `length` characters as one line of at most `maxLength`. White space collapses, and a cut line ends in `…`.
 */
export const line = (text: string, maxLength: number, redact = unredacted, length = text.length): string => {
  // Reads no further, so that a long text costs no more than a short one.
  const most = 2 * maxLength
  const clean = redact(text, Math.min(length, most)).replace(/\s+/g, " ").trim().replace(unsafe, replacement)
  return clean.length > maxLength || length > most ? `${copy(clean.slice(0, maxLength - 1))}…` : copy(clean)
}

/** The first `maxLength` characters, including line ends and tabs. */
export const lines = (text: string, maxLength: number, redact = unredacted): string =>
  copy(redact(text, maxLength).replace(unsafeInLines, replacement).slice(0, maxLength))
