import { Integration, LinkIntegration, ListIntegrations, UpdateIntegration } from "../../schemas/Integration.js"
import * as Operation from "./Operation.js"

/** The operations on a customer's integrations. */
export const integrations = Operation.group("customers.integrations", {
  list: Operation.list("/api/v1/customers/{id}/integrations", {
    params: ListIntegrations,
    response: Integration,
    errors: [404]
  }),
  link: Operation.post("/api/v1/customers/{id}/integrations", {
    params: LinkIntegration,
    response: Integration,
    errors: [404, 409],
    writes: ({ path }) => [path.id]
  }),
  retrieve: Operation.get("/api/v1/customers/{id}/integrations/{integrationId}", {
    response: Integration,
    errors: [404]
  }),
  update: Operation.patch("/api/v1/customers/{id}/integrations/{integrationId}", {
    params: UpdateIntegration,
    response: Integration,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  unlink: Operation.remove("/api/v1/customers/{id}/integrations/{integrationId}", {
    response: Integration,
    errors: [404],
    writes: ({ path }) => [path.id]
  })
})
