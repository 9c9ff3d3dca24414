import * as Either from "effect/Either"
import { InvalidAct } from "../../../Act.js"
import type { Events } from "../../webhooks/Event.js"
import type { CustomerEntry } from "../CustomerEntry.js"
import type { Feature, Plan, WorldState } from "../World.js"

/** What an act came to: the events that follow from it, or why nothing was done. */
export type Outcome = Either.Either<Events, InvalidAct>

/** An act that cannot be performed. */
export const refuse = (path: string, problem: string): Either.Either<never, InvalidAct> =>
  Either.left(new InvalidAct({ path, message: `${path}: ${problem}` }))

/** The customer of an act, which is not archived. */
export const customerOf = (world: WorldState, id: string): Either.Either<CustomerEntry, InvalidAct> => {
  const entry = world.customers.get(id)
  if (entry === undefined) return refuse("customerId", `unknown customer ${id}`)
  return entry.customer.archivedAt === null ? Either.right(entry) : refuse("customerId", `customer ${id} is archived`)
}

export const planOf = (world: WorldState, id: string): Either.Either<Plan, InvalidAct> => {
  const plan = world.plans.get(id)
  return plan === undefined ? refuse("planId", `unknown plan ${id}`) : Either.right(plan)
}

export const featureOf = (world: WorldState, id: string, path: string): Either.Either<Feature, InvalidAct> => {
  const feature = world.features.get(id)
  return feature === undefined ? refuse(path, `unknown feature ${id}`) : Either.right(feature)
}

export const knownCurrency = (world: WorldState, id: string, path: string): Either.Either<void, InvalidAct> =>
  world.currencies.has(id) ? Either.void : refuse(path, `unknown currency ${id}`)

/** The resource of an act, which the customer has; null for the whole customer. */
export const resourceOf = (
  entry: CustomerEntry,
  id: string | null | undefined
): Either.Either<string | null, InvalidAct> => {
  if (id === null || id === undefined) return Either.right(null)
  const isKnown =
    entry.allResources.some((resource) => resource.id === id) ||
    entry.subscriptions.some(({ resourceId }) => resourceId === id)
  return isKnown ? Either.right(id) : refuse("resourceId", `unknown resource ${id} of customer ${entry.id}`)
}
