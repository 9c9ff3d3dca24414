import * as CsvRows from "../../csv/CsvRows.js"
import type { FormatReader } from "./Format.js"

/** Reads CSV files. A part costs one more read, of the header. */
export const csv: FormatReader = {
  _tag: "Csv",
  reading: (format) =>
    format._tag !== "Csv"
      ? null
      : ({ bytes, from, size, until }) =>
          from === null
            ? CsvRows.parse(format)(size)(bytes(0, until))
            : CsvRows.parseFrom(format, from, size)(bytes(0, null), bytes(from.byte, until))
}
