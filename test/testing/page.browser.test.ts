import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Emulator, Faults, Seed, Webhooks } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import type { Page } from "playwright-core"
import * as Chromium from "../Chromium.js"
import { customers, get, post } from "./exchange.js"

const { opened } = Chromium.forFile()

const start = Effect.flatMap(EmulatorServer.EmulatorServer, ({ url }) =>
  Effect.map(opened(`${url}/_emulator`), (opened) => ({ ...opened, url }))
)

const served = (options: EmulatorServer.Options = {}) =>
  Layer.merge(EmulatorServer.layer({ seed: Seed.demo, ...options }), FetchHttpClient.layer)

const says = (page: Page, text: string | RegExp) =>
  Effect.promise(() => page.getByRole("status").getByText(text).waitFor())
const warns = (page: Page, text: string | RegExp) =>
  Effect.promise(() => page.getByRole("alert").getByText(text).waitFor())

/** By keyboard, which shows that a button can be reached and used without a mouse. */
const press = (page: Page, name: string) =>
  Effect.promise(async () => {
    await page.getByRole("button", { name, exact: true }).focus()
    await page.keyboard.press("Enter")
  })
const fill = (page: Page, label: string, text: string) =>
  Effect.promise(() => page.getByLabel(label, { exact: true }).fill(text))
const select = (page: Page, label: string, option: string) =>
  Effect.promise(() => page.getByRole("combobox", { name: label, exact: true }).selectOption(option))

const rows = (page: Page, table: string) => page.getByRole("table", { name: table, exact: true }).locator("tbody tr")
/** The texts in the rows of a table, when one of them has a text. */
const rowsWith = (page: Page, table: string, text: string) =>
  Effect.promise(async () => {
    await rows(page, table).filter({ hasText: text }).first().waitFor()
    return (await rows(page, table).allInnerTexts()).map((row) => row.split("\t"))
  })
const rowWith = (page: Page, table: string, text: string) =>
  Effect.map(rowsWith(page, table, text), (found) => found.find((cells) => cells.some((cell) => cell.includes(text))))

const time = Effect.flatMap(Emulator.Emulator, ({ time }) => time)
const activeFaults = Effect.flatMap(Emulator.Emulator, ({ activeFaults }) => activeFaults)

