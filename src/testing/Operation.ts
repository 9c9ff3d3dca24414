import * as HttpApi from "@effect/platform/HttpApi"
import { StiggApi } from "./StiggApi.js"

const names = [
  "customers.provision",
  "customers.list",
  "customers.import",
  "customers.retrieve",
  "customers.update",
  "customers.archive",
  "customers.unarchive",
  "customers.retrieveEntitlements",
  "customers.checkEntitlement",
  "customers.listContracts",
  "customers.listInvoices",
  "customers.listResources",
  "customers.paymentMethod.attach",
  "customers.paymentMethod.detach",
  "customers.promotionalEntitlements.create",
  "customers.promotionalEntitlements.list",
  "customers.promotionalEntitlements.revoke",
  "customers.integrations.list",
  "customers.integrations.link",
  "customers.integrations.retrieve",
  "customers.integrations.update",
  "customers.integrations.unlink"
] as const

/**
 * The name of an operation, as the API's document has it.
 *
 * @category models
 * @since 0.1.0
 */
export type Operation = (typeof names)[number]

/**
 * The names of all operations.
 *
 * @example
 * import { Operation } from "effect-stigg/testing"
 *
 * console.log(Operation.all.length) // 22
 *
 * @category models
 * @since 0.1.0
 */
export const all: ReadonlyArray<Operation> = names

/** The operation that a route is of. */
export const ofRoute = (method: string, path: string): Operation | undefined => byRoute.get(`${method} ${path}`)

const byRoute = new Map<string, Operation>()

HttpApi.reflect(StiggApi, {
  onGroup: () => {},
  onEndpoint: ({ endpoint, group }) => {
    const name = names.find((name) => name === `${group.identifier}.${endpoint.name}`)
    if (name !== undefined) byRoute.set(`${endpoint.method} ${endpoint.path}`, name)
  }
})
