import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Schemas from "../../../Schemas.js"
import * as Decoder from "../../../schemas/internal/Decoder.js"
import * as Issue from "../../../internal/failure/Issue.js"
import { InvalidSave } from "../../Saved.js"
import type { StoredAnswer } from "../world/IdempotencyStore.js"
import * as Ids from "../world/Ids.js"
import type { Instance } from "../world/Instance.js"
import { replaceWorld } from "../world/Instance.js"
import * as CustomerEntry from "../world/CustomerEntry.js"
import * as World from "../world/World.js"
import * as SavedSchema from "./SavedSchema.js"
import * as StrictDecoder from "./StrictDecoder.js"

export interface Loaded {
  /** The number of customers. */
  readonly customers: number
  /** The length of the texts that no later one replaces, as far as they are known. */
  readonly usedLength: number
}

/** The text of a record that nothing else holds, which is therefore decoded in place. */
interface Source {
  readonly length: number
  /** Parses it once more. */
  readonly again: () => unknown
}

/** Reads a save, record by record, into a world of its own. Only {@link Loader.finish} changes the instance. */
export interface Loader {
  readonly add: (record: unknown, source?: Source) => Either.Either<void, InvalidSave>
  readonly finish: Effect.Effect<Loaded, InvalidSave>
}

/** About, without their headers. */
const answersLength = (answers: ReadonlyArray<StoredAnswer>): number =>
  answers.reduce((sum, { body }) => sum + body.length, 0)

/** The problem of a save that lacks its end. */
export const cutOff = new InvalidSave({ path: "", message: "the save is empty or cut off: its end is missing" })

/** Creates a loader for an instance. */
export const make = (instance: Instance): Loader => {
  // Mutable: what has been read so far.
  let position = 0
  let header: typeof SavedSchema.World.Type | undefined
  let plans: ReadonlySet<string> = new Set()
  let ended: typeof SavedSchema.End.Type | undefined
  const answers = new Map<string, StoredAnswer>()
  const customers: Array<CustomerEntry.CustomerEntry> = []
  const lengths: Array<number> = []
  const serials = new Map<string, number>()

  const refuse = (path: ReadonlyArray<PropertyKey>, message: string) => {
    const at = Issue.dotted([position, ...path])
    return Either.left(new InvalidSave({ path: at, message: `${at}: ${message}` }))
  }

  const decoded = <A>(result: Either.Either<A, ParseResult.ParseError>): Either.Either<A, InvalidSave> =>
    Either.match(result, {
      onRight: (value) => Either.right(value),
      onLeft: ({ issue }) => {
        const [leaf] = Issue.leaves(issue)
        return refuse(leaf?.path ?? [], leaf?.message ?? "does not match the schema")
      }
    })

  const addWorld = (record: unknown) =>
    Either.flatMap(decoded(decodeWorld(record)), (read) => {
      const known = new Set(read.plans.map(({ id }) => id))
      if (header !== undefined && header.idSeed !== read.idSeed) return refuse(["idSeed"], `expected ${header.idSeed}`)
      for (const id of plans) if (!known.has(id)) return refuse(["plans"], `expected plan ${id}, as before`)
      header = read
      plans = known
      return Either.void
    })

  const customerIn = (record: unknown, source: Source | undefined) => {
    if (source === undefined) return decoded(decodeCustomer(record))
    const read = readCustomer(record)
    return read === Decoder.invalid ? decoded(decodeCustomer(source.again())) : Either.right(read)
  }

  const addCustomer = (record: unknown, source: Source | undefined) =>
    Either.flatMap(customerIn(record, source), (read) => {
      const { id } = read.customer
      const former = serials.get(id)
      if (read.replaces !== true && former !== undefined) return refuse(["customer", "id"], `duplicate id ${id}`)
      if (read.replaces === true && former === undefined) {
        return refuse(["customer", "id"], `no earlier customer ${id} to replace`)
      }
      for (const [i, { planId }] of (read.subscriptions ?? []).entries()) {
        if (!plans.has(planId)) return refuse(["subscriptions", i, "planId"], `unknown plan ${planId}`)
      }
      const serial = former ?? customers.length
      serials.set(id, serial)
      customers[serial] = entryOf(read, serial)
      lengths[serial] = source?.length ?? 0
      return Either.void
    })

  const addAnswer = (record: unknown) =>
    Either.map(decoded(decodeAnswer(record)), ({ type: _, ...answer }) => {
      // The store has them in the order of their age.
      answers.delete(answer.key)
      answers.set(answer.key, answer)
    })

  const addEnd = (record: unknown) =>
    Either.flatMap(decoded(decodeEnd(record)), (read) => {
      if (read.customers !== customers.length) {
        return refuse(["customers"], `expected ${customers.length}, the customers before it`)
      }
      if (read.answers > answers.size) {
        return refuse(["answers"], `expected at most ${answers.size}, the answers before it`)
      }
      ended = read
      return Either.void
    })

  const addRecord = (record: unknown, source: Source | undefined): Either.Either<void, InvalidSave> => {
    ended = undefined
    const type = Predicate.isRecord(record) ? record["type"] : undefined
    if (header === undefined && type !== "world") return refuse(["type"], 'expected "world" in the first record')
    switch (type) {
      case "world":
        return addWorld(record)
      case "customer":
        return addCustomer(record, source)
      case "answer":
        return addAnswer(record)
      case "end":
        return addEnd(record)
      default:
        return refuse(["type"], 'expected "customer", "answer", "world" or "end"')
    }
  }

  return {
    add: (record, source) => {
      const added = addRecord(record, source)
      position += 1
      return added
    },
    finish: Effect.uninterruptible(
      Effect.suspend(() => {
        if (header === undefined || ended === undefined) return cutOff
        const { faults, time, windows } = header
        const kept = Array.from(answers.values()).slice(answers.size - ended.answers)
        replaceWorld(instance, worldOf(header, customers), kept)
        instance.faults.restore(faults)
        const usedLength = lengths.reduce((sum, length) => sum + length, answersLength(kept))
        return instance.clock
          .restore(time)
          .pipe(
            Effect.zipRight(instance.limiter._tag === "None" ? Effect.void : instance.limiter.value.restore(windows)),
            Effect.as({ customers: customers.length, usedLength })
          )
      })
    )
  }
}

