/**
 * An API whose states have a version: the usage of a feature, by customer. `GET /bump/ID` and an update of the customer
 * raise it. A message is answered with the number of requests for a state so far.
 */
import type { AddressInfo } from "node:net"
import { createServer } from "node:http"

const versions = new Map<string, number>()
let loads = 0

const stateOf = (id: string) => ({
  data: {
    accessDeniedReason: null,
    entitlements: [
      {
        ...{
          type: "FEATURE",
          isGranted: true,
          accessDeniedReason: null,
          usageLimit: 1_000_000,
          hasUnlimitedUsage: false
        },
        feature: { id: "feature-calls", displayName: "Calls", featureType: "NUMBER", featureStatus: "ACTIVE" },
        currentUsage: versions.get(id) ?? 0
      }
    ]
  }
})

const customerOf = (id: string) => ({
  data: {
    ...{ id, name: null, email: null, billingId: null, billingCurrency: null, couponId: null, language: null },
    ...{ metadata: {}, timezone: null, integrations: [], defaultPaymentMethod: null, archivedAt: null },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z" }
  }
})

const server = createServer((request, response) => {
  const [, id = "", isState] = /^\/(?:bump|api\/v1\/customers)\/([^/]+)(\/entitlements)?$/.exec(request.url ?? "") ?? []
  if (isState === undefined) versions.set(id, (versions.get(id) ?? 0) + 1)
  else loads++
  const body = JSON.stringify(isState === undefined ? customerOf(id) : stateOf(id))
  request.resume()
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  response.end(body)
})
server.keepAliveTimeout = 120_000

process.on("message", () => process.send?.(loads))
process.on("disconnect", () => process.exit())

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
