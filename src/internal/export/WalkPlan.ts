import type * as Schemas from "../../Schemas.js"

/**
 * How a range of creation times is shared out among workers, as a value: what is left to walk, and what each worker walks.
 *
 * A region is time that no request was made for yet. A worker cuts a piece off it and walks it, page after page. What
 * a piece held tells how long the next one should be; a piece that turns out to hold far too much goes back as a region
 * of its own, to be cut smaller. The customers that it gave by then are left out when they come again, so that nothing
 * depends on the order in which the list gives them: that order only helps to guess how much is left.
 */
export interface WalkPlan {
  readonly workers: number
  readonly pageSize: number
  /** This machine's clock when the walk began: a guess where the newest customers are. */
  readonly now: number
  /** Cut from the last one on, so that what was put back is finished before the next is begun. */
  readonly regions: ReadonlyArray<Region>
  /** Pieces that were begun and that no worker walks: those of a walk that was broken off. */
  readonly waiting: ReadonlyArray<Piece>
  readonly walking: ReadonlyMap<number, Piece>
  /** How many pieces were walked to their end. */
  readonly done: number
  readonly nextRegion: number
}

/** Creation times in milliseconds: from `from` on, and before `until`; null where there is no bound. */
export interface Window {
  readonly from: number | null
  readonly until: number | null
}

/** A customer that was handed out: when it was created, and its id. */
export type Seen = readonly [createdAt: number, id: string]

/** A stretch of time that nobody walks yet. */
export interface Region extends Window {
  readonly id: number
  /** How many of its milliseconds hold a page, as far as can be told; null where nothing can. */
  readonly perPage: number | null
  /** Whether to cut off its end, and not its front. */
  readonly back: boolean
  readonly seen: ReadonlyArray<Seen>
}

/** What is cut from a region for one worker to walk. */
export interface Piece extends Window {
  /** Whether it may be put back. What may not is walked to its end, and nothing of it is remembered. */
  readonly isDivisible: boolean
  /** The region that it was cut from. */
  readonly region: number
  /** The cursor of the next page; null before the first. */
  readonly after: string | null
  /** The cursor that the next ones are compared with, to find out when they go round in circles. */
  readonly mark: string | null
  readonly pages: number
  readonly count: number
  /** The first and the last creation time that came. */
  readonly low: number
  readonly high: number
  /** The order in which its first page came. It is good for guesses, and nothing else. */
  readonly order: "ascending" | "descending" | "none"
  /** How many milliseconds its latest page reaches over. */
  readonly last: number
  /** The creation times of its first page. */
  readonly sample: ReadonlyArray<number>
  /** Those that came before, of which none must come again. */
  readonly seen: ReadonlyArray<Seen>
}

/** The most pages that a piece is meant to hold: enough that its last page, which is not full, costs little. */
const target = 12

/** The fewest, for likewise. */
const fewest = 2

/** A piece with more than twice as many pages is put back, and cut smaller. It bounds what is remembered of a piece. */
const patience = 24

/** The most that one piece's density changes the length of the next. */
const swing = 64

/** The most pieces that a region is cut into: a few customers of one moment must not make a year into milliseconds. */
const finest = 1024

/** The first guess of how far back an account reaches. */
const year = 365 * 24 * 60 * 60 * 1000

/** A timestamp has four digits for its year. */
const earliest = Date.parse("0001-01-01T00:00:00.000Z")
const latest = Date.parse("9999-12-31T23:59:59.999Z")

/** A plan at its beginning: one region, of which nothing is known. */
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

/** The plan as another walk takes it up. */
export const resume = (plan: WalkPlan, workers: number): WalkPlan => ({
  ...plan,
  workers,
  waiting: unfinished(plan),
  walking: new Map()
})

/** The pieces that were begun. */
export const unfinished = (plan: WalkPlan): ReadonlyArray<Piece> => [...plan.waiting, ...plan.walking.values()]

/** Whether nothing waits and nobody walks. */
export const isDone = (plan: WalkPlan): boolean => !hasWork(plan) && plan.walking.size === 0

const hasWork = ({ regions, waiting }: WalkPlan): boolean => regions.length + waiting.length > 0

/** Gives a worker a piece to walk; null when there is none. */
export const take = (plan: WalkPlan, worker: number): readonly [Piece | null, WalkPlan] => {
  const [begun, ...waiting] = plan.waiting
  if (begun !== undefined) return [begun, { ...plan, waiting, walking: withPiece(plan, worker, begun) }]
  const region = plan.regions.at(-1)
  if (region === undefined) return [null, plan]
  const [piece, rest] = cut(region, plan.workers, pagesOfNext(plan))
  const regions = rest === null ? plan.regions.slice(0, -1) : [...plan.regions.slice(0, -1), rest]
  return [piece, { ...plan, regions, walking: withPiece(plan, worker, piece) }]
}

const withPiece = ({ walking }: WalkPlan, worker: number, piece: Piece) => new Map(walking).set(worker, piece)

const withoutPiece = ({ walking }: WalkPlan, worker: number) => new Map([...walking].filter(([key]) => key !== worker))

