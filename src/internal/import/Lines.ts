import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as SourceError from "./SourceError.js"
import * as Start from "./Start.js"

/** A line of a source without its line ending, or why it could not be read. */
export interface Line {
  /** Counted from 1. */
  readonly number: number
  /** The byte offset in the source where the line starts. */
  readonly byte: number
  /** An excerpt if the line could not be read. */
  readonly text: string
  readonly problem: { readonly message: string; readonly column: number | null; readonly byte: number } | null
}

/** The maximum length of a line in bytes. Of a longer line, only an excerpt is kept. */
export const maxLineBytes = 1024 * 1024

/**
 * Splits bytes into lines at LF or CRLF. Each line is decoded separately, so that invalid UTF-8 affects one line only.
 * A byte order mark is dropped. UTF-16 fails. The bytes are those from `start`.
 *
 * `Stream.splitLines` takes text that was decoded in chunks: an invalid byte would end the stream, and the byte offsets
 * of the lines would be unknown.
 */
export const split = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>,
  start: Pick<Start.Start, "line" | "byte"> = Start.first
): Stream.Stream<Line, E | SourceError.ImportSourceError, R> =>
  Stream.suspend(() => {
    const splitter = new Splitter(start.line, start.byte)
    return bytes.pipe(
      Stream.mapConcatChunkEffect((chunk) =>
        splitter.isUtf16(chunk)
          ? Effect.fail(
              SourceError.at("Encoding", "The source is UTF-16: save it as UTF-8", { line: 1, column: 1, byte: 0 })
            )
          : Effect.succeed(Chunk.unsafeFromArray(splitter.push(chunk)))
      ),
      Stream.concat(Stream.suspend(() => Stream.fromIterable(splitter.end())))
    )
  })

const lineFeed = 10
const carriageReturn = 13

/** Mutable: a line can start in one chunk and end in another. Each run of a stream has its own splitter. */
class Splitter {
  private parts: Array<Uint8Array> = []
  private partsLength = 0

  constructor(
    private number: number,
    private offset: number
  ) {}

  isUtf16(chunk: Uint8Array): boolean {
    const isStart = this.offset === 0 && this.partsLength === 0
    return isStart && ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff))
  }

  push(chunk: Uint8Array): Array<Line> {
    const lines: Array<Line> = []
    let from = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      lines.push(this.take(chunk.subarray(from, end), 1))
      from = end + 1
    }
    this.keep(chunk.subarray(from))
    return lines
  }

  end(): Array<Line> {
    return this.partsLength === 0 ? [] : [this.take(new Uint8Array(), 0)]
  }

  private keep(part: Uint8Array): void {
    // A copy, because the producer may reuse the memory of the chunk.
    if (part.length > 0 && this.partsLength <= maxLineBytes) this.parts.push(part.slice())
    this.partsLength += part.length
  }

  /**
   * Completes the line that ends with `last`. `feed` is the length of the line feed after it: 0 at the end of the
   * source.
   */
  private take(last: Uint8Array, feed: number): Line {
    const { number, offset } = this
    const length = this.partsLength + last.length
    const isWhole = this.partsLength <= maxLineBytes
    const bytes = this.parts.length === 0 ? last : concat(isWhole ? [...this.parts, last] : this.parts)
    this.number += 1
    this.offset += length + feed
    this.parts = []
    this.partsLength = 0
    return read(number, offset, bytes, length)
  }
}

const read = (number: number, offset: number, bytes: Uint8Array, length: number): Line => {
  const hasMark = offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const start = hasMark ? 3 : 0
  const end = bytes[bytes.length - 1] === carriageReturn ? bytes.length - 1 : bytes.length
  const content = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)
  const byte = offset + start
  if (length > maxLineBytes) {
    const message = `The line has ${length} bytes, more than ${maxLineBytes}`
    return { number, byte, text: excerpt(content), problem: { message, column: null, byte } }
  }
  const text = decode(content)
  if (Option.isSome(text)) return { number, byte, text: text.value, problem: null }
  const valid = validPrefix(content)
  const message = `The byte 0x${(content[valid.bytes] ?? 0).toString(16)} is not UTF-8`
  return {
    number,
    byte,
    text: excerpt(content),
    problem: { message, column: valid.text.length + 1, byte: byte + valid.bytes }
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder("utf-8", { ignoreBOM: true })

/** Decodes bytes; none if they are not valid UTF-8. */
export const decode = Option.liftThrowable((bytes: Uint8Array): string => strict.decode(bytes))

/** The longest prefix that is valid UTF-8. */
export const validPrefix = (bytes: Uint8Array): { readonly text: string; readonly bytes: number } => {
  // Binary search: a prefix of `low` bytes is valid, one of more than `high` bytes is not.
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (isPrefixOfText(bytes.subarray(0, middle))) low = middle
    else high = middle - 1
  }
  // The prefix may still end inside a character. A character has four bytes at most.
  while (low > 0 && Option.isNone(decode(bytes.subarray(0, low)))) low -= 1
  return { text: lenient.decode(bytes.subarray(0, low)), bytes: low }
}

/** A streaming decoder waits for the rest of a character instead of failing. */
const isPrefixOfText = (bytes: Uint8Array): boolean =>
  Option.isSome(Option.liftThrowable(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }))())

/** Decodes the first 200 bytes. */
export const excerpt = (bytes: Uint8Array): string => lenient.decode(bytes.subarray(0, 200))

export const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
