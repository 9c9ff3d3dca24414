import * as Effect from "effect/Effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { request as send } from "node:http"
import { gzipSync } from "node:zlib"
import * as HandlerServer from "../transport/HandlerServer.js"

const customer = (id: string, metadata: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({
    data: {
      id,
      name: "Acme",
      email: null,
      metadata,
      integrations: [],
      createdAt: "2026-01-01T00:00:00.000Z",
      updatedAt: "2026-01-01T00:00:00.000Z",
      archivedAt: null
    }
  })

const json = { "content-type": "application/json" }

/** The number of requests that have this idempotency key so far. */
type Attempt = (key: string) => number

/** The responses, by the first part of the path. */
const scenarios = {
  silence: HandlerServer.silence,
  stall: HandlerServer.stall,
  reset: ({ socket }) => socket.resetAndDestroy(),
  resetInBody: ({ socket }, response) => {
    response.writeHead(200, { ...json, "content-length": "1000" })
    response.write('{"data":', () => socket.resetAndDestroy())
  },
  redirect: (_, response) => response.writeHead(302, { location: "/elsewhere/stolen" }).end(),
  elsewhere: (_, response) => response.writeHead(200, json).end(customer("stolen")),
  gzip: (_, response) =>
    response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(gzipSync(customer("compressed 🚀"))),
  gateway: ({ headers }, response) =>
    response.writeHead(502, { "content-type": "text/html" }).end(`<h1>No route for ${headers["x-api-key"]}</h1>`),
  endless: (_, response) => {
    response.writeHead(200, json)
    const more = () => {
      while (!response.destroyed && response.write(" ".repeat(65_536)));
      response.once("drain", more)
    }
    more()
  },
  announced: (_, response) => response.writeHead(200, json).end(" ".repeat(1_000_000)),
  echo: ({ headers, method = "", url = "" }, response) =>
    response.writeHead(200, json).end(
      customer("echo", {
        method,
        path: url,
        key: String(headers["x-api-key"]),
        type: String(headers["content-type"]),
        accept: String(headers["accept"]),
        idempotency: headers["idempotency-key"] === undefined ? "without" : "with"
      })
    ),
  flaky: ({ headers }, response, attempt) => {
    const count = attempt(String(headers["idempotency-key"]))
    if (count < 3) response.writeHead(503, json).end('{"message":"Try again","code":null}')
    else response.writeHead(201, json).end(customer(`attempt-${count}`))
  }
} satisfies Readonly<Record<string, (request: IncomingMessage, response: ServerResponse, attempt: Attempt) => unknown>>

export type Scenario = keyof typeof scenarios

const isScenario = (name: string): name is Scenario => Object.hasOwn(scenarios, name)

/** What the server has seen of a scenario. The checks ask for it: browsers and workers do not see sockets. */
export interface Observed {
  readonly received: number
  /** Requests whose client closed the connection before the end of the response. */
  readonly aborted: number
}

/** A file that the server has for a page. */
export interface File {
  readonly type: string
  readonly content: string
}

/**
 * A server with the responses that the emulator does not give. It also passes the emulator's own responses on, because
 * a page may send the header of the key only to its own origin: neither server answers preflights.
 */
export const make = (options: { readonly emulator: string; readonly files: Readonly<Record<string, File>> }) =>
  Effect.suspend(() => {
    const observed = new Map<string, Observed>()
    const attempts = new Map<string, number>()
    const count = (scenario: string, { aborted = 0, received = 0 }: Partial<Observed>) => {
      const before = observed.get(scenario) ?? { received: 0, aborted: 0 }
      observed.set(scenario, { received: before.received + received, aborted: before.aborted + aborted })
    }
    const attempt: Attempt = (key) => {
      const next = (attempts.get(key) ?? 0) + 1
      attempts.set(key, next)
      return next
    }
    return HandlerServer.make((request, response) => {
      const url = request.url ?? ""
      const [first = "", second = ""] = url.slice(1).split("/")
      const file = options.files[url]
      if (file !== undefined) response.writeHead(200, { "content-type": file.type }).end(file.content)
      else if (first === "api") forward(options.emulator, request, response)
      else if (first === "observed")
        response.writeHead(200, json).end(JSON.stringify(observed.get(second) ?? { received: 0, aborted: 0 }))
      else if (isScenario(first)) {
        count(first, { received: 1 })
        response.on("close", () => response.writableFinished || count(first, { aborted: 1 }))
        scenarios[first](request, response, attempt)
      } else response.writeHead(404).end()
    })
  })

const forward = (to: string, request: IncomingMessage, response: ServerResponse): void => {
  const { headers, method, url } = request
  const forwarded = send(to + url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.on("error", () => response.destroy()).pipe(response)
  })
  forwarded.on("error", () => response.destroy())
  request.pipe(forwarded)
}
