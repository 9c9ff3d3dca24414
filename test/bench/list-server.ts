/**
 * A process that lists customers from memory by creation time, one page per request, 40 ms after the request. Its
 * argument is the name of a spread. It joins prepared strings to build a page, so that it adds as little as possible
 * to the measurement.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { spreads } from "./spreads.js"

const spread = process.argv[2]
const times = spread === "evenly" || spread === "inOneHour" ? spreads[spread] : []
const latency = 40

const texts = times.map((time, i) => {
  const createdAt = new Date(time).toISOString()
  return JSON.stringify({
    ...{ id: `customer-${i}`, name: `Customer ${i}`, email: `billing@${i}.example`, billingId: `cus_${i}` },
    ...{
      billingCurrency: "usd",
      metadata: { plan: "gold", region: "eu" },
      integrations: [],
      defaultPaymentMethod: null
    },
    ...{ couponId: null, timezone: null, language: "en", createdAt, updatedAt: createdAt, archivedAt: null }
  })
})

/** How many customers were created before a moment. */
const before = (moment: number): number => {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? Infinity) < moment) low = middle + 1
    else high = middle
  }
  return low
}

const page = (url: string): string => {
  const query = new URL(url, "http://localhost").searchParams
  const [gte, lt, after] = [query.get("createdAt[gte]"), query.get("createdAt[lt]"), query.get("after")]
  const end = lt === null ? times.length : before(Date.parse(lt))
  const from = after === null ? (gte === null ? 0 : before(Date.parse(gte))) : Number(after)
  const until = Math.min(end, from + Number(query.get("limit") ?? 20))
  const next = until < end ? `"${until}"` : "null"
  return `{"data":[${texts.slice(from, until).join()}],"pagination":{"next":${next},"prev":null}}`
}

const server = createServer((request, response) => {
  const body = page(request.url ?? "")
  setTimeout(() => {
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body)
  }, latency)
})

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))

// Exits when the bench exits or is killed, because that closes the channel.
process.on("disconnect", () => process.exit())
