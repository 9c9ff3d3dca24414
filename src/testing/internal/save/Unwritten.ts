import type { Record as SavedRecord } from "../../Saved.js"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import type { Instance } from "../world/Instance.js"
import type { Watcher, WorldState } from "../world/World.js"
import * as Saver from "./Saver.js"

/** The customers and answers of a world that a file does not have as they are now. */
export class Unwritten implements Watcher {
  readonly world: WorldState
  // Mutable: the file has the customers with lower serials, apart from those that changed since.
  private written: number
  private readonly changes = new Set<CustomerEntry>()
  private readonly answers: Set<string>

  /** @param isWritten whether the file has the state of now */
  constructor(
    private readonly instance: Instance,
    isWritten: boolean
  ) {
    this.world = instance.world
    this.written = isWritten ? this.customers : 0
    this.answers = new Set(isWritten ? [] : instance.idempotency.keys())
  }

  /** The customers of the world. */
  get customers(): number {
    return this.world.customersInOrder.all.length
  }

  /** The number of records to write. */
  get size(): number {
    return this.customers - this.written + this.changes.size + this.answers.size
  }

  changed(entry: CustomerEntry): void {
    // A request that has started before the world was replaced changes the former one.
    const isOfWorld = this.world.customersInOrder.get(entry.serial) === entry
    if (isOfWorld && entry.serial < this.written) this.changes.add(entry)
  }

  answered(key: string): void {
    // They are written in the order of their age.
    this.answers.delete(key)
    this.answers.add(key)
  }

  /** Makes up to `count` of the records, which are written then. */
  take(count: number): ReadonlyArray<SavedRecord> {
    const records: Array<SavedRecord> = []
    for (const key of this.answers) {
      if (records.length === count) return records
      this.answers.delete(key)
      const answer = this.instance.idempotency.answer(key)
      if (answer !== undefined) records.push(Saver.answerRecord(answer))
    }
    for (const entry of this.changes) {
      if (records.length === count) return records
      this.changes.delete(entry)
      records.push({ ...Saver.customerRecord(entry), replaces: true })
    }
    while (records.length < count) {
      const entry = this.world.customersInOrder.get(this.written)
      if (entry === undefined) break
      this.written += 1
      records.push(Saver.customerRecord(entry))
    }
    return records
  }
}