describe.skipIf(Chromium.isMissing)(
  `the page of the emulator in a browser${Chromium.reason}`,
  { timeout: 60_000 },
  () => {
    it.scopedLive("shows the customers, newest first, finds them, and shows why they have an entitlement or not", () =>
      Effect.gen(function* () {
        const { asked, broken, page, url } = yield* start
        const all = yield* rowsWith(page, "Customers", "customer-acme")
        expect(all.map(([id]) => id).slice(0, 2)).toEqual(["customer-archived", "customer-new"])
        expect(all.at(-1)?.slice(0, 3)).toEqual(["customer-acme", "Acme Corp", "billing@acme.com"])

        yield* fill(page, "Id, name or email", "ACME")
        yield* press(page, "Search")
        yield* Effect.promise(() => rows(page, "Customers").nth(1).waitFor({ state: "detached" }))
        yield* press(page, "customer-acme")
        const table = "Entitlements of customer-acme"
        const found = yield* rowsWith(page, table, "feature-seats")
        expect(found.map((cells) => cells.slice(0, 4))).toEqual([
          ["feature-sso", "yes", "plan plan-pro", ""],
          ["feature-audit-log", "no", "NoFeatureEntitlementInSubscription", ""],
          ["feature-seats", "yes", "plan plan-pro", "18 of 20"],
          ["feature-api-calls", "yes", "plan plan-pro", "2500 of 10000"],
          ["feature-storage-gb", "yes", "plan plan-pro", "0 of 100"],
          ["feature-regions", "yes", "plan plan-pro", ""],
          ["currency-ai-credits", "yes", "plan plan-pro", "480 of 500"]
        ])
        expect(asked.filter((each) => !each.startsWith(`${url}/_emulator`) && !each.startsWith("data:"))).toEqual([])
        expect(broken).toEqual([])
      }).pipe(Effect.provide(served()))
    )

    it.scopedLive("shows more customers on request", () =>
      Effect.gen(function* () {
        const { page } = yield* start
        yield* rowsWith(page, "Customers", "random")
        expect(yield* Effect.promise(() => rows(page, "Customers").count())).toBe(50)
        yield* press(page, "Show more")
        yield* Effect.promise(() => rows(page, "Customers").nth(99).waitFor())
        yield* press(page, "Show more")
        yield* Effect.promise(() => page.getByRole("button", { name: "Show more" }).waitFor({ state: "hidden" }))
        const ids = (yield* rowsWith(page, "Customers", "random")).map(([id]) => id)
        expect([ids.length, new Set(ids).size]).toEqual([120, 120])
      }).pipe(
        Effect.provide(served({ seed: { customers: Array.from({ length: 120 }, (_, i) => ({ id: `random-${i}` })) } }))
      )
    )

    it.scopedLive("pauses and advances the time, and shows what follows", () =>
      Effect.gen(function* () {
        const { broken, page } = yield* start
        yield* rowsWith(page, "Customers", "customer-trial")
        yield* press(page, "customer-trial")
        expect(yield* rowWith(page, "Entitlements of customer-trial", "feature-sso")).toContain("yes")
        yield* press(page, "Pause")
        yield* says(page, "The time is paused.")
        const before = yield* time
        expect(before.isPaused).toBe(true)
        yield* fill(page, "Advance by", "8 days")
        yield* press(page, "Advance")
        yield* says(page, "The time has advanced by 8 days.")
        expect((yield* time).now.epochMillis - before.now.epochMillis).toBe(8 * 86_400_000)
        yield* rowsWith(page, "Entitlements of customer-trial", "NoActiveSubscription")
        yield* fill(page, "Advance by", "a while")
        yield* press(page, "Advance")
        yield* warns(page, /^advance: /)
        yield* press(page, "Resume")
        yield* says(page, "The time passes again.")
        expect((yield* time).isPaused).toBe(false)
        expect(broken).toEqual([])
      }).pipe(Effect.provide(served()))
    )

    it.scopedLive("injects a scenario, shows and clears faults, and resets everything", () =>
      Effect.gen(function* () {
        const { page, url } = yield* start
        const faults = page.getByRole("region", { name: "Active faults" })
        yield* Effect.promise(() => faults.getByText("None.").waitFor())
        yield* select(page, "Scenario", "outage")
        yield* press(page, "Inject")
        yield* says(page, "The scenario outage is active.")
        yield* Effect.promise(() => faults.getByText("status 503: any operation").waitFor())
        expect((yield* activeFaults).length).toBeGreaterThan(0)
        yield* press(page, "Clear faults")
        yield* Effect.promise(() => faults.getByText("None.").waitFor())
        expect(yield* activeFaults).toEqual([])
        yield* Emulator.inject({
          fault: Faults.reset,
          operation: "customers.update",
          customer: "customer-acme",
          times: 2
        })
        const fault = "reset: customers.update, customer customer-acme, 2 more times"
        yield* Effect.promise(() => faults.getByText(fault).waitFor())

        yield* post(customers, { id: "customer-made-by-a-test" }, { baseUrl: url })
        yield* rowsWith(page, "Customers", "customer-made-by-a-test")
        yield* press(page, "Reset")
        yield* Effect.promise(() =>
          rows(page, "Customers").filter({ hasText: "customer-made-by-a-test" }).waitFor({ state: "detached" })
        )
        expect((yield* Emulator.snapshot).customers).toHaveLength(7)
      }).pipe(Effect.provide(served()))
    )

    it.scopedLive(
      "shows requests as they come, with the fault that was applied, and their details without secrets",
      () =>
        Effect.gen(function* () {
          const { page, url } = yield* start
          yield* Effect.promise(() => page.getByText("None yet.").waitFor())
          yield* Emulator.inject({ fault: Faults.status(503), operation: "customers.retrieve", times: 1 })
          yield* post(
            customers,
            { id: "customer-new-one", name: "New" },
            { baseUrl: url, headers: { "x-api-key": "key-that-is-secret" } }
          )
          yield* get(`${customers}/customer-acme?a=b`, { baseUrl: url })
          const [last, first] = yield* rowsWith(page, "Last requests", "/customer-acme")
          expect(first?.slice(1, 5)).toEqual(["POST /api/v1/customers", "customers.provision", "201", ""])
          expect(last?.slice(1, 5)).toEqual([
            "GET /api/v1/customers/customer-acme?a=b",
            "customers.retrieve",
            "503",
            "status 503"
          ])
          yield* press(page, "Details of POST /api/v1/customers")
          const details = yield* Effect.promise(() => page.locator("#request-text").innerText())
          expect(JSON.parse(details)).toMatchObject({ body: { id: "customer-new-one", name: "New" }, status: 201 })
          expect(details).not.toContain("key-that-is-secret")
        }).pipe(Effect.provide(served()))
    )

    it.scopedLive("performs acts, and names what is wrong with one", () =>
      Effect.gen(function* () {
        const { broken, page } = yield* start
        yield* rowsWith(page, "Customers", "customer-new")
        yield* press(page, "customer-new")
        const table = "Entitlements of customer-new"
        expect(yield* rowWith(page, table, "feature-seats")).toContain("NoActiveSubscription")
        yield* select(page, "Act", "subscribe")
        expect(yield* Effect.promise(() => page.getByLabel("Customer", { exact: true }).inputValue())).toBe(
          "customer-new"
        )
        yield* fill(page, "Plan", "plan-x")
        yield* press(page, "Perform")
        yield* warns(page, /^planId: /)
        yield* fill(page, "Plan", "plan-free")
        yield* press(page, "Perform")
        yield* says(page, "Subscribe to a plan: done.")
        yield* rowsWith(page, table, "0 of 3")
        yield* select(page, "Act", "reportUsage")
        yield* fill(page, "Feature or currency", "feature-seats")
        yield* fill(page, "Value", "2")
        yield* press(page, "Perform")
        yield* rowsWith(page, table, "2 of 3")
        yield* select(page, "Act", "changePlan")
        yield* fill(page, "Plan", "plan-free")
        yield* fill(page, "Feature", "feature-seats")
        yield* fill(page, "Limit", "1")
        yield* press(page, "Perform")
        yield* rowsWith(page, table, "RequestedUsageExceedingLimit")
        expect(broken).toEqual([])
      }).pipe(Effect.provide(served()))
    )

    it.scopedLive("shows where events are sent, and each try", () =>
      Effect.gen(function* () {
        const { page, url } = yield* start
        const section = page.getByRole("region", { name: "Webhooks" })
        yield* rowsWith(page, "Customers", "customer-acme")
        expect(yield* Effect.promise(() => section.isVisible())).toBe(false)
        // The emulator itself is no receiver: it answers 401.
        yield* Webhooks.subscribe({ url: `${url}/nowhere`, secret: Redacted.make("secret-of-a-webhook") })
        yield* post(customers, { id: "customer-told" }, { baseUrl: url })
        const tries = yield* rowsWith(page, "Webhooks", "retrying")
        expect(tries.map((cells) => cells.slice(1))).toContainEqual([
          "customer.created",
          `${url}/nowhere`,
          "1",
          "retrying",
          "401"
        ])
        const shown = yield* Effect.promise(() => section.innerText())
        expect(shown).not.toContain("secret-of-a-webhook")
      }).pipe(Effect.provide(served()))
    )

    it.scopedLive("shows ids, names and requests as text", () => {
      const evil = `<img src=x onerror=alert(1)>"'</td><script>alert(2)</script>`
      return Effect.gen(function* () {
        const { asked, broken, page, url } = yield* start
        yield* get(`${customers}/${encodeURIComponent(evil)}`, { baseUrl: url })
        yield* rowsWith(page, "Customers", "onerror")
        yield* Effect.promise(() => rows(page, "Customers").getByRole("button").first().click())
        yield* Effect.promise(() => page.getByRole("heading", { name: `Entitlements of ${evil}` }).waitFor())
        yield* rowsWith(page, "Last requests", "onerror")
        yield* Effect.promise(() =>
          page
            .getByRole("button", { name: /^Details/ })
            .first()
            .click()
        )
        expect(yield* Effect.promise(() => page.locator("img, td script, h3 *, pre *").count())).toBe(0)
        expect(asked.filter((each) => each.endsWith("/x"))).toEqual([])
        expect(broken).toEqual([])
      }).pipe(Effect.provide(served({ seed: { customers: [{ id: evil, name: evil }] } })))
    })

    it.scopedLive("keeps the focus while the state changes, and says when the emulator does not answer", () =>
      Effect.gen(function* () {
        const { page, url } = yield* start
        yield* rowsWith(page, "Customers", "customer-acme")
        yield* Effect.promise(() => page.getByRole("button", { name: "customer-acme" }).focus())
        yield* post(customers, { id: "customer-later" }, { baseUrl: url })
        yield* rowsWith(page, "Customers", "customer-later")
        const focused = yield* Effect.promise(() => page.evaluate(() => document.activeElement?.textContent))
        expect(focused).toBe("customer-acme")
        yield* Effect.promise(() => page.context().setOffline(true))
        yield* warns(page, "The emulator does not answer. Trying again.")
        yield* Effect.promise(() => page.context().setOffline(false))
        yield* Effect.promise(() => page.getByRole("alert").getByText("does not answer").waitFor({ state: "detached" }))
      }).pipe(Effect.provide(served()))
    )

    it.scopedLive("shows one world at a time", () =>
      Effect.gen(function* () {
        const { page, url } = yield* start
        yield* rowsWith(page, "Customers", "customer-acme")
        yield* post(customers, { id: "customer-of-one" }, { baseUrl: url, headers: { "x-api-key": "key-one" } })
        yield* post(customers, { id: "customer-of-two" }, { baseUrl: url, headers: { "x-api-key": "key-two" } })
        const { name } = yield* Effect.flatMap(Emulator.Emulator, ({ world }) => world(Redacted.make("key-two")))
        yield* Effect.promise(() => page.getByRole("combobox", { name: "World" }).waitFor())
        yield* select(page, "World", name)
        yield* rowsWith(page, "Customers", "customer-of-two")
        yield* press(page, "Pause")
        yield* says(page, "The time is paused.")
        const two = yield* Effect.flatMap(Emulator.Emulator, ({ world }) => world(Redacted.make("key-two")))
        const one = yield* Effect.flatMap(Emulator.Emulator, ({ world }) => world(Redacted.make("key-one")))
        expect([(yield* one.time).isPaused, (yield* two.time).isPaused]).toEqual([false, true])
      }).pipe(Effect.provide(served({ worlds: "byKey" })))
    )

    it.scopedLive("is not shown to a name that is rebound to the loopback", () =>
      Effect.gen(function* () {
        const { port } = yield* EmulatorServer.EmulatorServer
        const { response } = yield* opened(`http://evil.example:${port}/_emulator`)
        expect(response?.status()).toBe(403)
      }).pipe(Effect.provide(served()))
    )
  }
)
