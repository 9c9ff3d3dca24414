import type { CustomerEntry } from "../world/CustomerEntry.js"
import * as Due from "./Due.js"

interface Item {
  readonly at: number
  readonly entry: CustomerEntry
}

/** The customers that time will change, by the next moment at which it does. */
export class Schedule {
  // Mutable and in descending order, so that the next one is at the end. An item is stale unless `next` has its time.
  private queue: Array<Item> = []
  private next = new Map<CustomerEntry, number>()

  /** Replaces all by the given customers. Moments up to `from` are past. */
  rebuild(customers: Iterable<CustomerEntry>, from: number): void {
    this.queue = []
    this.next = new Map()
    for (const entry of customers) {
      const at = Due.nextAfter(entry, from)
      if (at === undefined) continue
      this.next.set(entry, at)
      this.queue.push({ at, entry })
    }
    this.queue.sort(descending)
  }

  /** Finds the next moment of a customer again, after a change. Returns whether it is the next one of all. */
  update(entry: CustomerEntry, from: number): boolean {
    const at = Due.nextAfter(entry, from)
    if (at === this.next.get(entry)) return false
    if (at === undefined) {
      this.next.delete(entry)
      return false
    }
    this.next.set(entry, at)
    const item = { at, entry }
    this.queue.splice(this.position(item), 0, item)
    return this.queue.at(-1) === item
  }

  /** The next moment. */
  peek(): number | undefined {
    for (let item = this.queue.at(-1); item !== undefined; item = this.queue.at(-1)) {
      if (this.next.get(item.entry) === item.at) return item.at
      this.queue.pop()
    }
    return undefined
  }

  /** Removes and returns the next customer whose moment is not after `until`. */
  take(until: number): Item | undefined {
    const at = this.peek()
    if (at === undefined || at > until) return undefined
    const item = this.queue.pop()
    if (item !== undefined) this.next.delete(item.entry)
    return item
  }

  private position(item: Item): number {
    let low = 0
    let high = this.queue.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.queue[middle]
      if (other !== undefined && descending(other, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const descending = (a: Item, b: Item): number => b.at - a.at || b.entry.serial - a.entry.serial
