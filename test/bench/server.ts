/**
 * A process that answers from memory. It reads no more of a request than its first line, so that it costs as little as it
 * can of what is measured beside it.
 */
import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import * as Customers from "./customers.js"

const answer = (body: string, status = "200 OK"): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\nx-request-id: bench\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )

const first = "/api/v1/customers?limit=100"
const answers = new Map<string, Buffer>([[`/api/v1/customers/${Customers.oneId}`, answer(Customers.retrieved())]])
for (let page = 0; page < Customers.pageCount; page++) {
  const body = answer(Customers.listed(page))
  // Where the cursor stands in the query is the client's affair.
  answers.set(page === 0 ? first : `${first}&after=${Customers.cursor(page)}`, body)
  answers.set(page === 0 ? first : `/api/v1/customers?after=${Customers.cursor(page)}&limit=100`, body)
}
/** The state of any customer. */
const state = answer(Customers.entitlements())
const isState = (path: string): boolean => path.endsWith("/entitlements")
const unknown = answer(`{"message":"No such page","code":"NotFound"}`, "404 Not Found")

const server = createServer((socket) => {
  socket.setNoDelay(true)
  let pending = ""
  socket.on("data", (bytes) => {
    pending += bytes.toString("latin1")
    // Only requests without a body come here: each ends with its headers.
    for (let end = pending.indexOf("\r\n\r\n"); end >= 0; end = pending.indexOf("\r\n\r\n")) {
      const path = pending.slice(pending.indexOf(" ") + 1, pending.indexOf(" HTTP/"))
      socket.write(answers.get(path) ?? (isState(path) ? state : unknown))
      pending = pending.slice(end + 4)
    }
  })
  socket.on("error", () => socket.destroy())
})

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))

// Whatever ends the bench, a kill included, ends the channel to it.
process.on("disconnect", () => process.exit())
