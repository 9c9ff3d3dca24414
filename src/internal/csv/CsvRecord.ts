import { parse } from "#csv-parse"
import * as Chunk from "effect/Chunk"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Line } from "../import/Lines.js"
import { maxLineBytes } from "../import/Lines.js"

/** One record of a CSV, or a line that could not be read as one. */
export interface CsvRecord {
  readonly line: number
  readonly column: number | null
  readonly byte: number
  readonly text: string
  /** Empty if the record has a problem. */
  readonly cells: ReadonlyArray<string>
  readonly problem: string | null
}

/**
 * Joins lines into records and parses them: a quoted cell can contain line breaks (CRLF becomes LF). If a record cannot
 * be parsed, only its first line is rejected, and the next record starts at its second line. On its own, `csv-parse`
 * would take everything after an unclosed quote as part of the record.
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

/** Mutable: a record can start in one chunk of lines and end in another. Each run of a stream has its own assembly. */
class Assembly {
  /** The lines of a record with an open quote. */
  private open: Array<Line> = []
  private openLength = 0
  private isQuoted = false

  constructor(private readonly delimiter: string) {}

  push(lines: ReadonlyArray<Line>): Array<CsvRecord> {
    return this.parseAll(lines) ?? this.parseEach(lines)
  }

  end(): Array<CsvRecord> {
    const records: Array<CsvRecord> = []
    while (this.open.length > 0) {
      for (const record of this.push(this.rejectFirst(records, "A quote in this line is not closed")))
        records.push(record)
    }
    return records
  }

  /**
   * Parses lines in one call of the library. Returns null if one has a problem or a record continues beyond them.
   */
  private parseAll(lines: ReadonlyArray<Line>): Array<CsvRecord> | null {
    if (this.open.length > 0 || lines.some(({ problem }) => problem !== null)) return null
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

  private parseEach(lines: ReadonlyArray<Line>): Array<CsvRecord> {
    const records: Array<CsvRecord> = []
    /** The remaining lines, the next one last. When a record is rejected, its other lines are put back. */
    const left = lines.toReversed()
    for (let line = left.pop(); line !== undefined; line = left.pop()) {
      if (line.problem !== null) {
        if (this.open.length > 0)
          left.push(line, ...this.rejectFirst(records, "A quote in this line is not closed").toReversed())
        else records.push({ ...line, ...place(line), cells: [], problem: line.problem.message, line: line.number })
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
        } else left.push(...this.rejectFirst(records, "A quote in this line is misplaced").toReversed())
      } else if (this.openLength > maxLineBytes) {
        // There are many of these lines, and most are probably valid: parsing them together costs a tenth.
        const again = this.push(
          this.rejectFirst(records, `A quote in this line is not closed within ${maxLineBytes} bytes`)
        )
        for (const record of again) records.push(record)
      }
    }
    return records
  }

  /** Rejects the first line of the open record and returns the lines after it. */
  private rejectFirst(records: Array<CsvRecord>, problem: string): ReadonlyArray<Line> {
    const [first, ...rest] = this.open
    this.clear()
    if (first !== undefined) {
      const column = first.text.indexOf('"') + 1
      records.push({ ...record(first, []), column, problem })
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
  problem: null
})

const place = ({ byte, problem }: Line) => ({ column: problem?.column ?? null, byte: problem?.byte ?? byte })

const isBlank = ({ text }: Line): boolean => text === "" || /^\s*$/.test(text)

const hasOddQuotes = (text: string): boolean => {
  let isOdd = false
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isOdd = !isOdd
  return isOdd
}
