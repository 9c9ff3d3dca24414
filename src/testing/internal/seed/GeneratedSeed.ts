import { PCGRandom } from "effect/Utils"
import { demo } from "./DemoSeed.js"
import type { Input } from "../../Seed.js"

type Customer = NonNullable<Input["customers"]>[number]

/**
 * Generates a seed of any size: the catalogue and plans of {@link demo}, and the given number of customers, created one
 * after another over the year before the emulator starts. The same options give the same seed.
 *
 * @example
 * import { Seed, StiggTest } from "effect-stigg/testing"
 *
 * const StiggLarge = StiggTest.layer({ seed: Seed.random({ customers: 10_000, seed: 42 }) })
 *
 * @category seeds
 * @since 0.1.0
 */
export const random = (options: { readonly customers: number; readonly seed: number }): Input => {
  const pcg = new PCGRandom(options.seed)
  return {
    ...demo,
    customers: Array.from({ length: options.customers }, (_, i) => customer(pcg, i, options.customers))
  }
}

const customer = (pcg: PCGRandom, i: number, of: number): Customer => {
  const number = String(i + 1).padStart(6, "0")
  const [first, second] = [pick(pcg, firstWords), pick(pcg, secondWords)]
  const domain = `${first}-${second}-${number}.example`.toLowerCase()
  const plan = pick(pcg, plans)
  const daysAgo = 365 - Math.floor((365 * i) / of)
  const currency = pick(pcg, currencies)
  const vendor = pick(pcg, vendors)
  return {
    id: `customer-${number}`,
    name: `${first} ${second} ${pick(pcg, forms)}`,
    email: `${pick(pcg, mailboxes)}@${domain}`,
    billingCurrency: currency,
    metadata: { segment: pick(pcg, segments), seats: String(1 + pcg.integer(500)) },
    createdAt: { ago: `${daysAgo} days` },
    ...(plan === undefined
      ? {}
      : {
          plan,
          usage: [
            { of: "feature-seats", used: pcg.integer(25) },
            { of: "feature-api-calls", used: pcg.integer(12_000) }
          ]
        }),
    ...(vendor === undefined
      ? {}
      : {
          billingId: `cus_${number}`,
          integrations: [{ id: vendor.toLowerCase(), vendorIdentifier: vendor, syncedEntityId: `cus_${number}` }]
        }),
    // About one in fifty is archived.
    ...(pcg.integer(50) === 0 ? { archivedAt: { ago: "1 day" } } : {})
  }
}

const pick = <A>(pcg: PCGRandom, [first, ...rest]: readonly [A, ...ReadonlyArray<A>]): A => {
  const i = pcg.integer(rest.length + 1)
  return i === 0 ? first : (rest[i - 1] ?? first)
}

const firstWords = ["Blue", "North", "Silver", "Green", "Rapid", "Quiet", "Bright", "Iron", "Clear", "Golden"] as const
const secondWords = ["Harbor", "Ridge", "Logic", "Orchard", "Forge", "River", "Summit", "Anchor", "Meadow"] as const
const forms = ["Inc", "Ltd", "GmbH", "SAS", "LLC", "Corp"] as const
const mailboxes = ["billing", "accounts", "finance", "ap", "hello"] as const
const segments = ["startup", "mid-market", "enterprise"] as const
const currencies = ["usd", "usd", "eur", "gbp"] as const
const plans = ["plan-free", "plan-free", "plan-pro", "plan-pro", "plan-enterprise", undefined] as const
const vendors = ["STRIPE", "STRIPE", "ZUORA", undefined] as const
