import { expect } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type * as CustomerImport from "effect-stigg/CustomerImport"
import * as Stream from "effect/Stream"
import type { LocatedRow, OpenSource, SourcePosition } from "../../../src/jobs/Source.js"

export const collect = (
  source: OpenSource,
  from: SourcePosition | null = null,
  until: SourcePosition | null = null
): Effect.Effect<ReadonlyArray<LocatedRow>, CustomerImport.ImportSourceError> =>
  Effect.map(Stream.runCollect(source.rows(from, until)), Chunk.toReadonlyArray)

export const ids = (rows: ReadonlyArray<LocatedRow>): ReadonlyArray<unknown> =>
  rows.map(({ row: { problem, value } }) => problem ?? (value as { readonly id?: unknown }).id)

/** A quote that is not closed is told of in other words if the part ends before its record does. */
const withoutReason = (rows: ReadonlyArray<LocatedRow>) =>
  rows.map(({ position, row }) => ({ position, row: { ...row, problem: row.problem !== null } }))

/**
 * Reads a source as a whole, from each position, and up to each position. All must have the same rows.
 *
 * @returns the rows of the whole
 */
export const expectSameFromEachPosition = <R>(open: Effect.Effect<OpenSource, CustomerImport.ImportSourceError, R>) =>
  Effect.gen(function* () {
    const whole = yield* collect(yield* open)
    for (const [i, { position, row }] of whole.entries()) {
      if (position === null) continue
      expect(position.row).toBe(row.number)
      const source = yield* open
      expect(yield* collect(source, position)).toEqual(whole.slice(i))
      expect(withoutReason(yield* collect(source, null, position))).toEqual(withoutReason(whole.slice(0, i)))
    }
    const [first, last] = [whole.find(hasPosition), whole.findLast(hasPosition)]
    const between = yield* collect(yield* open, first?.position, last?.position)
    const found =
      first === undefined || last === undefined ? whole : whole.slice(whole.indexOf(first), whole.indexOf(last))
    expect(withoutReason(between)).toEqual(withoutReason(found))
    return whole
  })

const hasPosition = ({ position }: LocatedRow): boolean => position !== null
