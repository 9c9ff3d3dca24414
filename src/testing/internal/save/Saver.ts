import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Schemas from "../../../Schemas.js"
import type { Record as SavedRecord } from "../../Saved.js"
import type { Instance } from "../world/Instance.js"
import type { Entry } from "../world/OrderedIndex.js"
import type { CustomerEntry } from "../world/World.js"
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
    if (entry !== undefined) yield { ...customerRecord(entry) }
  }
  yield { type: "end", customers: count }
}

const encodeWorld = Schema.encodeSync(SavedSchema.World)
const encodeIntegration = Schema.encodeSync(Schemas.Integration)
const encodeGrant = Schema.encodeSync(Schemas.PromotionalEntitlement)
const encodeResource = Schema.encodeSync(Schemas.CustomerResource)
const encodeContract = Schema.encodeSync(Schemas.Contract)
const encodeInvoice = Schema.encodeSync(Schemas.Invoice)

/** A customer's record. `SavedSchema.Customer` would encode it too, in three times the time. */
const customerRecord = (entry: CustomerEntry): typeof SavedSchema.Customer.Encoded => {
  const { archivedAt, createdAt, updatedAt, ...customer } = entry.customer
  return {
    type: "customer",
    customer: {
      ...customer,
      createdAt: DateTime.formatIso(createdAt),
      updatedAt: DateTime.formatIso(updatedAt),
      archivedAt: archivedAt === null ? null : DateTime.formatIso(archivedAt)
    },
    ...listed("integrations", bySerial(entry.allIntegrations), ({ createdAt, link, unlinked }) => ({
      createdAt,
      link: encodeIntegration(link),
      unlinked
    })),
    ...listed("grants", bySerial(entry.allGrants), ({ allowance, grant, state }) => ({
      allowance,
      grant: encodeGrant(grant),
      state
    })),
    ...listed("resources", bySerial(entry.allResources), ({ resource }) => encodeResource(resource)),
    ...listed("subscriptions", entry.subscriptions, identity),
    ...listed("credits", entry.credits, identity),
    ...listed("usage", entry.usage, identity),
    ...listed("contracts", entry.contracts, (contract) => encodeContract(contract)),
    ...listed("invoices", entry.invoices, (invoice) => encodeInvoice(invoice))
  }
}

const listed = <Key extends string, A, B>(
  key: Key,
  items: ReadonlyArray<A>,
  encode: (item: A) => B
): { readonly [K in Key]?: ReadonlyArray<B> } => {
  const one: { readonly [K in Key]?: ReadonlyArray<B> } = {}
  return items.length === 0 ? one : { ...one, [key]: items.map(encode) }
}

const bySerial = <A extends Entry>(entries: ReadonlyArray<A>): ReadonlyArray<A> =>
  entries.length < 2 ? entries : entries.toSorted((a, b) => a.serial - b.serial)
