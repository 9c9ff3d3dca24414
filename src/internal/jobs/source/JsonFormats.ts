import * as BulkFile from "../../import/BulkFile.js"
import * as Ndjson from "../../import/Ndjson.js"
import type { FormatReader } from "./Format.js"

export const ndjson: FormatReader = {
  _tag: "Ndjson",
  reading: (format) =>
    format._tag !== "Ndjson"
      ? null
      : ({ bytes, from, size, until }) => Ndjson.parse(size, from ?? undefined)(bytes(from?.byte ?? 0, until))
}

export const bulk: FormatReader = {
  _tag: "Bulk",
  reading: (format) =>
    format._tag !== "Bulk"
      ? null
      : ({ bytes, from, size, until }) => BulkFile.parse(size, from, until === null)(bytes(from?.byte ?? 0, until))
}
