import * as HttpApi from "@effect/platform/HttpApi"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import { ControlApi, Example } from "./ControlApi.js"

/** A control route, as its declaration describes it. */
export interface Route {
  readonly method: string
  readonly path: string
  readonly does: string
  /** The body of an example, or the query of a GET; null if it has none. */
  readonly example: string | null
}

/** The control routes. */
export const routes: ReadonlyArray<Route> = declared()

function declared(): ReadonlyArray<Route> {
  const found: Array<Route> = []
  HttpApi.reflect(ControlApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { annotations, method, path } }) => {
      const does = Option.getOrElse(Context.getOption(annotations, OpenApi.Summary), () => "")
      found.push({ method, path, does, example: Option.getOrNull(Context.getOption(annotations, Example)) })
    }
  })
  return found
}

/** The list of the routes, and a `curl` command for each, as text. */
export const help = (baseUrl: string): string => {
  const width = Math.max(...routes.map(({ path }) => path.length))
  const lines = routes.map(({ does, method, path }) => `  ${method.padEnd(6)} ${path.padEnd(width)}  ${does}`)
  return `${lines.join("\n")}\n\n${routes.map((route) => `  ${curl(baseUrl, route)}`).join("\n")}`
}

const curl = (baseUrl: string, { example, method, path }: Route): string => {
  const query = method === "GET" ? (example ?? "") : ""
  const body = example === null || method === "GET" ? "" : ` -H 'content-type: application/json' -d '${example}'`
  // With a body, curl sends a POST by itself.
  return `curl ${method === "DELETE" ? "-X DELETE " : ""}${quoted(`${baseUrl}${path}${query}`)}${body}`
}

/** A shell would expand a `?`. */
const quoted = (url: string): string => (url.includes("?") ? `'${url}'` : url)
