import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Record as SavedRecord } from "../../Saved.js"
import type { Instance } from "../world/Instance.js"
import type { Entry } from "../world/OrderedIndex.js"
import type { CustomerEntry } from "../world/World.js"
import { customerOf } from "../world/World.js"
import type { Shift } from "../world/InstanceClock.js"
import * as Pieces from "./Pieces.js"
import * as SavedSchema from "./SavedSchema.js"

/** The records of an instance, which are made as they are read. */
export const records = (instance: Instance): Effect.Effect<Iterable<SavedRecord>> =>
  Effect.map(instance.clock.shift, (shift) => recordsAt(instance, shift))

/** The text of a save, in pieces: a JSON array with a record in each line. */
export const text = (instance: Instance): Stream.Stream<string> =>
  Stream.unwrap(Effect.map(records(instance), (records) => Pieces.of(lines(records))))

function* lines(records: Iterable<SavedRecord>): Iterable<string> {
  let before = "[\n"
  for (const record of records) {
    yield `${before}${JSON.stringify(record)}`
    before = ",\n"
  }
  yield "\n]\n"
}

function* recordsAt({ faults, idempotency, limiter, name, world }: Instance, time: Shift): Iterable<SavedRecord> {
  // The customers that are there now: others may be added while these are written.
  const count = world.customersInOrder.all.length
  yield {
    ...encodeWorld({
      type: "world",
      version: SavedSchema.version,
      name,
      idSeed: world.ids.seed,
      time,
      hasCatalogue: world.hasCatalogue,
      features: Array.from(world.features.values()),
      currencies: Array.from(world.currencies.values()),
      plans: Array.from(world.plans.values()),
      faults: faults.state(),
      windows: limiter._tag === "None" ? [] : limiter.value.windows()
    })
  }
  for (const answer of idempotency.stored()) yield { type: "answer", ...answer }
  for (let serial = 0; serial < count; serial++) {
    const entry = world.customersInOrder.get(serial)
    if (entry !== undefined) yield { ...encodeCustomer(customerRecord(entry)) }
  }
  yield { type: "end", customers: count }
}

const encodeWorld = Schema.encodeSync(SavedSchema.World)
const encodeCustomer = Schema.encodeSync(SavedSchema.Customer)

const customerRecord = (entry: CustomerEntry): typeof SavedSchema.Customer.Type => {
  const { entries } = entry
  return {
    type: "customer",
    customer: { ...customerOf(entry), integrations: [] },
    ...listed(
      "integrations",
      bySerial(entries.integrations).map(({ createdAt, link, unlinked }) => ({ createdAt, link, unlinked }))
    ),
    ...listed(
      "grants",
      bySerial(entries.grants).map(({ allowance, grant, state }) => ({ allowance, grant, state }))
    ),
    ...listed(
      "resources",
      bySerial(entries.resources).map(({ resource }) => resource)
    ),
    ...listed("subscriptions", entry.subscriptions),
    ...listed("credits", entry.credits),
    ...listed("usage", entry.usage),
    ...listed("contracts", entry.contracts),
    ...listed("invoices", entry.invoices)
  }
}

const listed = <Key extends string, A>(
  key: Key,
  items: ReadonlyArray<A>
): { readonly [K in Key]?: ReadonlyArray<A> } => {
  const one: { readonly [K in Key]?: ReadonlyArray<A> } = {}
  return items.length === 0 ? one : { ...one, [key]: items }
}

const bySerial = <A extends Entry>(entries: ReadonlyArray<A>): ReadonlyArray<A> =>
  entries.length < 2 ? entries : entries.toSorted((a, b) => a.serial - b.serial)
