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
import { IdIndex, InFlight } from "./Duplicates.js"
import type { ImportCheckpoint } from "./ImportCheckpoint.js"
import type { Rejected, Row } from "./Row.js"
import { reject } from "./Row.js"

/** A batch that is ready to go. */
export interface PreparedBatch {
  readonly rows: number
  readonly firstRow: number
  readonly lastRow: number
  readonly lastId: string | null
  /** Sends what can be sent; the outcome also holds what was set aside, in the order of the rows. */
  readonly through: (deliver: (rows: ReadonlyArray<Sendable>) => Effect.Effect<Outcome>) => Effect.Effect<Outcome>
}

/** Leaves out the rows that a run before this one accounted for; the last of them is there to recognise the source by. */
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
 * Checks the rows of a batch, and sets aside those that cannot be sent. Of each id that row is sent which `ids` names;
 * without `ids` the last of the batch is, by the same rule, and rows of one id in other batches stay in order. Called
 * once an import, and the result for one batch after another.
 */
export const prepare = (ids: IdIndex | null): ((chunk: Chunk.Chunk<Row>) => PreparedBatch) => {
  const inFlight = ids === null ? new InFlight() : null
  return (chunk) => {
    const rejected: Array<Rejected> = []
    const checked: Array<Sendable> = []
    for (const row of chunk) {
      const known = ids === null || row.fault !== null ? null : recheckWinner(ids, row)
      if (known !== null) {
        checked.push({ row, customer: known })
        continue
      }
      const result = row.fault === null ? check(row.value) : null
      if (result === null) rejected.push(reject(row, "Malformed", row.fault ?? ""))
      else if (Either.isRight(result)) checked.push({ row, customer: result.right })
      else rejected.push(reject(row, "Invalid", result.left.message, { field: result.left.field }))
    }
    const index = ids ?? indexOf(checked)
    const sendable = checked.filter(({ customer, row }) => {
      const winner = index.winner(customer.id)
      if (winner === row.number || winner === undefined) return true
      const message = `Row ${winner} has the same id, and takes its place`
      rejected.push(reject(row, "Duplicate", message, { field: "id", duplicateOf: winner }))
      return false
    })
    const last = Chunk.last(chunk)
    const flight = inFlight?.enter(sendable.map(({ customer }) => customer)) ?? free
    return {
      rows: Chunk.size(chunk),
      firstRow: Option.match(Chunk.head(chunk), { onNone: () => 0, onSome: ({ number }) => number }),
      lastRow: Option.match(last, { onNone: () => 0, onSome: ({ number }) => number }),
      lastId: Option.match(last, { onNone: () => null, onSome: idOf }),
      through: (deliver) =>
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

/** The customer of a row that was found good, and the one to go in of its id, when the source was read for its ids. */
const recheckWinner = (ids: IdIndex, row: Row): CustomerJson | null => {
  const id = idOf(row)
  return id !== null && ids.winner(id) === row.number ? recheck(row.value) : null
}

const free = { ready: Effect.void, leave: Effect.void }

const indexOf = (checked: ReadonlyArray<Sendable>): IdIndex => {
  const index = new IdIndex()
  for (const { customer, row } of checked) index.add(customer.id, row.number, customer.updatedAt)
  return index
}

const idOf = ({ value }: Row): string | null =>
  Predicate.isRecord(value) && typeof value["id"] === "string" ? value["id"] : null
