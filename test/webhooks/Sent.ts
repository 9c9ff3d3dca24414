import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Webhooks from "effect-stigg/Webhooks"

export const secret = "whsec-1"

export const options: Webhooks.Options = { secrets: [Redacted.make(secret)] }

/** A request as Stigg sends it, with changes. */
export const request = (
  body: unknown,
  { headers = {}, method = "POST" }: { readonly headers?: Record<string, string | null>; readonly method?: string } = {}
): Request => {
  const all = { "content-type": "application/json", "stigg-webhooks-secret": secret, ...headers }
  const sent =
    body instanceof Uint8Array ? new Uint8Array(body) : typeof body === "string" ? body : JSON.stringify(body)
  return new Request("http://localhost/webhooks/stigg", {
    method,
    headers: Object.entries(all).flatMap(([name, value]): Array<[string, string]> =>
      value === null ? [] : [[name, value]]
    ),
    ...(method === "GET" ? {} : { body: sent })
  })
}

/** The answer to a request. */
export const ask = (request: Request) =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<Webhooks.Webhooks>()
    const response = yield* Effect.promise(() => HttpApp.toWebHandlerRuntime(runtime)(Webhooks.httpApp)(request))
    const body: unknown = JSON.parse(yield* Effect.promise(() => response.text()))
    return { status: response.status, body }
  })

/** The status of the answer, without the fibers of a server: for a test whose clock waits for all fibers. */
export const statusOf = (request: Request) =>
  Effect.flatMap(Webhooks.Webhooks, ({ respond }) =>
    Effect.map(
      Effect.provideService(respond, HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(request)),
      ({ status }) => status
    )
  )

/** Sends an event each time that it runs, and returns the status of the answer. */
export const send = (...args: Parameters<typeof request>) =>
  Effect.map(
    Effect.suspend(() => ask(request(...args))),
    ({ status }) => status
  )

let messages = 0

/** An event with an id of its own. */
export const event = (type: string, fields: object = {}) => ({
  ...{ type, messageId: `message-${messages++}`, traceId: "trace-1", timestamp: "2026-11-13T21:41:56.923Z" },
  ...fields
})

export const entitlementsUpdated = (customerId: string, at: string, fields: object = {}) =>
  event("entitlements.updated", {
    customer: { id: customerId, name: "Acme" },
    resource: null,
    entitlements: [],
    entitlementsUpdatedAt: at,
    ...fields
  })
