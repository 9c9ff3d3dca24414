/**
 * The SDK in code that uses promises: a handler of `node:http` or Express, and a route of Next.js or any other server of
 * web-standard requests. Run it with `npx tsx examples/promise-code.ts`. It calls the emulator; for your account, make
 * the runtime from `Stigg.layerEnv.pipe(Layer.provide(UndiciHttpClient.layer))`.
 */
import { Effect, ManagedRuntime, Option } from "effect"
import { Customers, StiggError } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** One for the whole process. It builds the layer at the first call, and keeps its connections. */
const runtime = ManagedRuntime.make(
  StiggTest.layer({ seed: { customers: [{ id: "acme", email: "billing@acme.example" }] } })
)

/** A promise rejects with Effect's `FiberFailure`, and `fromUnknown` finds the error of the SDK in it. */
const emailOf = (id: string, options?: { readonly signal: AbortSignal }) =>
  runtime
    .runPromise(
      Effect.flatMap(Customers.Customers, (customers) => customers.retrieve(id)),
      options
    )
    .then(({ email }) => ({ status: 200, text: email ?? "no email" }))
    .catch((reason: unknown) => {
      const error = Option.getOrNull(StiggError.fromUnknown(reason))
      if (error instanceof StiggError.NotFoundError) return { status: 404, text: error.message }
      throw reason
    })

/** The same in Express: `app.get("/email", nodeHandler)`. */
const nodeHandler = async (request: IncomingMessage, response: ServerResponse) => {
  const { searchParams } = new URL(request.url ?? "", "http://localhost")
  const { status, text } = await emailOf(searchParams.get("id") ?? "")
  response.writeHead(status).end(text)
}

/** In Next.js, `app/email/route.ts` exports it. A client that disconnects interrupts the call. */
export const GET = async ({ signal, url }: Request): Promise<Response> => {
  const { status, text } = await emailOf(new URL(url).searchParams.get("id") ?? "", { signal })
  return new Response(text, { status })
}

const server = createServer((request, response) => void nodeHandler(request, response)).listen(0, "127.0.0.1")
await new Promise((resolve) => server.once("listening", resolve))
const { port } = server.address() as AddressInfo
for (const id of ["acme", "nobody"]) {
  const answers = {
    "node:http": await fetch(`http://127.0.0.1:${port}/?id=${id}`),
    "web-standard": await GET(new Request(`http://localhost/?id=${id}`))
  }
  for (const [name, answer] of Object.entries(answers)) console.log(`${name}: ${answer.status} ${await answer.text()}`)
}
server.close()
await runtime.dispose()
