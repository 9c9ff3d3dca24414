import { Integration, LinkIntegration, ListIntegrations, UpdateIntegration } from "../../schemas/Integration.js"
import * as Declaration from "./Declaration.js"

/** The operations on a customer's integrations. */
export const integrations = Declaration.group("customers.integrations", {
  list: Declaration.list("/api/v1/customers/{id}/integrations", {
    params: ListIntegrations,
    response: Integration,
    errors: [404]
  }),
  link: Declaration.post("/api/v1/customers/{id}/integrations", {
    params: LinkIntegration,
    response: Integration,
    errors: [404, 409],
    writes: ({ path }) => [path.id]
  }),
  retrieve: Declaration.get("/api/v1/customers/{id}/integrations/{integrationId}", {
    response: Integration,
    errors: [404]
  }),
  update: Declaration.patch("/api/v1/customers/{id}/integrations/{integrationId}", {
    params: UpdateIntegration,
    response: Integration,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  unlink: Declaration.remove("/api/v1/customers/{id}/integrations/{integrationId}", {
    response: Integration,
    errors: [404],
    writes: ({ path }) => [path.id]
  })
})
