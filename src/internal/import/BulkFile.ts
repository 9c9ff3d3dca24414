import type * as FileSystem from "@effect/platform/FileSystem"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as BulkScanner from "./BulkScanner.js"
import * as JsonText from "./JsonText.js"
import * as Lines from "./Lines.js"
import type { Row } from "../../CustomerImport.js"
import type { ImportSourceError } from "./SourceError.js"
import * as SourceFile from "./SourceFile.js"
import type * as Start from "./Start.js"

/**
 * Reads rows from the JSON format of Stigg's own bulk import tool: `{ "customers": [{ "customerId", "email", … }] }`.
 * Customers are parsed one by one, so the source may be larger than memory. `customerId` becomes the id; a missing
 * `email` or `name` becomes null. A malformed customer becomes one row with a `problem`.
 *
 * Fails with `StiggImportSourceError` if the JSON around the customers is malformed.
 *
 * @example
 * import { Stream } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const bytes = Stream.make(new TextEncoder().encode('{ "customers": [{ "customerId": "customer-acme" }] }'))
 * const rows = CustomerImport.fromBulkFile(bytes)
 *
 * @see https://docs.stigg.io/documentation/importing-and-exporting-data/import/importing-customers
 * @category readers
 * @since 0.1.0
 */
export const fromBulkFile = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>
): Stream.Stream<Row, E | ImportSourceError, R> => parse(undefined)(bytes)

/**
 * Reads rows from a bulk file, like {@link fromBulkFile}. Each run of the stream opens the file again and reads it as
 * it is consumed.
 *
 * @example
 * import { CustomerImport } from "effect-stigg"
 *
 * const program = CustomerImport.summarize(CustomerImport.run(CustomerImport.readBulkFile("customers.json")))
 *
 * @category readers
 * @since 0.1.0
 */
export const readBulkFile = (path: string): Stream.Stream<Row, ImportSourceError, FileSystem.FileSystem> =>
  SourceFile.read(path, parse)

/**
 * Reads the rows from `start`, where a customer starts, or from the first byte. If the bytes are not those to the end of
 * the source, they end where a customer starts.
 */
export const parse =
  (sourceBytes: number | undefined, start: Start.Start | null = null, isToEnd = true) =>
  <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Row, E | ImportSourceError, R> =>
    Stream.suspend(() => {
      const scanner = new BulkScanner.BulkScanner(start)
      return bytes.pipe(
        Stream.mapConcatChunkEffect((chunk) =>
          Effect.map(scanner.push(chunk), (elements) =>
            Chunk.unsafeFromArray(elements.map((element): Row => ({ ...toRow(element), sourceBytes })))
          )
        ),
        Stream.concat(Stream.drain(Stream.fromEffect(Effect.suspend(() => (isToEnd ? scanner.end() : Effect.void)))))
      )
    })

const toRow = ({ byte, bytes, column, length, line, number }: BulkScanner.Element): Row => {
  const start = { number, line, column, byte }
  if (length > Lines.maxLineBytes) {
    const problem = `The customer has ${length} bytes, more than ${Lines.maxLineBytes}`
    return { ...start, value: Lines.excerpt(bytes), problem }
  }
  const text = Lines.decode(bytes)
  if (Option.isNone(text)) {
    const valid = Lines.validPrefix(bytes)
    const problem = `The byte 0x${(bytes[valid.bytes] ?? 0).toString(16)} is not UTF-8`
    return { number, ...inside(start, valid.text), value: Lines.excerpt(bytes), problem }
  }
  const parsed = JsonText.parse(text.value)
  const unread = { value: text.value.slice(0, 200), original: { _tag: "Text", text: text.value } } as const
  if (Either.isLeft(parsed)) {
    const { message, offset } = parsed.left
    return { number, ...inside(start, text.value.slice(0, offset)), ...unread, problem: message }
  }
  if (!Predicate.isRecord(parsed.right)) return { ...start, ...unread, problem: "Expected an object" }
  return { ...start, value: toCustomer(parsed.right), problem: null }
}

/** The position at the end of a text that starts at `start`. */
const inside = (start: { readonly line: number; readonly column: number; readonly byte: number }, text: string) => {
  const lastFeed = text.lastIndexOf("\n")
  return {
    line: start.line + text.split("\n").length - 1,
    column: lastFeed === -1 ? start.column + text.length : text.length - lastFeed,
    byte: start.byte + new TextEncoder().encode(text).length
  }
}

const toCustomer = ({
  customerId,
  ...fields
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  ...fields,
  id: fields["id"] ?? customerId,
  email: fields["email"] ?? null,
  name: fields["name"] ?? null
})
