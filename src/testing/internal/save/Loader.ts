import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Issue from "../../../internal/failure/Issue.js"
import { InvalidSave } from "../../Saved.js"
import type { StoredAnswer } from "../world/IdempotencyStore.js"
import * as Ids from "../world/Ids.js"
import type { Instance } from "../world/Instance.js"
import * as CustomerEntry from "../world/CustomerEntry.js"
import * as World from "../world/World.js"
import * as SavedSchema from "./SavedSchema.js"

/** Reads a save, record by record, into a world of its own. Only {@link Loader.finish} changes the instance. */
export interface Loader {
  readonly add: (record: unknown) => Either.Either<void, InvalidSave>
  readonly finish: Effect.Effect<void, InvalidSave>
}

/** Creates a loader for an instance. */
export const make = (instance: Instance): Loader => {
  // Mutable: what has been read so far.
  let position = 0
  let header: typeof SavedSchema.World.Type | undefined
  let world: World.WorldState | undefined
  let end: number | undefined
  const answers: Array<StoredAnswer> = []
  const customers: Array<(serial: number) => CustomerEntry.CustomerEntry> = []
  const ids = new Set<string>()

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
    Either.map(decoded(decodeWorld(record)), (read) => {
      header = read
      world = { ...World.empty(Ids.make(read.idSeed)), hasCatalogue: read.hasCatalogue }
      for (const feature of read.features) world.features.set(feature.id, feature)
      for (const currency of read.currencies) world.currencies.set(currency.currencyId, currency)
      for (const plan of read.plans) world.plans.set(plan.id, plan)
    })

  const addCustomer = (record: unknown, { plans }: World.WorldState) =>
    Either.flatMap(decoded(decodeCustomer(record)), (read) => {
      const { id } = read.customer
      if (ids.has(id)) return refuse(["customer", "id"], `duplicate id ${id}`)
      for (const [i, { planId }] of (read.subscriptions ?? []).entries()) {
        if (!plans.has(planId)) return refuse(["subscriptions", i, "planId"], `unknown plan ${planId}`)
      }
      ids.add(id)
      customers.push((serial) => entryOf(read, serial))
      return Either.right(undefined)
    })

  const addRecord = (record: unknown): Either.Either<void, InvalidSave> => {
    if (end !== undefined) return refuse([], "a record after the last one")
    const type = Predicate.isRecord(record) ? record["type"] : undefined
    if (world === undefined) {
      return type === "world" ? addWorld(record) : refuse(["type"], 'expected "world" in the first record')
    }
    switch (type) {
      case "customer":
        return addCustomer(record, world)
      case "answer":
        return Either.map(decoded(decodeAnswer(record)), ({ type: _, ...answer }) => void answers.push(answer))
      case "end":
        return Either.flatMap(decoded(decodeEnd(record)), (read) => {
          if (read.customers !== customers.length) {
            return refuse(["customers"], `expected ${customers.length}, the customers before it`)
          }
          end = read.customers
          return Either.right(undefined)
        })
      default:
        return refuse(["type"], 'expected "customer", "answer" or "end"')
    }
  }

  return {
    add: (record) => {
      const added = addRecord(record)
      position += 1
      return added
    },
    finish: Effect.suspend(() => {
      if (header === undefined || world === undefined || end === undefined) {
        return new InvalidSave({ path: "", message: "the save is empty or cut off: its last record is missing" })
      }
      const { faults, time, windows } = header
      const filled = world
      World.addAll(filled, customers)
      instance.world = filled
      instance.faults.restore(faults)
      return Effect.zipRight(
        instance.idempotency.restore(answers),
        Effect.zipRight(
          instance.clock.restore(time),
          instance.limiter._tag === "None" ? Effect.void : instance.limiter.value.restore(windows)
        )
      )
    })
  }
}

const decodeWorld = Schema.decodeUnknownEither(SavedSchema.World)
const decodeCustomer = Schema.decodeUnknownEither(SavedSchema.Customer)
const decodeAnswer = Schema.decodeUnknownEither(SavedSchema.Answer)
const decodeEnd = Schema.decodeUnknownEither(SavedSchema.End)

const entryOf = (saved: typeof SavedSchema.Customer.Type, serial: number): CustomerEntry.CustomerEntry => {
  const { integrations: _, ...customer } = saved.customer
  return CustomerEntry.make(customer, {
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
}
