import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpMethod from "@effect/platform/HttpMethod"
import * as Option from "effect/Option"
import type { Operation } from "../../Operation.js"
import { StiggApi } from "../../StiggApi.js"

/** An operation, and what its route tells about it. */
export interface OperationRoute {
  readonly operation: Operation
  /** Whether it only reads. */
  readonly isRead: boolean
  /** Whether it reads a body; the body of any other request is ignored. */
  readonly hasBody: boolean
}

const byRoute = new Map<string, OperationRoute>()

HttpApi.reflect(StiggApi, {
  onGroup: () => {},
  onEndpoint: ({ endpoint, group }) => {
    byRoute.set(`${endpoint.method} ${endpoint.path}`, {
      // `reflect` widens the names; `Operation` is made of the same two.
      operation: `${group.identifier}.${endpoint.name}` as Operation,
      isRead: endpoint.method === "GET",
      hasBody: HttpMethod.hasBody(endpoint.method) && Option.isSome(endpoint.payloadSchema)
    })
  }
})

/** Every operation of the contract. */
export const all: ReadonlyArray<OperationRoute> = Array.from(byRoute.values())

/** The operation of a route, or undefined where the contract has none. */
export const find = (method: string, path: string): OperationRoute | undefined => byRoute.get(`${method} ${path}`)
