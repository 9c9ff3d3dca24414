import type * as Schemas from "../../Schemas.js"

/**
 * How workers share a range of creation times, as an immutable value: what is left to fetch, and what each worker
 * fetches.
 *
 * A region is a range that has not been requested yet. A worker cuts a piece off a region and fetches it page by page.
 * The number of customers in a piece determines the length of the next one. A piece that turns out to be far too large
 * goes back as regions, which are cut into smaller pieces. Customers that were already emitted from it are dropped when
 * they appear again, so correctness does not depend on the order of the list. The order only helps to estimate how much
 * is left.
 */
export interface WalkPlan {
  readonly workers: number
  readonly pageSize: number
  /** The clock of this machine when the export began: a guess of when the newest customers were created. */
  readonly now: number
  /** Pieces are cut from the last one, so that regions that were put back are done before the next one starts. */
  readonly regions: ReadonlyArray<Region>
  /** Pieces of an interrupted run that no worker has taken yet. */
  readonly waiting: ReadonlyArray<Piece>
  readonly walking: ReadonlyMap<number, Piece>
  /** The number of pieces that are done. */
  readonly done: number
  readonly nextRegion: number
}

/** Creation times in milliseconds: `from` is inclusive, `until` is exclusive, and null means no bound. */
export interface Window {
  readonly from: number | null
  readonly until: number | null
}

/** The creation time and the id of a customer that was emitted. */
export type Seen = readonly [createdAt: number, id: string]

/** A range of creation times that has not been requested yet. */
export interface Region extends Window {
  readonly id: number
  /** The estimated number of milliseconds per page; null if unknown. */
  readonly perPage: number | null
  /** Whether pieces are cut from the end instead of the start. */
  readonly back: boolean
  readonly seen: ReadonlyArray<Seen>
}

/** A part of a region that one worker fetches. */
export interface Piece extends Window {
  /**
   * Whether the piece may be put back. One that may not is fetched to its end, and its customers are not remembered.
   */
  readonly isDivisible: boolean
  /** The id of the region that the piece was cut from. */
  readonly region: number
  /** The cursor of the next page; null before the first. */
  readonly after: string | null
  /** An earlier cursor. If a later one equals it, the list is in a cycle. */
  readonly mark: string | null
  readonly pages: number
  readonly count: number
  /** The earliest creation time so far. */
  readonly low: number
  /** The latest creation time so far. */
  readonly high: number
  /** The order of the first page. It is used only for estimates. */
  readonly order: "ascending" | "descending" | "none"
  /** The time span of the latest page in milliseconds. */
  readonly last: number
  /** The creation times in the first page. */
  readonly sample: ReadonlyArray<number>
  /** Customers that were already emitted, and are dropped if they appear again. */
  readonly seen: ReadonlyArray<Seen>
}

/** The most pages that a piece should hold. With this many, a last page that is not full costs little. */
const targetPages = 12

/** The fewest pages that a piece should hold, for the same reason. */
const minPages = 2

/**
 * A piece that needs more than twice as many pages is put back and cut smaller. This bounds how much is remembered of a
 * piece.
 */
const splitPages = 24

/** The largest factor by which the density of one piece changes the length of the next. */
const maxGrowth = 64

/**
 * The most pieces that a region is cut into: a few customers created at one moment must not split a year into
 * milliseconds.
 */
const maxPieces = 1024

/** The first guess of the age of an account. */
const year = 365 * 24 * 60 * 60 * 1000

/** The year of a timestamp has four digits. */
const earliest = Date.parse("0001-01-01T00:00:00.000Z")
const latest = Date.parse("9999-12-31T23:59:59.999Z")

