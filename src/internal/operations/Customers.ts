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
import { PageParams } from "../../schemas/Pagination.js"
import * as Operation from "./Operation.js"

/** The operations on customers. */
export const customers = Operation.group("customers", {
  provision: Operation.post("/api/v1/customers", {
    params: ProvisionCustomer,
    strictBody: true,
    response: Customer,
    status: 201,
    errors: [409],
    writes: ({ params }) => [params.id]
  }),
  retrieve: Operation.get("/api/v1/customers/{id}", { response: Customer, errors: [404] }),
  update: Operation.patch("/api/v1/customers/{id}", {
    params: UpdateCustomer,
    strictBody: true,
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  archive: Operation.post("/api/v1/customers/{id}/archive", {
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  unarchive: Operation.post("/api/v1/customers/{id}/unarchive", {
    response: Customer,
    errors: [404],
    writes: ({ path }) => [path.id]
  }),
  list: Operation.list("/api/v1/customers", { params: ListCustomers, response: Customer }),
  import: Operation.post("/api/v1/customers/import", {
    params: ImportCustomers,
    response: ImportResult,
    writes: ({ params }) => params.customers.map(({ id }) => id)
  }),
  checkEntitlement: Operation.get("/api/v1/customers/{id}/entitlements/check", {
    params: CheckEntitlement,
    response: Entitlement,
    errors: [404]
  }),
  retrieveEntitlements: Operation.get("/api/v1/customers/{id}/entitlements", {
    params: RetrieveEntitlements,
    response: EntitlementsState,
    errors: [404]
  }),
  listResources: Operation.list("/api/v1/customers/{id}/resources", {
    params: PageParams,
    response: CustomerResource,
    errors: [404]
  }),
  listInvoices: Operation.list("/api/v1/customers/{id}/invoices", {
    params: ListInvoices,
    response: Invoice,
    cursors: "opaque",
    errors: [404]
  }),
  listContracts: Operation.get("/api/v1/customers/{id}/contracts", {
    response: Schema.Array(Contract),
    errors: [404]
  })
})
