/**
 * The names of the API's operations.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as operations from "../internal/operations/groups.js"
import type { StiggApi } from "./StiggApi.js"

type Named<Group extends HttpApiGroup.HttpApiGroup.Any> = Group extends unknown
  ? `${HttpApiGroup.HttpApiGroup.Name<Group>}.${HttpApiEndpoint.HttpApiEndpoint.Name<HttpApiGroup.HttpApiGroup.Endpoints<Group>>}`
  : never

/**
 * The name of an operation, as the API's document has it, such as `"customers.retrieve"` or
 * `"customers.paymentMethod.attach"`. `all` lists them.
 *
 * @example
 * import type { Operation } from "effect-stigg/testing"
 *
 * const retrieve: Operation.Operation = "customers.retrieve"
 * console.log(retrieve)
 *
 * @category models
 * @since 0.1.0
 */
export type Operation = Named<(typeof StiggApi)["groups"][string]>

/**
 * The names of all operations.
 *
 * @example
 * import { Operation } from "effect-stigg/testing"
 *
 * console.log(Operation.all.includes("customers.retrieve")) // true
 *
 * @category models
 * @since 0.1.0
 */
export const all: ReadonlyArray<Operation> = operations.all.map(({ name }) => name)