/** A new plan: one region of unknown density. */
export const make = (options: {
  readonly from: number | null
  readonly until: number | null
  readonly workers: number
  readonly pageSize: number
  readonly now: number
}): WalkPlan => {
  const { from, workers, now, pageSize, until } = options
  const isEmpty = from !== null && until !== null && from >= until
  return {
    ...{ workers, pageSize, now },
    regions: isEmpty ? [] : [{ id: 0, from, until, perPage: null, back: false, seen: [] }],
    waiting: [],
    walking: new Map(),
    done: 0,
    nextRegion: 1
  }
}

/** The pieces that were started and are not done. */
export const unfinished = (plan: WalkPlan): ReadonlyArray<Piece> => [...plan.waiting, ...plan.walking.values()]

/** Whether no work is left and every worker is idle. */
export const isDone = (plan: WalkPlan): boolean => !hasWork(plan) && plan.walking.size === 0

const hasWork = ({ regions, waiting }: WalkPlan): boolean => regions.length + waiting.length > 0

/** Assigns a piece to a worker; null if there is none. */
export const take = (plan: WalkPlan, worker: number): readonly [Piece | null, WalkPlan] => {
  const [started, ...waiting] = plan.waiting
  if (started !== undefined) return [started, { ...plan, waiting, walking: withPiece(plan, worker, started) }]
  const region = plan.regions.at(-1)
  if (region === undefined) return [null, plan]
  const [piece, rest] = cut(region, plan.workers, pagesOfNext(plan))
  const regions = rest === null ? plan.regions.slice(0, -1) : [...plan.regions.slice(0, -1), rest]
  return [piece, { ...plan, regions, walking: withPiece(plan, worker, piece) }]
}

const withPiece = ({ walking }: WalkPlan, worker: number, piece: Piece) => new Map(walking).set(worker, piece)

const withoutPiece = ({ walking }: WalkPlan, worker: number) => new Map([...walking].filter(([key]) => key !== worker))

/** How many pages to cut off. It decreases towards the end, so that all workers finish at the same time. */
const pagesOfNext = ({ workers, regions }: WalkPlan): number => {
  const left = regions.reduce(
    (pages, { from, perPage, until }) =>
      from === null || until === null || perPage === null ? pages : pages + (until - from) / perPage,
    0
  )
  return Math.min(targetPages, Math.max(minPages, left / (1.5 * workers)))
}

const cut = (region: Region, workers: number, pages: number): readonly [Piece, Region | null] => {
  const { from, perPage, seen, until } = region
  const step = perPage === null ? null : Math.max(1, Math.round(perPage * pages))
  // The remainder would not be worth a request of its own.
  if (from === null || until === null || step === null || from + step * 1.25 >= until) {
    return [begin(region, region.id, seen, workers), null]
  }
  const middle = region.back ? until - step : from + step
  const [piece, rest] = region.back
    ? [
        { from: middle, until },
        { from, until: middle }
      ]
    : [
        { from, until: middle },
        { from: middle, until }
      ]
  const within = ({ from, until }: { readonly from: number; readonly until: number }) =>
    seen.filter(([at]) => at >= from && at < until)
  return [begin(piece, region.id, within(piece), workers), { ...region, ...rest, seen: within(rest) }]
}

const begin = ({ from, until }: Window, region: number, seen: ReadonlyArray<Seen>, workers: number): Piece => ({
  ...{ from, until, region, seen },
  // A single worker fetches the list as it is, and a millisecond cannot be cut.
  isDivisible: workers > 1 && (from === null || until === null || until - from > 1),
  ...{ after: null, mark: null, pages: 0, count: 0, low: latest, high: earliest },
  ...{ order: "none", last: 0, sample: [] }
})

/** The customers of a page that were not emitted before. */
export const fresh = (piece: Piece, customers: ReadonlyArray<Schemas.Customer>): ReadonlyArray<Schemas.Customer> => {
  if (piece.seen.length === 0) return customers
  const ids = new Set(piece.seen.map(([, id]) => id))
  return customers.filter(({ id }) => !ids.has(id))
}

