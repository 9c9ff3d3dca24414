/** Requests over a few connections, with as little work as possible between two of them. */
import { connect } from "node:net"

/** A request as it is sent, with the headers that all requests of the bench have. */
export const requestOf = (method: string, path: string, body?: string): string =>
  [
    `${method} ${path} HTTP/1.1`,
    "host: emulator",
    "x-api-key: any",
    "accept: application/json",
    ...(body === undefined
      ? []
      : ["content-type: application/json", `content-length: ${String(Buffer.byteLength(body))}`]),
    "",
    body ?? ""
  ].join("\r\n")

/**
 * Sends `count` requests over 8 connections, and fails if a response has another status. It takes 30 to 50 µs of CPU for
 * each; the client of `node:http` takes several times that, on the two cores that the server needs too.
 */
export const load = async (options: {
  readonly port: number
  readonly count: number
  readonly status: number
  /** The request with this number, from 0. */
  readonly request: (index: number) => string
}): Promise<void> => {
  // Mutable: the next request to send.
  let next = 0
  const connection = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(options.port, "127.0.0.1")
      const send = () => (next < options.count ? socket.write(options.request(next++)) : socket.end(resolve))
      let answer = ""
      socket.setNoDelay(true).on("error", reject).on("connect", send)
      socket.on("data", (bytes) => {
        answer += bytes.toString("latin1")
        const body = answer.indexOf("\r\n\r\n") + 4
        const length = Number(/content-length: (\d+)/i.exec(answer)?.[1])
        if (body < 4 || answer.length < body + length) return
        if (!answer.startsWith(`HTTP/1.1 ${options.status} `)) return reject(new Error(answer))
        answer = ""
        send()
      })
    })
  await Promise.all(Array.from({ length: 8 }, connection))
}
