import * as Effect from "effect/Effect"
import * as Lines from "./Lines.js"
import type { ImportSourceError } from "./SourceError.js"
import * as SourceError from "./SourceError.js"
import type * as Start from "./Start.js"

/** The bytes of one customer, and its position. */
export interface Element {
  readonly number: number
  readonly line: number
  readonly column: number
  readonly byte: number
  readonly bytes: Uint8Array
  /** The length of the customer. Of one longer than `Lines.maxLineBytes`, `bytes` holds only the start. */
  readonly length: number
}

const [tab, feed, carriage, space, quote, comma] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c]
const [colon, openList, backslash, closeList, open, close] = [0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d]

type Phase = "start" | "name" | "colon" | "value" | "skipped" | "comma" | "list" | "customer" | "after" | "end"

/**
 * Finds the customers in `{ "customers": [ … ] }` without parsing them, for a source that is larger than memory. It
 * follows only strings and brackets: a JSON parser then checks each customer.
 *
 * Mutable: a customer can start in one chunk and end in another. Each run of a stream has its own scanner.
 *
 * `@streamparser/json` takes 1.7 times as long for a customer (4.6 against 2.7 µs, `JSON.parse` included, Node 20), would be
 * a runtime dependency, and does not give the line and the bytes of a customer that is rejected.
 */
export class BulkScanner {
  private phase: Phase = "start"
  /** The number of open brackets in the current value. */
  private depth = 0
  private inString = false
  private isEscaped = false
  private name: Array<number> = []
  private hasCustomers = false
  private number = 0
  private line = 1
  private lineStart = 0
  private byte = 0
  private begin = { line: 1, column: 1, byte: 0 }
  private parts: Array<Uint8Array> = []
  private partsLength = 0

  /** @param start where a customer starts, if the first chunk is not the start of the source */
  constructor(start: Start.Start | null) {
    if (start === null) return
    this.phase = "list"
    this.hasCustomers = true
    this.number = start.row - 1
    this.line = start.line
    this.lineStart = start.byte - (start.column - 1)
    this.byte = start.byte
  }

  push(chunk: Uint8Array): Effect.Effect<Array<Element>, ImportSourceError> {
    const elements: Array<Element> = []
    /** The offset in this chunk where the current customer starts or continues. */
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0
      if (this.byte === 0 && (byte === 0xff || byte === 0xfe))
        return this.fail("Encoding", "The source is UTF-16: save it as UTF-8")
      if (this.byte < 3 && this.phase === "start" && (byte === 0xef || byte === 0xbb || byte === 0xbf)) {
        this.byte += 1
        continue
      }
      if (this.isInCustomer() && this.depth === 0 && !this.inString && isEnd(byte)) {
        elements.push(this.take(chunk.subarray(from, i)))
        this.phase = "after"
      }
      if (this.phase === "customer" || this.phase === "skipped") this.walk(byte)
      else if (!isSpace(byte) || this.phase === "name") {
        const expected = this.step(byte)
        if (expected !== null)
          return this.fail("Format", `Expected ${expected}, found ${JSON.stringify(String.fromCharCode(byte))}`)
        if (this.isInCustomer()) from = i
      }
      this.byte += 1
      if (byte === feed) {
        this.line += 1
        this.lineStart = this.byte
      }
    }
    if (this.isInCustomer()) this.keep(chunk.subarray(from))
    return Effect.succeed(elements)
  }

  end(): Effect.Effect<void, ImportSourceError> {
    if (this.phase === "customer" || this.inString) {
      const where = this.phase === "customer" ? ` in the customer that starts at line ${this.begin.line}` : ""
      return this.fail("Format", `Unexpected end of the source${where}`)
    }
    if (this.phase !== "end") return this.fail("Format", "Unexpected end of the source")
    return this.hasCustomers
      ? Effect.void
      : this.fail("Format", 'Expected { "customers": [ … ] }, found no "customers"')
  }

  // A method, because the compiler narrows a field and does not see that a call changes it.
  private isInCustomer(): boolean {
    return this.phase === "customer"
  }

  /** Handles a byte between or around customers. Returns what was expected instead, or null. */
  private step(byte: number): string | null {
    switch (this.phase) {
      case "start":
        return this.next(byte === open, "comma", '{ "customers": [ … ] }')
      case "comma":
        if (byte === close) this.phase = "end"
        else if (byte === quote) {
          this.phase = "name"
          this.name = []
        } else if (byte !== comma) return "a name, ',' or '}'"
        return null
      case "name":
        if (byte === quote && !this.isEscaped) this.phase = "colon"
        else if (this.name.length < 256) this.name.push(byte)
        this.isEscaped = byte === backslash && !this.isEscaped
        return null
      case "colon":
        return this.next(byte === colon, "value", "':'")
      case "value":
        if (String.fromCharCode(...this.name) !== "customers") {
          this.phase = "skipped"
          this.walk(byte)
          return null
        }
        this.hasCustomers = true
        return this.next(byte === openList, "list", 'a list of "customers"')
      case "list":
      case "after":
        if (byte === closeList) this.phase = "comma"
        else if (byte === comma && this.phase === "after") this.phase = "list"
        else if (this.phase === "after") return "',' or ']'"
        else {
          this.phase = "customer"
          this.begin = { line: this.line, column: this.byte - this.lineStart + 1, byte: this.byte }
          this.walk(byte)
        }
        return null
      default:
        return "the end"
    }
  }

  private next(isExpected: boolean, phase: Phase, expected: string): string | null {
    if (!isExpected) return expected
    this.phase = phase
    return null
  }

  /** Handles a byte inside a customer or inside a skipped value. Only brackets and strings matter. */
  private walk(byte: number): void {
    if (this.inString) {
      if (this.isEscaped) this.isEscaped = false
      else if (byte === backslash) this.isEscaped = true
      else if (byte === quote) this.inString = false
    } else if (byte === quote) this.inString = true
    else if (byte === open || byte === openList) this.depth += 1
    else if (this.depth > 0 && (byte === close || byte === closeList)) this.depth -= 1
    else if (this.phase === "skipped" && this.depth === 0 && (byte === comma || byte === close)) {
      this.phase = byte === close ? "end" : "comma"
    }
  }

  private keep(part: Uint8Array): void {
    if (part.length > 0 && this.partsLength <= Lines.maxLineBytes) this.parts.push(part.slice())
    this.partsLength += part.length
  }

  private take(last: Uint8Array): Element {
    this.keep(last)
    const bytes = Lines.concat(this.parts)
    const length = this.partsLength
    this.parts = []
    this.partsLength = 0
    this.number += 1
    const end = bytes.findLastIndex((byte) => !isSpace(byte)) + 1
    return { number: this.number, ...this.begin, bytes: bytes.subarray(0, end), length }
  }

  private fail(reason: "Format" | "Encoding", message: string): Effect.Effect<never, ImportSourceError> {
    const place = { line: this.line, column: this.byte - this.lineStart + 1, byte: this.byte }
    return Effect.fail(SourceError.at(reason, `${message} (line ${place.line}, column ${place.column})`, place))
  }
}

const isSpace = (byte: number): boolean => byte === space || byte === feed || byte === carriage || byte === tab

/** Whether a byte may follow a customer. */
const isEnd = (byte: number): boolean => byte === comma || byte === closeList
