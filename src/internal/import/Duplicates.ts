import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import * as Stream from "effect/Stream"
import type { CustomerJson } from "./CustomerCheck.js"
import { check } from "./CustomerCheck.js"
import type { Row } from "../../CustomerImport.js"

/** Which of the rows with the same id is imported. */
export interface Winners {
  /** Whether each row that wins passed the check of its customer, so that its types alone need to be checked again. */
  readonly isChecked: boolean
  /** The number of the row to import in place of a row; undefined if none is known for its id. */
  readonly winner: (id: string, row: number) => number | undefined
}

/** A `Map` holds at most 2^24 entries, so a second one starts before that. */
const mapSize = 2 ** 23

/**
 * Finds the row to import for each id. If both rows have an `updatedAt`, the later one wins. On a tie, or if
 * either row has none, the last row wins.
 *
 * Mutable and packed, because it holds every id of a source: the id itself and 16 bytes. A million ids of 15 characters
 * take about 50 MB.
 */
export class IdIndex implements Winners {
  readonly isChecked = true
  private readonly maps = [new Map<string, number>()]
  private winners = new Float64Array(1024)
  private updated = new Float64Array(1024)
  private size = 0

  /** Adds a row. Returns the row that lost because of it, which can be the same; null if none did. */
  add(id: string, row: number, updatedAt: string | undefined): number | null {
    const millis = updatedAt === undefined ? Number.NaN : Date.parse(updatedAt)
    const slot = this.slot(id)
    if (slot === undefined) {
      this.insert(id, row, millis)
      return null
    }
    // The comparison is false for NaN: unless both rows have an `updatedAt`, the last one wins.
    if ((this.updated[slot] ?? Number.NaN) > millis) return row
    const loser = this.winners[slot] ?? null
    this.winners[slot] = row
    this.updated[slot] = millis
    return loser
  }

  /** The number of the row to import for an id. */
  winner(id: string): number | undefined {
    const slot = this.slot(id)
    return slot === undefined ? undefined : this.winners[slot]
  }

  private slot(id: string): number | undefined {
    for (const map of this.maps) {
      const slot = map.get(id)
      if (slot !== undefined) return slot
    }
    return undefined
  }

  private insert(id: string, row: number, millis: number): void {
    const last = this.maps[this.maps.length - 1]
    const map = last === undefined || last.size >= mapSize ? new Map<string, number>() : last
    if (map !== last) this.maps.push(map)
    map.set(id, this.size)
    if (this.size === this.winners.length) {
      this.winners = grown(this.winners)
      this.updated = grown(this.updated)
    }
    this.winners[this.size] = row
    this.updated[this.size] = millis
    this.size += 1
  }
}

const grown = (array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
  const twice = new Float64Array(array.length * 2)
  twice.set(array)
  return twice
}

/** The ids of a whole source, and its number of rows. */
export interface SourceIndex {
  readonly ids: IdIndex
  readonly rows: number
}

/** Reads a whole source for its ids. Invalid rows are left out. */
export const indexSource = <E, R>(rows: Stream.Stream<Row, E, R>): Effect.Effect<SourceIndex, E, R> =>
  Effect.suspend(() => {
    const ids = new IdIndex()
    return rows.pipe(
      Stream.chunks,
      Stream.runFold(0, (count, chunk) => {
        for (const row of chunk) {
          if (row.problem !== null) continue
          const checked = check(row.value)
          if (Either.isRight(checked)) ids.add(checked.right.id, row.number, checked.right.updatedAt)
        }
        return count + Chunk.size(chunk)
      }),
      Effect.map((rows) => ({ ids, rows }))
    )
  })

/**
 * Sends rows with the same id in order: a batch waits for earlier in-flight batches that share one of its ids. Only ids
 * of in-flight batches are remembered.
 */
export class InFlight {
  // Mutable: batches enter in source order and leave in any order.
  private readonly ids = new Map<string, Deferred.Deferred<void>>()

  /** Adds a batch. `ready` waits for the earlier batches; `leave` removes it. Call it in source order. */
  enter(customers: ReadonlyArray<CustomerJson>): {
    readonly ready: Effect.Effect<void>
    readonly leave: Effect.Effect<void>
  } {
    const left = Deferred.unsafeMake<void>(FiberId.none)
    const before = new Set<Deferred.Deferred<void>>()
    for (const { id } of customers) {
      const other = this.ids.get(id)
      if (other !== undefined && other !== left) before.add(other)
      this.ids.set(id, left)
    }
    return {
      ready: Effect.forEach(before, Deferred.await, { discard: true }),
      leave: Effect.suspend(() => {
        for (const { id } of customers) if (this.ids.get(id) === left) this.ids.delete(id)
        return Effect.asVoid(Deferred.succeed(left, undefined))
      })
    }
  }
}
