import * as HttpApi from "@effect/platform/HttpApi"
import * as Operation from "./Operation.js"
import { StiggApi } from "./StiggApi.js"

/** The operation that a route is of. */
export const ofRoute = (method: string, path: string): Operation.Operation | undefined =>
  byRoute.get(`${method} ${path}`)

const byRoute = new Map<string, Operation.Operation>()

HttpApi.reflect(StiggApi, {
  onGroup: () => {},
  onEndpoint: ({ endpoint, group }) => {
    const name = Operation.all.find((name) => name === `${group.identifier}.${endpoint.name}`)
    if (name !== undefined) byRoute.set(`${endpoint.method} ${endpoint.path}`, name)
  }
})
