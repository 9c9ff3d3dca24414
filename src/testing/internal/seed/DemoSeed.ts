import type { Input } from "../../Seed.js"

/**
 * A small seed for demos and experiments: a catalogue, credits, three plans, and customers that cover the common
 * outcomes of an entitlement check.
 *
 * @example
 * import { Seed, StiggTest } from "effect-stigg/testing"
 *
 * const StiggDemo = StiggTest.layer({ seed: Seed.demo })
 *
 * @category seeds
 * @since 0.1.0
 */
export const demo: Input = {
  features: [
    { id: "feature-sso", displayName: "Single Sign-On", type: "BOOLEAN" },
    { id: "feature-audit-log", displayName: "Audit Log", type: "BOOLEAN" },
    { id: "feature-seats", displayName: "Seats", type: "NUMBER" },
    { id: "feature-api-calls", displayName: "API Calls", type: "NUMBER" },
    { id: "feature-storage-gb", displayName: "Storage (GB)", type: "NUMBER" },
    { id: "feature-regions", displayName: "Regions", type: "ENUM" }
  ],
  currencies: [{ id: "currency-ai-credits", displayName: "AI Credits", unitSingular: "credit", unitPlural: "credits" }],
  plans: [
    {
      id: "plan-free",
      displayName: "Free",
      features: [
        { featureId: "feature-seats", usageLimit: 3 },
        { featureId: "feature-api-calls", usageLimit: 1000, resetPeriod: "MONTH" }
      ]
    },
    {
      id: "plan-pro",
      displayName: "Pro",
      features: [
        { featureId: "feature-sso" },
        { featureId: "feature-seats", usageLimit: 20 },
        { featureId: "feature-api-calls", usageLimit: 10_000, resetPeriod: "MONTH" },
        { featureId: "feature-storage-gb", usageLimit: 100, hasSoftLimit: true },
        { featureId: "feature-regions", values: ["eu", "us"] }
      ],
      credits: [{ currencyId: "currency-ai-credits", amount: 500 }]
    },
    {
      id: "plan-enterprise",
      displayName: "Enterprise",
      features: [
        { featureId: "feature-sso" },
        { featureId: "feature-audit-log" },
        { featureId: "feature-seats", hasUnlimitedUsage: true },
        { featureId: "feature-api-calls", usageLimit: 1_000_000, resetPeriod: "MONTH" },
        { featureId: "feature-storage-gb", hasUnlimitedUsage: true },
        { featureId: "feature-regions", values: ["ap", "eu", "us"] }
      ],
      credits: [{ currencyId: "currency-ai-credits", amount: 10_000 }]
    }
  ],
  customers: [
    {
      id: "customer-acme",
      name: "Acme Corp",
      email: "billing@acme.com",
      billingId: "cus_MIhJJFnJL24HFH",
      billingCurrency: "usd",
      createdAt: { ago: "10 days" },
      plan: "plan-pro",
      usage: [
        { of: "feature-seats", used: 18 },
        { of: "feature-api-calls", used: 2500 },
        { of: "currency-ai-credits", used: 480 }
      ],
      integrations: [{ id: "stripe", vendorIdentifier: "STRIPE", syncedEntityId: "cus_MIhJJFnJL24HFH" }],
      contracts: [
        {
          contractId: "contract-acme",
          externalId: "contract-acme-2026",
          billingId: "sub_1Acme",
          name: "Acme, yearly",
          state: "ACTIVE",
          subscriptions: [{ subscriptionId: "subscription-acme", planDisplayName: "Pro" }]
        }
      ],
      invoices: [
        {
          invoiceId: "in_1Acme",
          contractExternalId: "contract-acme-2026",
          currency: "usd",
          issueDate: "2026-01-01T00:00:00.000Z",
          state: "PAID",
          total: 490
        },
        {
          invoiceId: "in_2Acme",
          contractExternalId: "contract-acme-2026",
          currency: "usd",
          issueDate: "2026-02-01T00:00:00.000Z",
          dueDate: "2026-02-15T00:00:00.000Z",
          state: "OPEN",
          total: 490
        }
      ]
    },
    {
      id: "customer-globex",
      name: "Globex",
      email: "ap@globex.example",
      createdAt: { ago: "9 days" },
      plan: "plan-enterprise",
      metadata: { segment: "enterprise" }
    },
    {
      id: "customer-initech",
      name: "Initech",
      email: "bill@initech.example",
      createdAt: { ago: "8 days" },
      plan: "plan-free",
      usage: [{ of: "feature-seats", used: 3 }]
    },
    {
      id: "customer-trial",
      name: "Hooli",
      email: "money@hooli.example",
      createdAt: { ago: "7 days" },
      subscriptions: [{ planId: "plan-pro", endDate: { in: "7 days" }, isTrial: true }]
    },
    {
      id: "customer-sites",
      name: "Stark Industries",
      email: "accounts@stark.example",
      createdAt: { ago: "6 days" },
      resources: [{ id: "site-berlin" }, { id: "site-lyon" }],
      subscriptions: [
        { planId: "plan-pro", resourceId: "site-berlin" },
        { planId: "plan-free", resourceId: "site-lyon" }
      ]
    },
    {
      id: "customer-new",
      name: "Umbrella",
      email: "hello@umbrella.example",
      createdAt: { ago: "5 days" }
    },
    { id: "customer-archived", createdAt: { ago: "4 days" }, archivedAt: { ago: "1 day" } }
  ]
}