/** The plan after a page of a piece was emitted. */
export const advance = (
  plan: WalkPlan,
  worker: number,
  before: Piece,
  page: {
    readonly customers: ReadonlyArray<Schemas.Customer>
    /** The customers that were not emitted before: see {@link fresh}. */
    readonly fresh: ReadonlyArray<Schemas.Customer>
    readonly next: string | null
  }
): WalkPlan => {
  const { customers, fresh, next } = page
  const times = customers.map(({ createdAt }) => createdAt.epochMillis)
  const pages = before.pages + 1
  const piece: Piece = {
    ...before,
    pages,
    after: next,
    // Updated at each power of two: this detects every cycle and stores only one cursor.
    mark: (pages & (pages - 1)) === 0 ? next : before.mark,
    count: before.count + customers.length,
    low: Math.min(before.low, ...times),
    high: Math.max(before.high, ...times),
    order: before.count === 0 ? orderOf(times) : before.order,
    last: times.length === 0 ? before.last : Math.max(...times) - Math.min(...times),
    sample: before.count === 0 ? times : before.sample,
    seen: before.isDivisible
      ? [...before.seen, ...fresh.map(({ createdAt, id }): Seen => [createdAt.epochMillis, id])]
      : before.seen
  }
  if (next === null) return finish({ ...plan, walking: withoutPiece(plan, worker) }, piece)
  return isTooLarge(plan, piece)
    ? putBack({ ...plan, walking: withoutPiece(plan, worker) }, piece)
    : { ...plan, walking: withPiece(plan, worker, piece) }
}

/** The order of a page. Equal times count as ascending. */
const orderOf = (times: ReadonlyArray<number>): Piece["order"] => {
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time))
  return steps.every((step) => step >= 0) ? "ascending" : steps.every((step) => step <= 0) ? "descending" : "none"
}

/** Whether the cursor of the next page was already followed. */
export const isCycle = (piece: Piece, next: string | null): boolean =>
  next !== null && (next === piece.mark || next === piece.after)

/** The piece from its first page. Customers already emitted are still dropped. */
export const restarted = (piece: Piece): Piece => ({
  ...begin(piece, piece.region, piece.seen, 1),
  isDivisible: piece.isDivisible
})

/**
 * Completes a piece. Its density is the estimate for the rest of its region. After a nearly empty piece, the next one
 * is much longer.
 */
const finish = (plan: WalkPlan, { count, from, region: id, until }: Piece): WalkPlan => {
  const done = plan.done + 1
  if (from === null || until === null) return { ...plan, done }
  const length = until - from
  const perPage = length * Math.min(maxGrowth / minPages, plan.pageSize / Math.max(count, 1))
  const regions = plan.regions.map((region) =>
    region.id !== id || region.from === null || region.until === null
      ? region
      : { ...region, perPage: count > 0 ? perPage : Math.max(perPage, (region.until - region.from) / plan.workers) }
  )
  return { ...plan, done, regions }
}

/** Estimates the bounds of a piece that has none: a list in time order shows only where it starts. */
const bounds = ({ now }: WalkPlan, { from, high, low, until }: Piece) => {
  const reach = 8 * (high - low)
  return {
    start: from ?? Math.max(earliest, Math.min(low, (until ?? now) - 1) - Math.max(reach, year)),
    end: until ?? Math.min(latest, Math.max(high + 1 + reach, now))
  }
}

const isTooLarge = (plan: WalkPlan, piece: Piece): boolean => {
  const { from, order, pages, until } = piece
  if (!piece.isDivisible || piece.count === 0) return false
  if (from === null || until === null || pages >= 2 * splitPages) return true
  const left = pagesLeft(piece, from, until)
  if (order === "none" ? pages >= splitPages : left > pages && pages + left > 2 * splitPages) return true
  // Fetching some pages twice is worth it if it gives an idle worker something to do and ends the export sooner.
  const idle = plan.workers - plan.walking.size
  return !hasWork(plan) && idle > 0 && left > (pages + left) / (idle + 1) + 1
}