function* inOrder(customers: ReadonlyArray<CustomerEntry.CustomerEntry>) {
  for (const customer of customers) yield () => customer
}

const worldOf = (
  { currencies, features, hasCatalogue, idSeed, plans }: typeof SavedSchema.World.Type,
  customers: ReadonlyArray<CustomerEntry.CustomerEntry>
): World.WorldState => {
  const world: World.WorldState = { ...World.empty(Ids.make(idSeed)), hasCatalogue }
  for (const feature of features) world.features.set(feature.id, feature)
  for (const currency of currencies) world.currencies.set(currency.currencyId, currency)
  for (const plan of plans) world.plans.set(plan.id, plan)
  World.addAll(world, inOrder(customers))
  return world
}

const decodeWorld = Schema.decodeUnknownEither(SavedSchema.World)
const decodeCustomer = Schema.decodeUnknownEither(SavedSchema.Customer)
const readCustomer = StrictDecoder.make(SavedSchema.Customer)
const decodeAnswer = Schema.decodeUnknownEither(SavedSchema.Answer)
const decodeEnd = Schema.decodeUnknownEither(SavedSchema.End)

/** Each field by its name, as in `Envelope.customer`: the rest of an object takes more memory and time. */
const storedOf = (customer: Schemas.Customer): World.StoredCustomer => ({
  id: customer.id,
  name: customer.name,
  email: customer.email,
  billingId: customer.billingId,
  billingCurrency: customer.billingCurrency,
  couponId: customer.couponId,
  language: customer.language,
  metadata: customer.metadata,
  passthrough: customer.passthrough,
  timezone: customer.timezone,
  defaultPaymentMethod: customer.defaultPaymentMethod,
  createdAt: customer.createdAt,
  updatedAt: customer.updatedAt,
  archivedAt: customer.archivedAt
})

const entryOf = (saved: typeof SavedSchema.Customer.Type, serial: number): CustomerEntry.CustomerEntry =>
  CustomerEntry.make(storedOf(saved.customer), {
    subscriptions: saved.subscriptions,
    credits: saved.credits,
    usage: saved.usage,
    contracts: saved.contracts,
    invoices: saved.invoices,
    integrations: saved.integrations?.map((integration) => (serial) => ({
      serial,
      id: integration.link.id,
      ...integration
    })),
    grants: saved.grants?.map((grant) => (serial) => ({
      serial,
      id: grant.grant.id,
      createdAt: DateTime.toEpochMillis(grant.grant.createdAt),
      ...grant
    })),
    resources: saved.resources?.map((resource) => (serial) => ({
      serial,
      id: resource.id,
      createdAt: DateTime.toEpochMillis(resource.createdAt),
      resource
    }))
  })(serial)
