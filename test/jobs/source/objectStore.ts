import * as Effect from "effect/Effect"
import type { ServerResponse } from "node:http"
import type { Received } from "../../transport/ScriptedServer.js"
import * as ScriptedServer from "../../transport/ScriptedServer.js"

/** What a server does instead of its answer, or with it. */
export interface Fault {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sends so many bytes of the body, then cuts the connection. */
  readonly cutAfter?: number
  /** Sends so many bytes of the body, then nothing more. */
  readonly stallAfter?: number
  /** Sends so many bytes of the body, and ends it as if they were all. */
  readonly endAfter?: number
  readonly isSilent?: boolean
}

/** The object, and how it is served. May be changed at any time. */
export interface Served {
  body: Uint8Array
  etag: string | null
  lastModified: string | null
  hasRanges: boolean
  /** Whether the server looks at conditions such as `If-Match`. */
  hasConditions: boolean
  fault: (received: Received, index: number) => Fault | null
}

/** A server of one object behind a presigned URL: GET with ranges and conditions. */
export const make = Effect.gen(function* () {
  const served: Served = {
    ...{ body: new Uint8Array(), etag: '"1"', lastModified: null, hasRanges: true, hasConditions: true },
    fault: () => null
  }
  const server = yield* ScriptedServer.make((received, response, index) =>
    Effect.sync(() => answer(served, received, served.fault(received, index) ?? {}, response))
  )
  return { served, ...server }
})

export type ObjectStore = Effect.Effect.Success<typeof make>

export const ranges = ({ received }: ObjectStore) => received.map(({ headers }) => headers.range)

const answer = (served: Served, received: Received, fault: Fault, response: ServerResponse): void => {
  if (fault.isSilent === true) return
  const { body, headers, status } =
    fault.status === undefined ? whole(served, received) : { status: fault.status, headers: {}, body: utf8("<Error/>") }
  const part = fault.cutAfter ?? fault.stallAfter ?? fault.endAfter
  const length = fault.endAfter === undefined ? { "content-length": String(body.length) } : {}
  response.writeHead(status, { ...length, ...headers, ...fault.headers })
  if (part === undefined) return void response.end(body)
  if (fault.endAfter !== undefined) return void response.end(body.subarray(0, part))
  response.flushHeaders()
  response.write(body.subarray(0, part), () => {
    // Later, so that the client receives what was sent.
    if (fault.cutAfter !== undefined) setTimeout(() => response.destroy(), 20)
  })
}

const utf8 = (text: string) => new TextEncoder().encode(text)

const whole = (served: Served, { headers: asked, method }: Received) => {
  // The signature of a presigned URL is for one method.
  if (method !== "GET") return { status: 403, headers: {}, body: utf8("<Error/>") }
  const { body, etag, hasConditions, hasRanges, lastModified } = served
  const match = asked["if-match"]
  const since = asked["if-unmodified-since"]
  const isOther =
    (match !== undefined && (match !== etag || match.startsWith("W/"))) ||
    (since !== undefined && lastModified !== null && Date.parse(lastModified) > Date.parse(since))
  if (hasConditions && isOther) return { status: 412, headers: {}, body: utf8("<Error/>") }
  const validators = {
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { "last-modified": lastModified })
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(asked.range ?? "")
  if (!hasRanges || range === null) return { status: 200, headers: validators, body }
  const from = Number(range[1])
  if (from >= body.length) {
    return { status: 416, headers: { "content-range": `bytes */${body.length}` }, body: utf8("<Error/>") }
  }
  const last = Math.min(Number(range[2]), body.length - 1)
  const headers = { ...validators, "content-range": `bytes ${from}-${last}/${body.length}` }
  return { status: 206, headers, body: body.subarray(from, last + 1) }
}
