import type * as FileSystem from "@effect/platform/FileSystem"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { Batch, Rejected, RejectsOptions, Summary } from "../../CustomerImport.js"
import * as Lines from "./Lines.js"
import type { ImportRejectsError, RejectsFormat } from "./RejectsFile.js"
import * as RejectsFile from "./RejectsFile.js"

/**
 * Writes the rejected rows of an import to an NDJSON file that can be fixed and imported again. It passes all events on.
 *
 * Each line is the original line with one more field, `"rejected": { "row", "line", "reason", "message" }`, which a
 * reader ignores. Delete the lines with the reason `Duplicate`: importing one overwrites the row that won. A line that is not a JSON object becomes the string `text` of an object: replace that whole line
 * by the corrected row, otherwise the next import rejects it again. A row that was not read from NDJSON is written as the JSON of its value. For a CSV, use
 * `CustomerCsv.writeRejects`.
 *
 * - Until the import is complete, the file has the suffix `.partial`. No file is written if no row was rejected.
 * - If the next run with the same `progress` resumes the import, it continues the file, and each rejected row is in it
 *   once: rows of batches that are imported again are removed first. If a batch failed or the import gave up, the file
 *   keeps its suffix until a run completes the import.
 * - Without `progress`, each run begins a new `.partial` file. It is complete when every row has been processed, and then
 *   contains the rows of failed batches too.
 * - If an import gives up without `progress`, or is stopped, the rows so far are in the `.partial` file.
 *
 * Fails with `StiggImportRejectsError`: before anything is sent if `path` exists, unless `overwrite` is set.
 *
 * @example
 * import { Effect } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const program = CustomerImport.run(CustomerImport.readNdjson("customers.ndjson")).pipe(
 *   CustomerImport.writeRejects("customers.rejected.ndjson"),
 *   CustomerImport.summarize,
 *   Effect.tap(({ rejected }) => Effect.log(`${rejected} rows are in customers.rejected.ndjson`))
 * )
 *
 * @category rejects
 * @since 0.1.0
 */
export const writeRejects = (
  path: string,
  options: RejectsOptions = {}
): (<E, R>(
  events: Stream.Stream<Batch | Summary, E, R>
) => Stream.Stream<Batch | Summary, E | ImportRejectsError, R | FileSystem.FileSystem>) =>
  RejectsFile.write(path, options, () => format)

export const format: RejectsFormat = {
  read: (bytes) => Stream.map(Lines.split(bytes), ({ byte, text }) => ({ byte, row: rowOf(text) })),
  encode: (rejected) => Either.right(rejected.map((one) => `${lineOf(one)}\n`).join(""))
}

/** What {@link lineOf} puts at the start of a line. */
const start = /^\{"rejected":\{"row":(\d+),"line":(?:\d+|null),"reason":"\w+","message":"(?:[^"\\]|\\.)*"\}(?:,|(?=\}))/

/** The number of the row in a line; null if the line was not written here, or not in full. */
const rowOf = (line: string): number | null => {
  const row = start.exec(line)?.[1]
  return row === undefined || !line.endsWith("}") ? null : Number(row)
}

const lineOf = (one: Rejected): string => {
  const { line, message, reason, row } = one
  const rejected = `{"rejected":${JSON.stringify({ row, line, reason, message })}`
  const members = membersOf(one)
  return members === "" ? `${rejected}}` : `${rejected},${members}}`
}

/** The text of a row between its braces. */
const membersOf = ({ original, reason, value }: Rejected): string => {
  if (original?._tag === "Text") {
    // The text of a valid row is an object, so its first and last character are braces. Those of an earlier file of
    // rejected rows begin with why they were rejected then.
    return reason === "Malformed" ? `"text":${JSON.stringify(original.text)}` : inner(original.text.replace(start, "{"))
  }
  const json = stringify(value)
  return Predicate.isRecord(value) ? inner(json) : `"value":${json}`
}

const inner = (object: string): string => object.trim().slice(1, -1).trim()

/** A value of a program can be anything, also a cycle. */
const stringify = (value: unknown): string =>
  Option.liftThrowable((): string | undefined => JSON.stringify(value))().pipe(
    Option.flatMap(Option.fromNullable),
    Option.getOrElse(() => (Predicate.isRecord(value) ? "{}" : "null"))
  )
