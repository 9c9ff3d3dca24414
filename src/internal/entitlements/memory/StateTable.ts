import type { StiggError } from "../../../StiggError.js"
import type { Flight } from "../remote/Flight.js"
import type { KnownCheck, KnownState } from "./Known.js"

/** Everything cached for a customer, or for one of its resources, and the requests in flight. */
export interface Entry {
  readonly customerId: string
  readonly resourceId: string | undefined
  state: KnownState | undefined
  /** Cached answers by `CheckArguments.cacheKey`, the oldest first. */
  checks: Map<string, KnownCheck>
  loading: Flight<Loaded, StiggError> | undefined
  readonly checking: Map<string, Flight<KnownCheck, StiggError>>
  /** When the store was last read without finding a state. */
  missedAt: number
  older: Entry | undefined
  newer: Entry | undefined
}

/** A state, and whether it was loaded from the API or found in a cache. */
export interface Loaded {
  readonly state: KnownState
  readonly source: "api" | "cache"
}

/** The maximum number of cached answers for a state. It bounds memory when every check requests another amount. */
const checksPerState = 100

/**
 * An LRU cache of at most `capacity` entries.
 *
 * Mutable, because every check moves an entry: an immutable structure or `Cache` would cost more than the rest of the
 * check. Only synchronous code changes it, so no fiber sees it in between.
 *
 * `lru-cache` reads as fast (49 against 51 ns, 10,000 entries, Node 20), but it would be a runtime dependency, and a write
 * has to forget a customer together with all its resources.
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
      checking: new Map(),
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
   * Removes a customer and its resources. Requests in flight continue for the callers that wait for them, but their
   * results go to the removed entries, where no later check finds them.
   */
  evict(customerId: string): void {
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

/** Caches the answer to a check, and drops the oldest one beyond the limit. */
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
