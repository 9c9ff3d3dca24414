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

/**
 * A list in the API's order: by creation time, then by id. It is always sorted, so that the last page costs as much as
 * the first.
 */
export class OrderedIndex<A extends Entry> {
  // Mutable, like the rest of the world: copying on each insertion would make building a large list quadratic.
  private readonly ordered: Array<A> = []
  private readonly bySerial: Array<A> = []

  /** All entries in order, including hidden ones. */
  get all(): ReadonlyArray<A> {
    return this.ordered
  }

  /** Inserts the entry that `make` returns for the next serial, and returns it. */
  insert(make: (serial: number) => A): A {
    const entry = this.append(make)
    const last = this.ordered.at(-1)
    if (last === undefined || compare(last, entry) < 0) this.ordered.push(entry)
    else this.ordered.splice(this.position(entry), 0, entry)
    return entry
  }

  /** Like {@link insert}, for many entries in any order, with a single sort. */
  insertAll(makes: Iterable<(serial: number) => A>): void {
    for (const make of makes) this.ordered.push(this.append(make))
    this.ordered.sort(compare)
  }

  /** The entry with a serial, hidden or not. */
  get(serial: number): A | undefined {
    return this.bySerial[serial]
  }

  /** Up to `limit` entries that pass `keep`: right before `before`, right after `after`, or from the start. */
  page(options: {
    readonly after?: A | undefined
    readonly before?: A | undefined
    readonly limit: number
    readonly keep: (entry: A) => boolean
  }): Page<A> {
    if (options.before !== undefined) {
      const end = this.position(options.before)
      const { items, more } = this.collect(end - 1, -1, options.limit, options.keep)
      return { items: items.reverse(), hasPrevious: more, hasNext: this.collect(end, 1, 0, options.keep).more }
    }
    const start = options.after === undefined ? 0 : this.position(options.after) + 1
    const { items, more } = this.collect(start, 1, options.limit, options.keep)
    return { items, hasPrevious: this.collect(start - 1, -1, 0, options.keep).more, hasNext: more }
  }

  /** The page that follows the page starting with `first`. */
  pageAfter(options: { readonly first: A; readonly limit: number; readonly keep: (entry: A) => boolean }): Page<A> {
    const { items } = this.collect(this.position(options.first), 1, options.limit, options.keep)
    return this.page({ ...options, after: items.at(-1) ?? options.first })
  }

  /** Whether `one` is sorted before `other`. */
  precedes(one: A, other: A): boolean {
    return compare(one, other) < 0
  }

  private append(make: (serial: number) => A): A {
    const entry = make(this.bySerial.length)
    this.bySerial.push(entry)
    return entry
  }

  private collect(from: number, step: 1 | -1, limit: number, keep: (entry: A) => boolean) {
    const items: Array<A> = []
    for (let i = from; ; i += step) {
      const entry = this.ordered[i]
      if (entry === undefined) return { items, more: false }
      if (!keep(entry)) continue
      if (items.length === limit) return { items, more: true }
      items.push(entry)
    }
  }

  private position(entry: A): number {
    let low = 0
    let high = this.ordered.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const candidate = this.ordered[middle]
      if (candidate !== undefined && compare(candidate, entry) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const compare = (a: Entry, b: Entry): number =>
  a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.serial - b.serial)
