import { parse } from "csv-parse/sync"
import * as Chunk from "effect/Chunk"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Line } from "../import/Lines.js"
import { maxLineBytes } from "../import/Lines.js"

/** One record of a CSV, or a line that is part of none. */
export interface CsvRecord {
  readonly line: number
  readonly column: number | null
  readonly byte: number
  readonly text: string
  /** Empty where there is a fault. */
  readonly cells: ReadonlyArray<string>
  readonly fault: string | null
}

/**
 * Puts lines together to records, for a quoted cell may hold line feeds (CRLF comes out as LF), and has the library read
 * them. A record that cannot be read is given up with its first line alone, and the next begins with its second: left to
 * itself the library takes all that follows an unclosed quote for part of it.
 */
export const fromLines =
  (delimiter: string) =>
  <E, R>(lines: Stream.Stream<Line, E, R>): Stream.Stream<CsvRecord, E, R> =>
    Stream.suspend(() => {
      const assembly = new Assembly(delimiter)
      return lines.pipe(
        Stream.mapChunks((chunk) => Chunk.unsafeFromArray(assembly.push(Chunk.toReadonlyArray(chunk)))),
        Stream.concat(Stream.suspend(() => Stream.fromIterable(assembly.end())))
      )
    })

/** Mutable: a record can begin in one chunk of lines and end in another. One run of a stream has one. */
class Assembly {
  /** Lines of a record in which a quote is open. */
  private open: Array<Line> = []
  private openLength = 0
  private isQuoted = false

  constructor(private readonly delimiter: string) {}

  push(lines: ReadonlyArray<Line>): Array<CsvRecord> {
    return this.together(lines) ?? this.oneByOne(lines)
  }

  end(): Array<CsvRecord> {
    const records: Array<CsvRecord> = []
    while (this.open.length > 0) {
      for (const record of this.push(this.giveUp(records, "A quote is not closed"))) records.push(record)
    }
    return records
  }

  /** All records of some lines in one call of the library, when nothing is wrong with any; else null. */
  private together(lines: ReadonlyArray<Line>): Array<CsvRecord> | null {
    if (this.open.length > 0 || lines.some(({ fault }) => fault !== null)) return null
    const starts: Array<Line> = []
    const texts: Array<string> = []
    for (const line of lines) {
      if (!this.isQuoted && isBlank(line)) continue
      if (!this.isQuoted) starts.push(line)
      texts.push(line.text)
      if (hasOddQuotes(line.text)) this.isQuoted = !this.isQuoted
    }
    const isWhole = !this.isQuoted
    this.isQuoted = false
    const cells = isWhole ? this.parse(texts.join("\n")) : Option.none()
    if (Option.isNone(cells) || cells.value.length !== starts.length) return null
    return starts.map((line, i) => record(line, cells.value[i] ?? []))
  }

  private oneByOne(lines: ReadonlyArray<Line>): Array<CsvRecord> {
    const records: Array<CsvRecord> = []
    /** What is still to come, the next line last: those of a record that is given up come again. */
    const left = lines.toReversed()
    for (let line = left.pop(); line !== undefined; line = left.pop()) {
      if (line.fault !== null) {
        if (this.open.length > 0) left.push(line, ...this.giveUp(records, "A quote is not closed").toReversed())
        else records.push({ ...line, ...place(line), cells: [], fault: line.fault.message, line: line.number })
        continue
      }
      if (this.open.length === 0 && isBlank(line)) continue
      this.open.push(line)
      this.openLength += line.text.length
      if (hasOddQuotes(line.text)) this.isQuoted = !this.isQuoted
      if (!this.isQuoted) {
        const [first] = this.open
        const cells = this.parse(this.open.map(({ text }) => text).join("\n"))
        if (first !== undefined && Option.isSome(cells) && cells.value.length === 1) {
          records.push(record(first, cells.value[0] ?? []))
          this.clear()
        } else left.push(...this.giveUp(records, "A quote stands where none may").toReversed())
      } else if (this.openLength > maxLineBytes) {
        // These are many, and most likely good: together they cost a tenth.
        const again = this.push(this.giveUp(records, `A quote is not closed within ${maxLineBytes} bytes`))
        for (const record of again) records.push(record)
      }
    }
    return records
  }

  /** Gives up the first line of the open record; gives those after it. */
  private giveUp(records: Array<CsvRecord>, why: string): ReadonlyArray<Line> {
    const [first, ...rest] = this.open
    this.clear()
    if (first !== undefined) {
      const column = first.text.indexOf('"') + 1
      records.push({ ...record(first, []), column, fault: `${why}, from a quote in this line on` })
    }
    return rest
  }

  private clear(): void {
    this.open = []
    this.openLength = 0
    this.isQuoted = false
  }

  private parse(text: string): Option.Option<Array<Array<string>>> {
    return text === "" ? Option.some([]) : parseText(text, this.delimiter)
  }
}

const parseText = Option.liftThrowable((text: string, delimiter: string): Array<Array<string>> =>
  parse(text, { delimiter, record_delimiter: "\n", relax_column_count: true, skip_empty_lines: false })
)

const record = (line: Line, cells: ReadonlyArray<string>): CsvRecord => ({
  line: line.number,
  column: 1,
  byte: line.byte,
  text: line.text,
  cells,
  fault: null
})

const place = ({ byte, fault }: Line) => ({ column: fault?.column ?? null, byte: fault?.byte ?? byte })

const isBlank = ({ text }: Line): boolean => text === "" || /^\s*$/.test(text)

const hasOddQuotes = (text: string): boolean => {
  let isOdd = false
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isOdd = !isOdd
  return isOdd
}
