/**
 * A process that responds from memory. It reads only the first line of a request, so that it adds as little as
 * possible to the measurement.
 */
import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import * as Customers from "./customers.js"

const answer = (body: string, status = "200 OK"): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\nx-request-id: bench\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )

/** Customers of the list with fewer fields, and responses after 5 ms. */
const prefixes = { usual: "/usual", slow: "/slow" }
const latency = 5

const answers = new Map<string, Buffer>([[`/api/v1/customers/${Customers.oneId}`, answer(Customers.retrieved())]])
for (const fields of ["all", "usual"] as const) {
  const path = `${fields === "usual" ? prefixes.usual : ""}/api/v1/customers`
  for (let page = 0; page < Customers.pageCount; page++) {
    const body = answer(Customers.listed(page, fields))
    // The position of the cursor in the query is up to the client.
    answers.set(page === 0 ? `${path}?limit=100` : `${path}?limit=100&after=${Customers.cursor(page)}`, body)
    answers.set(page === 0 ? `${path}?limit=100` : `${path}?after=${Customers.cursor(page)}&limit=100`, body)
  }
}
/** The state of any customer. */
const state = answer(Customers.entitlements())
const isState = (path: string): boolean => path.endsWith("/entitlements")
const unknown = answer(`{"message":"No such page","code":"NotFound"}`, "404 Not Found")

const respond = (path: string): Buffer => answers.get(path) ?? (isState(path) ? state : unknown)

const server = createServer((socket) => {
  socket.setNoDelay(true)
  let pending = ""
  socket.on("data", (bytes) => {
    pending += bytes.toString("latin1")
    // Only requests without a body arrive here: each ends with its headers.
    for (let end = pending.indexOf("\r\n\r\n"); end >= 0; end = pending.indexOf("\r\n\r\n")) {
      const path = pending.slice(pending.indexOf(" ") + 1, pending.indexOf(" HTTP/"))
      if (path.startsWith(prefixes.slow))
        setTimeout(() => socket.write(respond(path.slice(prefixes.slow.length))), latency)
      else socket.write(respond(path))
      pending = pending.slice(end + 4)
    }
  })
  socket.on("error", () => socket.destroy())
})

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))

// Exits when the bench exits or is killed, because that closes the channel.
process.on("disconnect", () => process.exit())
