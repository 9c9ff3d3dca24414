/**
 * The server's responses: customers with every documented field set, because an empty customer costs nothing to
 * decode.
 */

export const pageCount = 300
export const pageSize = 100

/** The fields that customers of a list have. */
export type Fields = "all" | "usual"

/** The customer that the bench retrieves repeatedly. */
export const oneId = "customer-0-0"

/** The body of a retrieved customer. */
export const retrieved = (): string => JSON.stringify({ data: customer(0, 0) })

/** The body of a customer's entitlements: five features, as in a small plan. */
export const entitlements = (): string =>
  JSON.stringify({
    data: {
      accessDeniedReason: null,
      entitlements: ["feature-sso", "feature-audit", "feature-reports", "feature-export", "feature-api"].map((id) => ({
        type: "FEATURE",
        isGranted: true,
        accessDeniedReason: null,
        feature: { id, displayName: id, featureType: "NUMBER", featureStatus: "ACTIVE" },
        usageLimit: 10_000,
        hasUnlimitedUsage: false,
        resetPeriod: "MONTH",
        currentUsage: 2500,
        validUntil: "2099-01-01T00:00:00.000Z"
      }))
    }
  })

/** The body of a page of the list, counted from 0. Its cursors are page numbers. */
export const listed = (page: number, fields: Fields = "all"): string =>
  JSON.stringify({
    data: Array.from({ length: pageSize }, (_, index) => customer(page, index, fields)),
    pagination: { next: page + 1 < pageCount ? cursor(page + 1) : null, prev: page > 0 ? cursor(page) : null }
  })

/** The cursor that selects a page. */
export const cursor = (page: number): string => `018f3c2e-7b1a-7000-8000-${String(page).padStart(12, "0")}`

/** `usual` leaves out what few customers have: a page of 100 is then 61 kB instead of 143. */
const customer = (page: number, index: number, fields: Fields = "all") => {
  const number = page * pageSize + index
  const address = {
    city: "Springfield",
    country: "US",
    line1: `${number} Evergreen Terrace`,
    line2: "Second floor",
    postalCode: "49007",
    state: "OR"
  }
  return {
    id: `customer-${page}-${index}`,
    name: `Customer ${number}`,
    email: `billing-${number}@example.com`,
    billingId: `cus_${number}`,
    billingCurrency: "usd",
    couponId: "coupon-launch",
    integrations: [
      { id: "integration-stripe", syncedEntityId: `cus_${number}`, vendorIdentifier: "STRIPE" },
      { id: "integration-salesforce", syncedEntityId: `0015g00000${number}`, vendorIdentifier: "SALESFORCE" }
    ].slice(0, fields === "usual" ? 1 : 2),
    language: "en",
    metadata: { source: "web", region: "us-east-1", owner: `agent-${number % 7}` },
    passthrough:
      fields === "usual"
        ? null
        : {
            stripe: {
              billingAddress: address,
              customerName: `Customer ${number}`,
              invoiceCustomFields: { "Purchase order": `PO-${number}` },
              metadata: { source: "web" },
              paymentMethodId: `pm_${number}`,
              shippingAddress: address,
              taxIds: [{ type: "eu_vat", value: `DE${number}` }]
            },
            zuora: {
              billingAddress: address,
              currency: "usd",
              metadata: { source: "web" },
              paymentMethodId: `zpm-${number}`
            }
          },
    timezone: "America/New_York",
    defaultPaymentMethod: {
      billingId: `pm_${number}`,
      type: "CARD",
      cardLast4Digits: "4242",
      cardExpiryMonth: 12,
      cardExpiryYear: 2030
    },
    createdAt: "2026-06-13T10:00:00.000Z",
    updatedAt: "2026-06-14T11:30:00.000Z",
    archivedAt: "2026-06-15T12:45:30.123Z"
  }
}
