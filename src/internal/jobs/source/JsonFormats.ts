import * as BulkFile from "../../import/BulkFile.js"
import * as Ndjson from "../../import/Ndjson.js"
import type { ReadPart } from "./Format.js"

export const ndjson: ReadPart = ({ bytes, from, size, until }) =>
  Ndjson.parse(size, from ?? undefined)(bytes(from?.byte ?? 0, until))

export const bulk: ReadPart = ({ bytes, from, size, until }) =>
  BulkFile.parse(size, from, until === null)(bytes(from?.byte ?? 0, until))
