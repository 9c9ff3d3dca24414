import * as CsvRows from "../../csv/CsvRows.js"
import * as Lines from "../../import/Lines.js"
import type { FormatReader } from "./Format.js"

/** A longer header has a problem, so there is no part to read. */
const longestHeader = 2 * Lines.maxLineBytes

/** Reads CSV files. A part costs one more read, of the header. */
export const csv: FormatReader = {
  _tag: "Csv",
  reading: (format) =>
    format._tag !== "Csv"
      ? null
      : ({ bytes, from, size, until }) =>
          from === null
            ? CsvRows.parse(format)(size)(bytes(0, until))
            : CsvRows.parseFrom(
                format,
                from,
                size
              )(bytes(0, Math.min(from.byte, longestHeader)), bytes(from.byte, until))
}
