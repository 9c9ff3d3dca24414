import type { Record as SavedRecord } from "../../Saved.js"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import type { Instance } from "../world/Instance.js"
import type { Watcher, WorldState } from "../world/World.js"
import * as Saver from "./Saver.js"

/** The customers and answers of a world that a file does not have as they are now. */
export class Unwritten implements Watcher {
  readonly world: WorldState
  /**
   * What there is to write, in customers without lists: an item of a list counts as an eighth. What changes more than
   * once counts each time.
   */
  weight = 0
  // Mutable: the file has the customers with lower serials, apart from those that changed since.
  private nextSerial: number
  private readonly changes = new Set<CustomerEntry>()
  private readonly answers: Set<string>

  /**
   * @param isWritten whether the file has the state of now
   * @param onChange runs after each change of what there is to write
   */
  constructor(
    private readonly instance: Instance,
    isWritten: boolean,
    private readonly onChange: () => void
  ) {
    this.world = instance.world
    this.nextSerial = isWritten ? this.customerCount : 0
    this.answers = new Set(isWritten ? [] : instance.idempotency.keys())
    this.weight = this.answers.size
    if (!isWritten) for (const entry of this.world.customersInOrder.all) this.weight += weightOf(entry)
    this.world.watchers.add(this)
    instance.idempotency.watchers.add(this)
  }

  get customerCount(): number {
    return this.world.customersInOrder.all.length
  }

  get isEmpty(): boolean {
    return this.nextSerial === this.customerCount && this.changes.size === 0 && this.answers.size === 0
  }

  changed(entry: CustomerEntry): void {
    if (entry.serial < this.nextSerial) this.changes.add(entry)
    this.weight += weightOf(entry)
    this.onChange()
  }

  answered(key: string): void {
    // They are written in the order of their age.
    this.answers.delete(key)
    this.answers.add(key)
    this.weight += 1
    this.onChange()
  }

  /** Makes the texts of records until they have this length. They count as written then. Throws if one cannot be made. */
  take(length: number): ReadonlyArray<string> {
    const texts: Array<string> = []
    // Mutable: the length that is left.
    let left = length
    const add = (record: SavedRecord) => {
      const text = JSON.stringify(record)
      texts.push(text)
      left -= text.length
    }
    for (const key of this.answers) {
      if (left <= 0) return texts
      const answer = this.instance.idempotency.answer(key)
      if (answer !== undefined) add(Saver.answerRecord(answer))
      this.answers.delete(key)
    }
    for (const entry of this.changes) {
      if (left <= 0) return texts
      add({ ...Saver.customerRecord(entry), replaces: true })
      this.changes.delete(entry)
    }
    for (;;) {
      const entry = this.world.customersInOrder.get(this.nextSerial)
      if (entry === undefined) {
        this.weight = 0
        return texts
      }
      if (left <= 0) return texts
      add(Saver.customerRecord(entry))
      this.nextSerial += 1
    }
  }

  /** Stops learning of changes. */
  close(): void {
    this.world.watchers.delete(this)
    this.instance.idempotency.watchers.delete(this)
  }
}

const weightOf = ({
  allGrants,
  allIntegrations,
  allResources,
  contracts,
  credits,
  invoices,
  subscriptions,
  usage
}: CustomerEntry): number => {
  const lists = [allGrants, allIntegrations, allResources, contracts, credits, invoices, subscriptions, usage]
  return 1 + lists.reduce((items, list) => items + list.length, 0) / 8
}
