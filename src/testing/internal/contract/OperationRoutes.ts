import * as operations from "../../../internal/operations/groups.js"
import { routePath } from "./Endpoints.js"

/** An operation and the properties of its route. */
export interface OperationRoute {
  readonly operation: operations.OperationName
  /** Whether it is a read. */
  readonly isRead: boolean
  /** Whether it has a body. A body in any other request is ignored. */
  readonly hasBody: boolean
}

const byRoute = new Map(
  operations.all.map(({ method, name, params, path }): readonly [string, OperationRoute] => [
    `${method} ${routePath(path)}`,
    { operation: name, isRead: method === "GET", hasBody: method !== "GET" && params !== null }
  ])
)

/** Finds the operation of a route. Undefined if there is none. */
export const find = (method: string, path: string): OperationRoute | undefined => byRoute.get(`${method} ${path}`)