/** How many customers share one creation time, if the latest page contains no other; 0 otherwise. */
const countOfBurst = ({ high, last, low, order, seen }: Piece): number => {
  if (last > 0 || order === "none") return 0
  const moment = order === "ascending" ? high : low
  return seen.reduce((count, [at]) => (at === moment ? count + 1 : count), 0)
}

/** Estimates how many pages of a piece are left. */
const pagesLeft = ({ high, last, low, order, pages }: Piece, from: number, until: number): number => {
  // Without an order there is no evidence, so assume as many pages again.
  if (order === "none") return Math.max(pages, 2)
  const [gone, ahead] = order === "ascending" ? [high - from, until - high] : [until - low, low - from]
  const onAverage = (pages * ahead) / Math.max(gone, 1)
  const asOfLate = Math.min(ahead / Math.max(last, 1), 4 * pages)
  return Math.max(onAverage, asOfLate, 1)
}

type Part = Omit<Region, "id" | "seen">

/** Turns a piece that is too large into regions, and drops its cursor. */
const putBack = (plan: WalkPlan, piece: Piece): WalkPlan => {
  const { end, start } = bounds(plan, piece)
  const whole = { perPage: null, back: false }
  const parts: ReadonlyArray<Part> = [
    ...between(plan, piece, start, end),
    // Fetched first: they are empty, or hold everything.
    ...(piece.from === null ? [{ from: null, until: start, ...whole }] : []),
    ...(piece.until === null ? [{ from: end, until: null, ...whole }] : [])
  ]
  const regions = parts.map((part, i): Region => ({
    ...part,
    id: plan.nextRegion + i,
    seen: piece.seen.filter(([at]) => (part.from ?? -Infinity) <= at && at < (part.until ?? Infinity))
  }))
  return { ...plan, nextRegion: plan.nextRegion + regions.length, regions: [...plan.regions, ...regions] }
}

/** Splits a piece by the density of the pages fetched so far. */
const between = (plan: WalkPlan, piece: Piece, start: number, end: number): ReadonlyArray<Part> => {
  const { high, last, low, order, pages, sample } = piece
  const part = (from: number, until: number, perPage: number | null, back: boolean): ReadonlyArray<Part> => {
    const length = until - from
    const within = (perPage: number) => Math.min(length, Math.max(perPage, length / (targetPages * maxPieces)))
    return length > 0 ? [{ from, until, perPage: perPage === null ? null : within(perPage), back }] : []
  }
  const burst = countOfBurst(piece)
  if (burst >= plan.pageSize) {
    const at = order === "ascending" ? high : low
    const others = pages - burst / plan.pageSize
    const perPage = others < 1 ? null : (order === "ascending" ? at - start : end - at) / others
    return [
      ...part(start, at, perPage, order === "descending"),
      ...part(at, at + 1, null, false),
      ...part(at + 1, end, perPage, order === "descending")
    ]
  }
  if (order === "ascending") {
    return [...part(start, high, (high - start) / pages, false), ...part(high, end, last, false)]
  }
  if (order === "descending") {
    return [...part(low, end, (end - low) / pages, true), ...part(start, low, last, true)]
  }
  // The page is a random sample: as many other customers are likely between any two of it. A time that many share
  // becomes a part of its own, because it cannot be cut.
  const sorted = sample.toSorted((a, b) => a - b)
  const parts = Math.max(16, 2 * plan.workers)
  const size = Math.max(2, sorted.length / parts)
  const edges = new Set([start])
  for (let i = 1; i < parts; i++) edges.add(sorted[Math.floor((i * sorted.length) / parts)] ?? start)
  sorted.forEach((at, i) => {
    if (sorted[i + Math.ceil(size) - 1] === at) edges.add(at).add(at + 1)
  })
  const inside = [...edges].filter((edge) => edge >= start && edge < end).toSorted((a, b) => a - b)
  return inside.flatMap((from, i) => part(from, inside[i + 1] ?? end, null, false))
}
