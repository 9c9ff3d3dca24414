import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import type { CustomerJson } from "./CustomerCheck.js"
import { check, recheck } from "./CustomerCheck.js"
import type { Outcome, Sendable } from "./Delivery.js"
import type { Winners } from "./Duplicates.js"
import { IdIndex, InFlight } from "./Duplicates.js"
import type { ImportCheckpoint } from "./ImportCheckpoint.js"
import type { Rejected, Row } from "../../CustomerImport.js"
import { reject } from "./Rejection.js"

/** A batch whose rows have been checked. */
export interface PreparedBatch {
  readonly rows: number
  readonly firstRow: number
  readonly lastRow: number
  readonly lastId: string | null
  /** The byte offsets of the first and the last row, and the size of the file; null if the source is not a file. */
  readonly bytes: { readonly from: number; readonly until: number; readonly total: number } | null
  /** Sends the valid rows. The outcome includes the rows that were rejected before, in source order. */
  readonly sendWith: (deliver: (rows: ReadonlyArray<Sendable>) => Effect.Effect<Outcome>) => Effect.Effect<Outcome>
}

/**
 * Skips the rows that earlier runs processed. Fails if the last of them does not have the id of the checkpoint: the
 * source is another one.
 */
export const skipImported =
  <E1>(from: ImportCheckpoint, otherSource: () => E1) =>
  <E, R>(rows: Stream.Stream<Row, E, R>): Stream.Stream<Row, E | E1, R> =>
    from.rows === 0
      ? rows
      : Stream.unwrapScoped(
          Effect.flatMap(Stream.peel(Stream.drop(rows, from.rows - 1), Sink.head<Row>()), ([last, rest]) =>
            Option.isSome(last) && idOf(last.value) === from.lastId ? Effect.succeed(rest) : Effect.fail(otherSource())
          )
        )

/**
 * Checks the rows of a batch and rejects those that cannot be sent. Of the rows with the same id, it keeps the winner
 * in `ids`. If `ids` is null, the same rule applies within the batch, and batches that share an id are sent in order.
 * Call it once per import: the returned function remembers the batches in flight.
 */
export const prepare = (ids: Winners | null): ((chunk: Chunk.Chunk<Row>) => PreparedBatch) => {
  const inFlight = ids === null ? new InFlight() : null
  return (chunk) => {
    const rejected: Array<Rejected> = []
    const checked: Array<Sendable> = []
    for (const row of chunk) {
      const known = ids?.isChecked === true && row.problem === null ? recheckWinner(ids, row) : null
      if (known !== null) {
        checked.push({ row, customer: known })
        continue
      }
      const result = row.problem === null ? check(row.value) : null
      if (result === null) rejected.push(reject(row, "Malformed", row.problem ?? ""))
      else if (Either.isRight(result)) checked.push({ row, customer: result.right })
      else rejected.push(reject(row, "Invalid", result.left.message, { field: result.left.field }))
    }
    const index = ids ?? indexOf(checked)
    const sendable = checked.filter(({ customer, row }) => {
      const winner = index.winner(customer.id, row.number)
      if (winner === row.number || winner === undefined) return true
      const message = `Row ${winner} has the same id and is imported instead`
      rejected.push(reject(row, "Duplicate", message, { field: "id", duplicateOf: winner }))
      return false
    })
    const last = Chunk.last(chunk)
    const flight = inFlight?.enter(sendable.map(({ customer }) => customer)) ?? noWait
    return {
      rows: Chunk.size(chunk),
      firstRow: Option.match(Chunk.head(chunk), { onNone: () => 0, onSome: ({ number }) => number }),
      lastRow: Option.match(last, { onNone: () => 0, onSome: ({ number }) => number }),
      lastId: Option.match(last, { onNone: () => null, onSome: idOf }),
      bytes: bytesOf(Option.getOrNull(Chunk.head(chunk)), Option.getOrNull(last)),
      sendWith: (deliver) =>
        flight.ready.pipe(
          Effect.zipRight(deliver(sendable)),
          Effect.map((outcome) => ({
            ...outcome,
            rejected: [...rejected, ...outcome.rejected].sort((a, b) => a.row - b.row)
          })),
          Effect.ensuring(flight.leave)
        )
    }
  }
}

/** The customer of a row that was valid on the first read and won its id; null for any other row. */
const recheckWinner = (ids: Winners, row: Row): CustomerJson | null => {
  const id = idOf(row)
  return id !== null && ids.winner(id, row.number) === row.number ? recheck(row.value) : null
}

const bytesOf = (first: Row | null, last: Row | null): PreparedBatch["bytes"] => {
  const [from, until, total] = [first?.byte ?? null, last?.byte ?? null, last?.sourceBytes ?? null]
  return from === null || until === null || total === null ? null : { from, until, total }
}

const noWait = { ready: Effect.void, leave: Effect.void }

const indexOf = (checked: ReadonlyArray<Sendable>): IdIndex => {
  const index = new IdIndex()
  for (const { customer, row } of checked) index.add(customer.id, row.number, customer.updatedAt)
  return index
}

const idOf = ({ value }: Row): string | null =>
  Predicate.isRecord(value) && typeof value["id"] === "string" ? value["id"] : null
