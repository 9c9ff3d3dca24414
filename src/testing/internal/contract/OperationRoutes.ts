import * as operations from "../../../internal/operations/groups.js"
import { routePath } from "./Endpoints.js"

/** An operation, and what its route tells about it. */
export interface OperationRoute {
  readonly operation: operations.OperationName
  /** Whether it only reads. */
  readonly isRead: boolean
  /** Whether it reads a body. The body of any other request is ignored. */
  readonly hasBody: boolean
}

const byRoute = new Map(
  operations.all.map(({ method, name, params, path }): readonly [string, OperationRoute] => [
    `${method} ${routePath(path)}`,
    { operation: name, isRead: method === "GET", hasBody: method !== "GET" && params !== null }
  ])
)

/** The operation of a route; undefined if no operation has it. */
export const find = (method: string, path: string): OperationRoute | undefined => byRoute.get(`${method} ${path}`)
