import type { StiggError } from "../../../StiggError.js"
import type { Flight } from "../remote/Flight.js"
import type { KnownCheck, KnownState } from "./Known.js"

/** What is known of a customer, or of one of its resources, and what is under way to know more. */
export interface Entry {
  readonly customerId: string
  readonly resourceId: string | undefined
  state: KnownState | undefined
  /** By their arguments, the least recently asked first. */
  checks: Map<string, KnownCheck>
  loading: Flight<Loaded, StiggError> | undefined
  readonly asking: Map<string, Flight<KnownCheck, StiggError>>
  /** When the second tier was last found to hold nothing for it. */
  missedAt: number
  older: Entry | undefined
  newer: Entry | undefined
}

/** A state, and whether the API was asked for it or a tier had it. */
export interface Loaded {
  readonly state: KnownState
  readonly source: "api" | "cache"
}

/** So many answers to checks are kept beside a state. A program that asks for ever new amounts must not fill the memory. */
const checksPerState = 100

/**
 * The entries, at most `capacity` of them; when one more comes, the least recently used goes.
 *
 * Mutable, for each check reads it and moves an entry: what an immutable structure or `Cache` does instead costs more
 * than all the rest of a check. Only synchronous code touches it, so no fiber sees it half changed.
 */
export class StateTable {
  private readonly customers = new Map<string, Entry>()
  private readonly resources = new Map<string, Map<string, Entry>>()
  private oldest: Entry | undefined
  private newest: Entry | undefined
  private size = 0

  constructor(private readonly capacity: number) {}

  get(customerId: string, resourceId: string | undefined): Entry | undefined {
    const entry =
      resourceId === undefined ? this.customers.get(customerId) : this.resources.get(customerId)?.get(resourceId)
    if (entry !== undefined && entry !== this.newest) {
      this.unlink(entry)
      this.append(entry)
    }
    return entry
  }

  getOrMake(customerId: string, resourceId: string | undefined): Entry {
    const known = this.get(customerId, resourceId)
    if (known !== undefined) return known
    const entry: Entry = {
      customerId,
      resourceId,
      state: undefined,
      checks: new Map(),
      loading: undefined,
      asking: new Map(),
      missedAt: -Infinity,
      older: undefined,
      newer: undefined
    }
    if (this.size >= this.capacity && this.oldest !== undefined) this.remove(this.oldest)
    if (resourceId === undefined) this.customers.set(customerId, entry)
    else {
      const siblings = this.resources.get(customerId)
      if (siblings === undefined) this.resources.set(customerId, new Map([[resourceId, entry]]))
      else siblings.set(resourceId, entry)
    }
    this.append(entry)
    this.size++
    return entry
  }

  /**
   * Forgets a customer and its resources. What is under way goes on for those who asked already, and is remembered in an
   * entry that nobody finds any more.
   */
  forget(customerId: string): void {
    for (const entry of [this.customers.get(customerId), ...(this.resources.get(customerId)?.values() ?? [])]) {
      if (entry !== undefined) this.remove(entry)
    }
  }

  private remove(entry: Entry): void {
    this.unlink(entry)
    this.size--
    if (entry.resourceId === undefined) {
      this.customers.delete(entry.customerId)
      return
    }
    const siblings = this.resources.get(entry.customerId)
    siblings?.delete(entry.resourceId)
    if (siblings?.size === 0) this.resources.delete(entry.customerId)
  }

  private append(entry: Entry): void {
    entry.older = this.newest
    entry.newer = undefined
    if (this.newest === undefined) this.oldest = entry
    else this.newest.newer = entry
    this.newest = entry
  }

  private unlink(entry: Entry): void {
    if (entry.older === undefined) this.oldest = entry.newer
    else entry.older.newer = entry.newer
    if (entry.newer === undefined) this.newest = entry.older
    else entry.newer.older = entry.older
    entry.older = undefined
    entry.newer = undefined
  }
}

/** Keeps the answer to a check. */
export const remember = (entry: Entry, key: string, check: KnownCheck): void => {
  entry.checks.delete(key)
  if (entry.checks.size >= checksPerState) {
    for (const [oldest] of entry.checks) {
      entry.checks.delete(oldest)
      break
    }
  }
  entry.checks.set(key, check)
}
