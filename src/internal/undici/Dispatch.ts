import type { Dispatcher } from "undici"

/** Callbacks for a response. After `onEnd` or `onError`, none of them is called. */
export interface Receiver {
  readonly onHeaders: (status: number, headers: ResponseHeaders) => void
  readonly onChunk: (chunk: Uint8Array) => void
  readonly onEnd: () => void
  readonly onError: (cause: unknown) => void
}

export type ResponseHeaders = Readonly<Record<string, string | Array<string> | undefined>>

/** The connection of an exchange. */
export interface Connection {
  /** Aborts the exchange and closes its socket. After that the receiver is not called. */
  readonly abort: () => void
  /** Stops reading the body from the socket. */
  readonly pause: () => void
  readonly resume: () => void
}

/**
 * Sends a request by `Dispatcher.dispatch`, which costs less than `Dispatcher.request`: it makes no `Readable` of the
 * body and no promise. Informational responses and trailers are ignored, and redirects are not followed.
 */
export const dispatch = (
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  makeReceiver: (connection: Connection) => Receiver
): Connection => {
  let controller: Dispatcher.DispatchController | null = null
  let isOver = false
  const connection: Connection = {
    abort: () => {
      if (isOver) return
      isOver = true
      controller?.abort(new Aborted())
    },
    pause: () => controller?.pause(),
    resume: () => controller?.resume()
  }
  const receiver = makeReceiver(connection)
  const fail = (cause: unknown) => {
    if (isOver) return
    isOver = true
    receiver.onError(cause)
  }
  try {
    dispatcher.dispatch(options, {
      onRequestStart: (started) => {
        controller = started
        if (isOver) started.abort(new Aborted())
      },
      onResponseStart: (_, status, headers) => {
        if (status >= 200 && !isOver) receiver.onHeaders(status, headers)
      },
      onResponseData: (_, chunk) => {
        if (!isOver) receiver.onChunk(chunk)
      },
      onResponseEnd: () => {
        if (isOver) return
        isOver = true
        receiver.onEnd()
      },
      onResponseError: (_, error) => fail(error)
    })
  } catch (cause) {
    fail(cause)
  }
  return connection
}

/** Headers with one value each, as the platform's `Headers.fromInput` makes them. */
export const joined = (headers: ResponseHeaders): Readonly<Record<string, string>> => {
  const output: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) output[name.toLowerCase()] = typeof value === "string" ? value : value.join(", ")
  }
  return output
}

/** The options of a request. A timeout is the caller's, so undici's own do not apply. */
export const toOptions = (
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Dispatcher.DispatchOptions["body"] | null
): Dispatcher.DispatchOptions => ({
  origin: url.origin,
  path: url.pathname + url.search,
  method,
  headers,
  body: body ?? null,
  headersTimeout: 0,
  bodyTimeout: 0
})

/** The cause of the errors of an exchange that was aborted. */
export class Aborted extends Error {
  constructor() {
    super("The request was aborted")
  }
}
