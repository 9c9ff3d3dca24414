import * as Schema from "effect/Schema"
import { Contract } from "../../schemas/Contract.js"
import {
  Customer,
  CustomerResource,
  ImportCustomers,
  ImportResult,
  ListCustomers,
  ProvisionCustomer,
  UpdateCustomer
} from "../../schemas/Customer.js"
import { CheckEntitlement, Entitlement, EntitlementsState, RetrieveEntitlements } from "../../schemas/Entitlement.js"
import { Invoice, ListInvoices } from "../../schemas/Invoice.js"
import { PageParams } from "../../schemas/PageParams.js"
import * as Declaration from "./Declaration.js"

/** The operations on customers. */
export const customers = Declaration.group("customers", {
  provision: Declaration.post("/api/v1/customers", {
    params: ProvisionCustomer,
    strictBody: true,
    response: Customer,
    status: 201,
    errors: [409],
    writes: ({ params }) => [params.id]
  }),
  retrieve: Declaration.get("/api/v1/customers/{id}", { response: Customer, errors: [404] }),
  update: Declaration.patch("/api/v1/customers/{id}", {
    params: UpdateCustomer,
    strictBody: true,
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  archive: Declaration.post("/api/v1/customers/{id}/archive", {
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  unarchive: Declaration.post("/api/v1/customers/{id}/unarchive", {
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  list: Declaration.list("/api/v1/customers", { params: ListCustomers, response: Customer }),
  import: Declaration.post("/api/v1/customers/import", {
    params: ImportCustomers,
    response: ImportResult,
    writes: ({ params }) => params.customers.map(({ id }) => id)
  }),
  checkEntitlement: Declaration.get("/api/v1/customers/{id}/entitlements/check", {
    params: CheckEntitlement,
    response: Entitlement,
    errors: [404]
  }),
  retrieveEntitlements: Declaration.get("/api/v1/customers/{id}/entitlements", {
    params: RetrieveEntitlements,
    response: EntitlementsState,
    errors: [404]
  }),
  listResources: Declaration.list("/api/v1/customers/{id}/resources", {
    params: PageParams,
    response: CustomerResource,
    errors: [404]
  }),
  listInvoices: Declaration.list("/api/v1/customers/{id}/invoices", {
    params: ListInvoices,
    response: Invoice,
    cursors: "opaque",
    errors: [404]
  }),
  listContracts: Declaration.get("/api/v1/customers/{id}/contracts", {
    response: Schema.Array(Contract),
    errors: [404]
  })
})
