import type { Record as SavedRecord } from "../../Saved.js"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import type { Instance } from "../world/Instance.js"
import type { Watcher, WorldState } from "../world/World.js"
import * as Saver from "./Saver.js"

/** The customers and stored answers of a world whose current state is not in a file yet. */
export class Unwritten implements Watcher {
  readonly world: WorldState
  /**
   * An estimate of what there is to write, as a number of small customers. A customer that changes twice counts twice.
   */
  weight = 0
  // Mutable: the file has the customers with lower serials, apart from those that changed since.
  private nextSerial: number
  private readonly changes = new Set<CustomerEntry>()
  private readonly answers: Set<string>

  /**
   * @param isWritten whether the file has the current state
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
    for (const key of this.answers) this.weight += weightOfAnswer(instance.idempotency.length(key))
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

  answered(key: string, length: number): void {
    // They are written in the order of their age.
    this.answers.delete(key)
    this.answers.add(key)
    this.weight += weightOfAnswer(length)
    this.onChange()
  }

  /** Makes texts of records of about this length. After that, they count as written. Throws if one cannot be made. */
  take(length: number): Taken {
    const texts: Array<string> = []
    // Mutable: the length that is left, and that of the records which replace none.
    let left = length
    let newLength = 0
    const add = (record: SavedRecord, isNew: boolean) => {
      const text = JSON.stringify(record)
      texts.push(text)
      left -= text.length
      if (isNew) newLength += text.length
    }
    const taken = () => ({ texts, newLength })
    for (const key of this.answers) {
      if (left <= 0) return taken()
      const answer = this.instance.idempotency.answer(key)
      if (answer !== undefined) add(Saver.answerRecord(answer), true)
      this.answers.delete(key)
    }
    for (const entry of this.changes) {
      if (left <= 0) return taken()
      add({ ...Saver.customerRecord(entry), replaces: true }, false)
      this.changes.delete(entry)
    }
    for (;;) {
      const entry = this.world.customersInOrder.get(this.nextSerial)
      if (entry === undefined) {
        this.weight = 0
        return taken()
      }
      if (left <= 0) return taken()
      add(Saver.customerRecord(entry), true)
      this.nextSerial += 1
    }
  }

  /** Stops learning of changes. */
  close(): void {
    this.world.watchers.delete(this)
    this.instance.idempotency.watchers.delete(this)
  }
}

interface Taken {
  readonly texts: ReadonlyArray<string>
  /** The length of those that replace no earlier record. */
  readonly newLength: number
}

/** The approximate length of the record of a small customer, in characters. */
const perCustomer = 500

const weightOfAnswer = (length: number): number => 1 + length / perCustomer

const weightOf = ({ customer: { metadata, passthrough }, itemCount }: CustomerEntry): number => {
  let length = passthrough === null ? 0 : JSON.stringify(passthrough).length
  for (const key in metadata) length += metadata[key]?.length ?? 0
  return 1 + itemCount / 8 + length / perCustomer
}
