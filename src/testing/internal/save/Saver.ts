import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Schemas from "../../../Schemas.js"
import type { Record as SavedRecord } from "../../Saved.js"
import * as Envelope from "../world/Envelope.js"
import type { StoredAnswer } from "../world/IdempotencyStore.js"
import type { Instance } from "../world/Instance.js"
import type { Entry } from "../world/OrderedIndex.js"
import * as WritableTime from "../world/WritableTime.js"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import * as Pieces from "./Pieces.js"
import * as SavedSchema from "./SavedSchema.js"

/** The records of an instance, which are made as they are read. */
export const records = (instance: Instance): Effect.Effect<Iterable<SavedRecord>> =>
  Effect.map(header(instance), (first) => recordsOf(instance, first()))

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

function* recordsOf({ idempotency, world }: Instance, first: SavedRecord): Iterable<SavedRecord> {
  // The customers that are there now: others may be added while these are written.
  const count = world.customersInOrder.all.length
  yield first
  // A copy of the list: answers may expire while these are written.
  let answers = 0
  for (const key of Array.from(idempotency.keys())) {
    const answer = idempotency.answer(key)
    if (answer === undefined) continue
    answers += 1
    yield answerRecord(answer)
  }
  for (let serial = 0; serial < count; serial++) {
    const entry = world.customersInOrder.get(serial)
    if (entry !== undefined) yield customerRecord(entry)
  }
  yield endRecord(count, answers)
}

/** Makes the record of everything but customers and answers. `SavedSchema.World` takes long for many windows. */
export const header = (instance: Instance): Effect.Effect<() => SavedRecord> =>
  Effect.zipWith(instance.clock.shift, instance.clock.now, (time, now) => () => {
    const { faults, limiter, name, world } = instance
    return {
      type: "world",
      version: SavedSchema.version,
      name,
      idSeed: world.ids.seed,
      time,
      hasCatalogue: world.hasCatalogue,
      features: Array.from(world.features.values()),
      currencies: Array.from(world.currencies.values(), (currency) => encodeCurrency(currency)),
      plans: Array.from(world.plans.values()),
      faults: encodeFaults(faults.state()),
      windows: limiter._tag === "None" ? [] : limiter.value.windows(now)
    }
  })

export const answerRecord = (answer: StoredAnswer): SavedRecord => ({ type: "answer", ...answer })

export const endRecord = (customers: number, answers: number): SavedRecord => ({ type: "end", customers, answers })

const encodeFaults = Schema.encodeSync(SavedSchema.World.fields.faults)
const encodeCurrency = Schema.encodeSync(Schemas.CustomCurrency)
const encodeIntegration = Schema.encodeSync(Schemas.Integration)
const encodeGrant = Schema.encodeSync(Schemas.PromotionalEntitlement)
const encodeResource = Schema.encodeSync(Schemas.CustomerResource)
const encodeContract = Schema.encodeSync(Schemas.Contract)
const encodeInvoice = Schema.encodeSync(Schemas.Invoice)

type Encoded = typeof SavedSchema.Customer.Encoded

/** Mutable while it is made: a list is left out if it is empty. */
type CustomerRecord = { -readonly [Key in keyof Encoded]: Key extends "customer" ? unknown : Encoded[Key] }

/** A customer's record. `SavedSchema.Customer` would encode it too, in three times the time. */
export const customerRecord = (entry: CustomerEntry): CustomerRecord => {
  const { archivedAt, createdAt, updatedAt } = entry.customer
  for (const time of [createdAt, updatedAt, archivedAt ?? updatedAt]) {
    if (!WritableTime.isWritable(time.epochMillis)) {
      throw new RangeError(`customer ${entry.id} has a time outside of ${WritableTime.range}`)
    }
  }
  const record: CustomerRecord = {
    type: "customer",
    customer: Envelope.customer({ customer: entry.customer, links: [] })
  }
  const { allGrants, allIntegrations, allResources, contracts, credits, invoices, subscriptions, usage } = entry
  if (allIntegrations.length > 0) {
    record.integrations = bySerial(allIntegrations).map(({ createdAt, link, unlinked }) => ({
      createdAt,
      link: encodeIntegration(link),
      unlinked
    }))
  }
  if (allGrants.length > 0) {
    record.grants = bySerial(allGrants).map(({ allowance, grant, state }) => ({
      allowance,
      grant: encodeGrant(grant),
      state
    }))
  }
  if (allResources.length > 0) record.resources = bySerial(allResources).map(({ resource }) => encodeResource(resource))
  if (subscriptions.length > 0) record.subscriptions = subscriptions
  if (credits.length > 0) record.credits = credits
  if (usage.length > 0) record.usage = usage
  if (contracts.length > 0) record.contracts = contracts.map((contract) => encodeContract(contract))
  if (invoices.length > 0) record.invoices = invoices.map((invoice) => encodeInvoice(invoice))
  return record
}

const bySerial = <A extends Entry>(entries: ReadonlyArray<A>): ReadonlyArray<A> =>
  entries.length < 2 ? entries : entries.toSorted((a, b) => a.serial - b.serial)
