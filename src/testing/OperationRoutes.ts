import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpMethod from "@effect/platform/HttpMethod"
import * as Option from "effect/Option"
import * as Operation from "./Operation.js"
import { StiggApi } from "./StiggApi.js"

/** What is known of an operation by its route. */
export interface OperationRoute {
  readonly operation: Operation.Operation
  /** Whether it reads a body; of the others a body is ignored. */
  readonly hasBody: boolean
}

/** The operation that a route is of. */
export const find = (method: string, path: string): OperationRoute | undefined => byRoute.get(`${method} ${path}`)

const byRoute = new Map<string, OperationRoute>()

HttpApi.reflect(StiggApi, {
  onGroup: () => {},
  onEndpoint: ({ endpoint, group }) => {
    const operation = Operation.all.find((name) => name === `${group.identifier}.${endpoint.name}`)
    const hasBody = HttpMethod.hasBody(endpoint.method) && Option.isSome(endpoint.payloadSchema)
    if (operation !== undefined) byRoute.set(`${endpoint.method} ${endpoint.path}`, { operation, hasBody })
  }
})
