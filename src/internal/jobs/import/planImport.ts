import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type { ImportSourceError } from "../../../CustomerImport.js"
import type { LocatedRow, OpenSource, SourcePosition } from "../../../jobs/Source.js"
import { check } from "../../import/CustomerCheck.js"
import { IdIndex } from "../../import/Duplicates.js"
import * as SourceError from "../../import/SourceError.js"
import type { ImportSpec } from "./ImportSpec.js"

/**
 * Reads a source once: counts its rows, marks where each part starts, and finds the rows that lose to another row with
 * the same id. Takes 50 to 100 bytes of memory per id, until it returns.
 */
export const planImport = (
  source: OpenSource,
  partRows: number
): Effect.Effect<
  { readonly version: string | null; readonly rows: number; readonly parts: ReadonlyArray<ImportSpec> },
  ImportSourceError
> =>
  Effect.gen(function* () {
    const version = yield* source.version
    const scan = new Scan(partRows)
    yield* source
      .rows(null)
      .pipe(Stream.runForEachChunk((chunk) => Effect.sync(() => Chunk.forEach(chunk, (located) => scan.add(located)))))
    if ((yield* source.version) !== version) {
      return yield* SourceError.at("Changed", "The source changed while it was read for the plan of the import")
    }
    return { version, rows: scan.rows, parts: scan.parts() }
  })

/** Mutable: it takes every row of a source. */
class Scan {
  rows = 0
  private readonly ids = new IdIndex()
  private readonly lost: Array<{ readonly row: number; readonly id: string }> = []
  private readonly starts: Array<{ readonly before: number; readonly start: SourcePosition | null }> = []
  private inPart = 0

  constructor(private readonly partRows: number) {}

  add({ position, row }: LocatedRow): void {
    const isFirst = this.starts.length === 0
    // A part cannot start at a malformed row. The part before it then has more rows.
    if (isFirst || (this.inPart >= this.partRows && position !== null)) {
      this.starts.push({ before: this.rows, start: position })
      this.inPart = 0
    }
    this.rows += 1
    this.inPart += 1
    if (row.problem !== null) return
    const checked = check(row.value)
    if (Either.isLeft(checked)) return
    const { id, updatedAt } = checked.right
    const loser = this.ids.add(id, row.number, updatedAt)
    if (loser !== null) this.lost.push({ row: loser, id })
  }

  parts(): ReadonlyArray<ImportSpec> {
    const lost = this.lost.sort((a, b) => a.row - b.row)
    let next = 0
    return this.starts.map(({ before, start }, index) => {
      const end = this.starts[index + 1]?.before ?? this.rows
      const losers: Array<readonly [number, number]> = []
      for (let loser = lost[next]; loser !== undefined && loser.row <= end; loser = lost[++next]) {
        losers.push([loser.row, this.ids.winner(loser.id) ?? loser.row])
      }
      return { start, until: this.starts[index + 1]?.start ?? null, rows: end - before, losers }
    })
  }
}
