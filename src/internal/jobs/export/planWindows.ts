import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { Service } from "../../../Customers.js"
import type { StiggError } from "../../../StiggError.js"
import type { ExportWindow } from "./ExportWindow.js"

/** Windows that are split at once. */
const atOnce = 8

/** Requests that are spent in any case: a page says little of a long window. */
const fewestProbes = 24

/** Requests that the plan of a small account may take: to find a burst of an hour in ten years takes 40. */
const enoughProbes = 128
const mostProbes = 1000

/** The most parts of a job. */
const mostParts = 5000

/** The customers of a window: counted if they fit in a page, otherwise a guess. */
interface Probed {
  readonly from: number
  readonly until: number
  readonly rows: number
  readonly isCounted: boolean
}

/**
 * Cuts a range of creation times into windows of about `partRows` customers each, which together cover it. The API can
 * neither count nor skip customers. So a window is split in half, again and again, and a page of each half shows how
 * dense it is: first where most customers seem to be, and where nothing is known yet.
 *
 * A guess can be wrong, so a window can have far more customers than it should. Each customer is in exactly one window,
 * because its creation time never changes.
 */
export const planWindows = (
  customers: Pick<Service, "listPage">,
  range: ExportWindow,
  options: {
    /** When the newest customer was created. */
    readonly newest: number
    readonly partRows: number
    readonly filter: { readonly email?: string | undefined; readonly name?: string | undefined }
  }
): Effect.Effect<ReadonlyArray<ExportWindow>, StiggError> =>
  Effect.gen(function* () {
    const { filter, newest, partRows } = options

    const page = (window: ExportWindow) =>
      customers.listPage({
        ...filter,
        limit: 100,
        createdAt: {
          ...(window.from === null ? {} : { gte: DateTime.unsafeMake(window.from) }),
          ...(window.until === null ? {} : { lt: DateTime.unsafeMake(window.until) })
        }
      })

    const probe = (from: number, until: number) =>
      Effect.map(page({ from, until }), ({ data, pagination }): Probed => {
        const isCounted = (pagination.next ?? "") === ""
        const times = data.map(({ createdAt }) => createdAt.epochMillis)
        return { from, until, isCounted, rows: isCounted ? data.length : guess({ from, until }, times, partRows) }
      })

    /** A time before which no customer was created. Goes back in growing steps, to 1970. */
    const earliest = (reach: number): Effect.Effect<number, StiggError> =>
      newest - reach <= 0
        ? Effect.succeed(0)
        : Effect.flatMap(page({ from: null, until: newest - reach }), ({ data, pagination }) =>
            data.length === 0 && (pagination.next ?? "") === "" ? Effect.succeed(newest - reach) : earliest(reach * 4)
          )

    const until = Math.min(range.until ?? Infinity, newest + 1)
    const from = Math.min(range.from ?? (yield* earliest(day)), until)
    if (from >= until) return [range]
    let probed: ReadonlyArray<Probed> = [yield* probe(from, until)]
    let probes = 1
    while (probes < mostProbes) {
      const chosen = choose(probed, { partRows, probes })
      if (chosen.size === 0) break
      const halves = yield* Effect.forEach(
        probed,
        (window) => {
          if (!chosen.has(window)) return Effect.succeed([window])
          const middle = Math.floor((window.from + window.until) / 2)
          return Effect.all([probe(window.from, middle), probe(middle, window.until)])
        },
        { concurrency: atOnce }
      )
      probes += 2 * chosen.size
      probed = halves.flat()
    }
    return merge(probed, range, partRows)
  })

const day = 24 * 60 * 60 * 1000

/**
 * How many customers a window may have, by the creation times in a page of it, which is not its last: as many as if all
 * of it were as dense as the page, or the rest as dense as the end of the page. The higher guess is tried out by a
 * split.
 */
const guess = (window: Pick<Probed, "from" | "until">, page: ReadonlyArray<number>, partRows: number): number => {
  const isDescending = page.every((at, i) => i === 0 || at <= (page[i - 1] ?? at))
  // How far into the window each customer is, in the order of the list.
  const depths = page.map((at) => (isDescending ? window.until - 1 - at : at - window.from))
  const depth = depths.at(-1)
  const depthBefore = depths[Math.floor(depths.length * 0.75)]
  const isOrdered = depths.every((at, i) => i === 0 || at >= (depths[i - 1] ?? at))
  if (!isOrdered || depth === undefined || depthBefore === undefined) return 4 * partRows
  const length = window.until - window.from
  const asWhole = (page.length * length) / (depth + 1)
  const asEnd = (page.length * 0.25 * (length - depth)) / (depth - depthBefore + 1)
  return Math.round(Math.max(page.length + 1, asWhole, asEnd))
}

/** The windows to split next. */
const choose = (
  probed: ReadonlyArray<Probed>,
  { partRows, probes }: { readonly partRows: number; readonly probes: number }
): ReadonlySet<Probed> => {
  const open = probed.filter(({ from, isCounted, until }) => !isCounted && until - from > 1)
  const large = open.filter(({ rows }) => rows > partRows / 2).toSorted((a, b) => b.rows - a.rows)
  const total = probed.reduce((sum, { rows }) => sum + rows, 0)
  // A page has 100 customers: the requests of the plan stay a tenth of those of the export.
  if (probes >= Math.max(enoughProbes, total / 1000)) return new Set()
  // A long window can be sparse where the page is, and dense elsewhere.
  const long = probes < fewestProbes ? open.toSorted((a, b) => b.until - b.from - (a.until - a.from)) : []
  return new Set([...large.slice(0, atOnce / 2), ...long.slice(0, 2)])
}

const merge = (probed: ReadonlyArray<Probed>, range: ExportWindow, partRows: number): ReadonlyArray<ExportWindow> => {
  const edges: Array<number> = []
  let rows = 0
  for (const window of probed) {
    if (rows > 0 && rows + window.rows > partRows && edges.length < mostParts - 1) {
      edges.push(window.from)
      rows = 0
    }
    rows += window.rows
  }
  return [range.from, ...edges].map((from, i) => ({ from, until: edges[i] ?? range.until }))
}
