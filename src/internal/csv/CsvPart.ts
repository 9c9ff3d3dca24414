import type { DecodeOptions, JobFormat } from "../../CustomerCsv.js"
import * as Lines from "../import/Lines.js"
import * as CsvRows from "./CsvRows.js"

/** A longer header has a problem, so there is no part to read. */
const longestHeader = 2 * Lines.maxLineBytes

/** Reads a part of a CSV file. It costs one more read, of the header. */
export const read =
  (options: DecodeOptions): ReturnType<JobFormat["read"]> =>
  ({ bytes, from, size, until }) =>
    from === null
      ? CsvRows.parse(options)(size)(bytes(0, until))
      : CsvRows.parseFrom(options, from, size)(bytes(0, Math.min(from.byte, longestHeader)), bytes(from.byte, until))