/** How many pages to cut off: fewer and fewer towards the end, so that all workers come to it together. */
const pagesOfNext = ({ workers, regions }: WalkPlan): number => {
  const left = regions.reduce(
    (pages, { from, perPage, until }) =>
      from === null || until === null || perPage === null ? pages : pages + (until - from) / perPage,
    0
  )
  return Math.min(target, Math.max(fewest, left / (1.5 * workers)))
}

const cut = (region: Region, workers: number, pages: number): readonly [Piece, Region | null] => {
  const { from, perPage, seen, until } = region
  const step = perPage === null ? null : Math.max(1, Math.round(perPage * pages))
  // What would be left over is not worth a request of its own.
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
  // A single worker walks the list as it is; a millisecond cannot be cut.
  isDivisible: workers > 1 && (from === null || until === null || until - from > 1),
  ...{ after: null, mark: null, pages: 0, count: 0, low: latest, high: earliest },
  ...{ order: "none", last: 0, sample: [] }
})

/** The customers of a page that did not come before. */
export const fresh = (piece: Piece, customers: ReadonlyArray<Schemas.Customer>): ReadonlyArray<Schemas.Customer> => {
  if (piece.seen.length === 0) return customers
  const ids = new Set(piece.seen.map(([, id]) => id))
  return customers.filter(({ id }) => !ids.has(id))
}

/** What becomes of the plan when a page of a worker's piece was handed out. */
export const advance = (
  plan: WalkPlan,
  worker: number,
  before: Piece,
  page: {
    readonly customers: ReadonlyArray<Schemas.Customer>
    /** Those of them that are {@link fresh}. */
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
    // At each power of two, so that any circle is noticed, and only one cursor is kept.
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

/** The order of a page; one moment alone counts as any order. */
const orderOf = (times: ReadonlyArray<number>): Piece["order"] => {
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time))
  return steps.every((step) => step >= 0) ? "ascending" : steps.every((step) => step <= 0) ? "descending" : "none"
}

/** Whether the cursor of the next page was followed before. */
export const isCircle = (piece: Piece, next: string | null): boolean =>
  next !== null && (next === piece.mark || next === piece.after)

/** The piece from its first page on; those that came before are still left out. */
export const restarted = (piece: Piece): Piece => ({
  ...begin(piece, piece.region, piece.seen, 1),
  isDivisible: piece.isDivisible
})

/** What a piece held tells how dense the rest of its region is. After one that held next to nothing, swing out. */
const finish = (plan: WalkPlan, { count, from, region: id, until }: Piece): WalkPlan => {
  const done = plan.done + 1
  if (from === null || until === null) return { ...plan, done }
  const length = until - from
  const perPage = length * Math.min(swing / fewest, plan.pageSize / Math.max(count, 1))
  const regions = plan.regions.map((region) =>
    region.id !== id || region.from === null || region.until === null
      ? region
      : { ...region, perPage: count > 0 ? perPage : Math.max(perPage, (region.until - region.from) / plan.workers) }
  )
  return { ...plan, done, regions }
}

/** The part of time that a piece without bounds is about: a list in the order of time shows only where it begins. */
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
  if (from === null || until === null || pages >= 2 * patience) return true
  const left = pagesLeft(piece, from, until)
  if (order === "none" ? pages >= patience : left > pages && pages + left > 2 * patience) return true
  // A worker without work is worth reading some pages twice, when the whole is over sooner.
  const idle = plan.workers - plan.walking.size
  return !hasWork(plan) && idle > 0 && left > (pages + left) / (idle + 1) + 1
}

/** How many customers of one moment came, when there was no other in the latest page. */
const countOfBurst = ({ high, last, low, order, seen }: Piece): number => {
  if (last > 0 || order === "none") return 0
  const moment = order === "ascending" ? high : low
  return seen.reduce((count, [at]) => (at === moment ? count + 1 : count), 0)
}

/** A guess of how many pages are left of a piece. */
const pagesLeft = ({ high, last, low, order, pages }: Piece, from: number, until: number): number => {
  // Without an order nothing tells: as many again, as with anything that lasts.
  if (order === "none") return Math.max(pages, 2)
  const [gone, ahead] = order === "ascending" ? [high - from, until - high] : [until - low, low - from]
  const onAverage = (pages * ahead) / Math.max(gone, 1)
  const asOfLate = Math.min(ahead / Math.max(last, 1), 4 * pages)
  return Math.max(onAverage, asOfLate, 1)
}

type Part = Omit<Region, "id" | "seen">

/** Makes regions of a piece that is too large, and forgets how far it was walked. */
const putBack = (plan: WalkPlan, piece: Piece): WalkPlan => {
  const { end, start } = bounds(plan, piece)
  const whole = { perPage: null, back: false }
  const parts: ReadonlyArray<Part> = [
    ...between(plan, piece, start, end),
    // Begun first: they are empty, or hold everything.
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

/** What was seen of a piece tells how to cut it: where it is dense, and how dense. */
const between = (plan: WalkPlan, piece: Piece, start: number, end: number): ReadonlyArray<Part> => {
  const { high, last, low, order, pages, sample } = piece
  const part = (from: number, until: number, perPage: number | null, back: boolean): ReadonlyArray<Part> => {
    const length = until - from
    const within = (perPage: number) => Math.min(length, Math.max(perPage, length / (target * finest)))
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
  // A page is a sample then: between any two of it, as many others are to be expected. A moment that many are of is one of
  // the parts, for it cannot be cut.
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
