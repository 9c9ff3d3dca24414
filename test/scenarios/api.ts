/**
 * The API of the scenarios, in a separate process. It grants every feature of a state after a latency that a message
 * sets. It answers each message with the number of requests so far.
 */
import type { AddressInfo } from "node:net"
import { createServer } from "node:http"

let latency = Number(process.argv[2] ?? 0)
let requests = 0

const features = ["feature-sso", "feature-audit", "feature-reports", "feature-export", "feature-api"]
const state = Buffer.from(
  JSON.stringify({
    data: {
      accessDeniedReason: null,
      entitlements: features.map((id) => ({
        type: "FEATURE",
        isGranted: true,
        accessDeniedReason: null,
        feature: { id, displayName: id, featureType: "BOOLEAN", featureStatus: "ACTIVE" }
      }))
    }
  })
)

const server = createServer((request, response) => {
  const isState = /^\/api\/v1\/customers\/[^/]+\/entitlements$/.test(request.url ?? "")
  requests++
  setTimeout(() => {
    response.writeHead(isState ? 200 : 500, {
      "content-type": "application/json",
      "content-length": isState ? state.length : 0
    })
    response.end(isState ? state : undefined)
  }, latency)
})
server.keepAliveTimeout = 120_000

process.on("message", (message) => {
  if (typeof message === "number") latency = message
  process.send?.(requests)
})
process.on("disconnect", () => process.exit())

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
