/** An entry of a list. Entries are hidden rather than removed, so that cursors to them stay valid. */
export interface Entry {
  /** The number of entries that were inserted before this one. */
  readonly serial: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly id: string
}

/** A page of a list. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  /** Whether there are more entries before the first item, and after the last one. */
  readonly hasPrevious: boolean
  readonly hasNext: boolean
}

/** The entries of a list that a query asks for, in the API's order. */
export interface Selection<A> {
  readonly entries: ReadonlyArray<A>
  /** The positions of the first entry, and after the last one. */
  readonly from: number
  readonly to: number
  readonly keep: (entry: A) => boolean
}

const none: ReadonlyArray<never> = Object.freeze([])

/**
 * A list in the API's order: by creation time, then by id. It is always sorted, so that the last page costs as much as
 * the first.
 */
export class OrderedIndex<A extends Entry> {
  // Mutable, like the rest of the world: copying on each insertion would make building a large list quadratic. Both are
  // one array for as long as entries are inserted in order, as most lists are.
  private bySerial: ReadonlyArray<A> = none
  private ordered: ReadonlyArray<A> = this.bySerial

  /** All entries in order, including hidden ones. */
  get all(): ReadonlyArray<A> {
    return this.ordered
  }

  /** Inserts the entry that `make` returns for the next serial, and returns it. */
  insert(make: (serial: number) => A): A {
    const entry = make(this.bySerial.length)
    this.append([entry])
    return entry
  }

  /** Like {@link insert}, for many entries in any order, with a single sort. Returns them in order. */
  insertAll(makes: Iterable<(serial: number) => A>): ReadonlyArray<A> {
    const added: Array<A> = []
    for (const make of makes) added.push(make(this.bySerial.length + added.length))
    return this.append(added)
  }

  /** The entry with a serial, hidden or not. */
  get(serial: number): A | undefined {
    return this.bySerial[serial]
  }

  private append(added: ReadonlyArray<A>): ReadonlyArray<A> {
    const sorted = isSorted(added) ? added : added.toSorted(compare)
    const [first] = sorted
    if (first === undefined) return sorted
    const last = this.ordered.at(-1)
    const isFollowing = last === undefined || compare(last, first) < 0
    const areOne = this.ordered === this.bySerial
    if (areOne && !(isFollowing && sorted === added)) this.ordered = this.bySerial.slice()
    this.bySerial = extended(this.bySerial, added)
    if (areOne && isFollowing && sorted === added) this.ordered = this.bySerial
    else this.ordered = merged(this.ordered, sorted, isFollowing)
    return sorted
  }
}

/** A list whose entries are inserted elsewhere. */
export type ReadonlyOrderedIndex<A extends Entry> = Pick<OrderedIndex<A>, "all" | "get">

/** Adds to a list, in place unless it is the shared empty one. */
const extended = <A>(list: ReadonlyArray<A>, added: ReadonlyArray<A>): ReadonlyArray<A> => {
  // A copy has no spare capacity, which would be most of the memory of a customer's list.
  if (list.length === 0) return added.slice()
  // Only the index has its lists.
  const own = list as Array<A>
  for (const entry of added) own.push(entry)
  return own
}

const merged = <A extends Entry>(list: ReadonlyArray<A>, added: ReadonlyArray<A>, isFollowing: boolean) => {
  const [first] = added
  if (isFollowing || first === undefined) return extended(list, added)
  const own = list as Array<A>
  if (added.length === 1) insertInOrder(own, first)
  else {
    for (const entry of added) own.push(entry)
    own.sort(compare)
  }
  return own
}

const isSorted = (entries: ReadonlyArray<Entry>): boolean =>
  entries.every((entry, i) => {
    const previous = entries[i - 1]
    return previous === undefined || compare(previous, entry) < 0
  })

/** The entries of a sorted list with some value, such as customers by their email address. */
export class ValueIndex<A extends Entry> {
  // A list of its own for each value would take most of the memory: most values have one entry.
  private readonly entries = new Map<string, A | Array<A>>()

  /** The entries with a value, in order. */
  of(value: string): ReadonlyArray<A> {
    const found = this.entries.get(value)
    return found === undefined ? none : Array.isArray(found) ? found : [found]
  }

  /** Adds an entry. Null is not a value. */
  add(value: string | null, entry: A): void {
    if (value === null) return
    const found = this.entries.get(value)
    if (found === undefined) this.entries.set(value, entry)
    else if (Array.isArray(found)) insertInOrder(found, entry)
    else this.entries.set(value, compare(found, entry) < 0 ? [found, entry] : [entry, found])
  }

  /** Removes an entry that was added with this value. */
  remove(value: string | null, entry: A): void {
    if (value === null) return
    const found = this.entries.get(value)
    if (Array.isArray(found) && found.length > 1) found.splice(positionOf(found, entry), 1)
    else this.entries.delete(value)
  }
}

/** Up to `limit` of the selected entries: right before `before`, right after `after`, or from the start. */
export const page = <A extends Entry>(
  of: Selection<A>,
  options: { readonly after?: A | undefined; readonly before?: A | undefined; readonly limit: number }
): Page<A> => {
  const { after, before, limit } = options
  if (before !== undefined) {
    const end = positionOf(of.entries, before)
    const { items, more } = collect(of, end - 1, -1, limit)
    return { items: items.reverse(), hasPrevious: more, hasNext: collect(of, end, 1, 0).more }
  }
  const start = after === undefined ? of.from : positionAfter(of.entries, after)
  const { items, more } = collect(of, start, 1, limit)
  return { items, hasPrevious: collect(of, start - 1, -1, 0).more, hasNext: more }
}

/** The page that follows the page starting with `first`. */
export const pageAfter = <A extends Entry>(of: Selection<A>, first: A, limit: number): Page<A> => {
  const { items } = collect(of, positionOf(of.entries, first), 1, limit)
  return page(of, { after: items.at(-1) ?? first, limit })
}

/** Whether `one` is sorted before `other`. */
export const precedes = (one: Entry, other: Entry): boolean => compare(one, other) < 0

/** The position of the first entry that satisfies a predicate, which all entries after it satisfy too. */
export const firstPosition = <A>(entries: ReadonlyArray<A>, isIn: (entry: A) => boolean): number => {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const candidate = entries[middle]
    if (candidate === undefined || isIn(candidate)) high = middle
    else low = middle + 1
  }
  return low
}

const positionOf = (entries: ReadonlyArray<Entry>, entry: Entry): number =>
  firstPosition(entries, (candidate) => compare(candidate, entry) >= 0)

const positionAfter = (entries: ReadonlyArray<Entry>, entry: Entry): number =>
  firstPosition(entries, (candidate) => compare(candidate, entry) > 0)

const collect = <A>({ entries, from, keep, to }: Selection<A>, start: number, step: 1 | -1, limit: number) => {
  const items: Array<A> = []
  for (let i = step === 1 ? Math.max(start, from) : Math.min(start, to - 1); i >= from && i < to; i += step) {
    const entry = entries[i]
    if (entry === undefined || !keep(entry)) continue
    if (items.length === limit) return { items, more: true }
    items.push(entry)
  }
  return { items, more: false }
}

const insertInOrder = <A extends Entry>(entries: Array<A>, entry: A): void => {
  const last = entries.at(-1)
  if (last === undefined || compare(last, entry) < 0) entries.push(entry)
  else entries.splice(positionOf(entries, entry), 0, entry)
}

const compare = (a: Entry, b: Entry): number =>
  a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.serial - b.serial)
