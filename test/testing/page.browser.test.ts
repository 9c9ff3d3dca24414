import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Emulator, Faults, Seed } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import { appendFile, readFile } from "node:fs/promises"
import type { Locator, Page } from "playwright-core"
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

/** The form with a button. */
const formWith = (page: Page, button: string) =>
  page.locator("form", { has: page.getByRole("button", { name: button, exact: true }) })
/** Waits for what is wrong, beside the button that was pressed. */
const warnsAt = (page: Page, button: string, text: string | RegExp) =>
  Effect.promise(() => formWith(page, button).getByRole("alert").getByText(text).waitFor())

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

const gone = (page: Page, table: string, text: string) =>
  Effect.promise(() => rows(page, table).filter({ hasText: text }).waitFor({ state: "detached" }))

const choose = (page: Page, label: string, file: Parameters<Locator["setInputFiles"]>[0]) =>
  Effect.promise(() => page.getByLabel(label, { exact: true }).setInputFiles(file))

/** The whole state, with the time stopped, so that two of them are equal if nothing has changed. */
const stillState = Effect.flatMap(Emulator.Emulator, ({ pauseTime, save }) => Effect.zipRight(pauseTime, save))
const received = Effect.flatMap(Emulator.Emulator, ({ received }) => received())
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
        yield* warnsAt(page, "Advance", /^advance: /)
        yield* fill(page, "Set to", "2001-01-01T00:00:00Z")
        yield* press(page, "Set")
        yield* warnsAt(page, "Set", /^set: .*only forward/)
        const described = page.getByRole("textbox", { name: "Set to", description: /^set: .*only forward/ })
        expect(yield* Effect.promise(() => described.getAttribute("aria-invalid"))).toBe("true")
        yield* fill(page, "Set to", "2126-01-01T00:00:00Z")
        yield* press(page, "Set")
        yield* says(page, "The time is set.")
        yield* Effect.promise(() => page.locator("time").getByText("2126-01-01 00:00:00 UTC").waitFor())
        expect(yield* Effect.promise(() => formWith(page, "Set").getByRole("alert").count())).toBe(0)
        yield* press(page, "Resume")
        yield* says(page, "The time passes again.")
        expect((yield* time).isPaused).toBe(false)
        expect(broken).toEqual([])
      }).pipe(Effect.provide(served()))
    )

    it.scopedLive("injects a scenario and single faults, shows and clears them, and resets everything", () =>
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

        yield* select(page, "Fault", "status")
        yield* fill(page, "Status", "999")
        yield* fill(page, "Body, JSON or text (optional)", '{ "code": "Busy" }')
        yield* fill(page, "Headers, such as retry-after: 1, each on a line (optional)", "retry-after: 1\nx-a:b:c\n")
        yield* press(page, "Inject fault")
        yield* warnsAt(page, "Inject fault", /^fault\.status: /)
        expect(yield* activeFaults).toEqual([])
        const status = page.getByLabel("Status", { exact: true })
        expect(yield* Effect.promise(() => status.getAttribute("aria-invalid"))).toBe("true")
        yield* fill(page, "Status", "503")
        const one = page.getByRole("form", { name: "One fault" })
        yield* Effect.promise(async () => {
          await one.getByLabel("For operation").selectOption("customers.update")
          await one.getByLabel("For customer (optional)").fill("customer-acme")
          await one.getByLabel("Times (optional)").fill("2")
          await one.getByLabel("Probability (optional)").fill("1")
        })
        yield* press(page, "Inject fault")
        yield* says(page, "The fault is active.")
        yield* Effect.promise(() =>
          faults
            .getByText(/^status 503 .*: customers.update, customer customer-acme, 2 more times, probability 1$/)
            .waitFor()
        )
        yield* select(page, "Fault", "latency")
        yield* fill(page, "Milliseconds", "250")
        yield* press(page, "Inject fault")
        yield* Effect.promise(() => faults.getByText(/^latency millis 250: /).waitFor())
        const rule = { operation: "customers.update", customer: "customer-acme", times: 2, probability: 1 } as const
        expect(yield* activeFaults).toEqual([
          {
            fault: Faults.status(503, { body: { code: "Busy" }, headers: { "retry-after": "1", "x-a": "b:c" } }),
            ...rule
          },
          { fault: Faults.latency(250), ...rule }
        ])
        yield* press(page, "Clear faults")
        yield* Effect.promise(() => faults.getByText("None.").waitFor())

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
          yield* press(page, "Clear requests")
          yield* says(page, "The requests are forgotten.")
          yield* Effect.promise(() => page.getByText("None yet.").waitFor())
          expect(yield* received).toEqual([])
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
        yield* warnsAt(page, "Perform", /^planId: /)
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

    it.scopedLive("saves the state to a file and loads it; a refused one changes nothing", () =>
      Effect.gen(function* () {
        const { broken, page, url } = yield* start
        yield* rowsWith(page, "Customers", "customer-acme")
        const download = yield* Effect.promise(async () => {
          const started = page.waitForEvent("download")
          await page.getByRole("link", { name: "Save" }).focus()
          await page.keyboard.press("Enter")
          return started
        })
        expect(download.suggestedFilename()).toBe("emulator.json")
        const file = yield* Effect.promise(() => download.path())
        yield* post(customers, { id: "customer-later" }, { baseUrl: url })
        yield* rowsWith(page, "Customers", "customer-later")
        yield* choose(page, "Saved file", file)
        yield* press(page, "Load")
        yield* says(page, "The saved state is loaded.")
        yield* gone(page, "Customers", "customer-later")
        expect((yield* Emulator.snapshot).customers).toHaveLength(7)

        const before = yield* stillState
        const saved = yield* Effect.promise(() => readFile(file, "utf8"))
        const wrong = saved.replace('"id":"customer-acme"', '"id":7')
        yield* choose(page, "Saved file", {
          name: "wrong.json",
          mimeType: "application/json",
          buffer: Buffer.from(wrong)
        })
        yield* press(page, "Load")
        yield* warnsAt(page, "Load", /^\d+\..*id: /)
        expect(yield* stillState).toEqual(before)

        yield* choose(page, "Saved file", file)
        yield* Effect.promise(() => appendFile(file, "\n"))
        yield* press(page, "Load")
        yield* warnsAt(page, "Load", /could not be read/)
        expect(broken).toEqual([])
      }).pipe(Effect.provide(served()))
    )

    it.scopedLive("seeds by a name, and from JSON that is pasted or in a file; a refused seed changes nothing", () =>
      Effect.gen(function* () {
        const { broken, page } = yield* start
        yield* rowsWith(page, "Customers", "customer-acme")
        yield* fill(page, "Named seed", "random:3")
        yield* press(page, "Seed")
        yield* says(page, "The seed is in place.")
        yield* rowsWith(page, "Customers", "customer-000003")

        const before = yield* stillState
        yield* fill(page, "Named seed", "random:x")
        yield* press(page, "Seed")
        yield* warnsAt(page, "Seed", /^seed: expected a number of customers .* got x$/)
        yield* fill(page, "Seed as JSON", '{ "customers": [{ "id": "customer-pasted", "plan": "plan-x" }] }')
        yield* press(page, "Seed with JSON")
        yield* warnsAt(page, "Seed with JSON", "customers.0.plan: unknown plan plan-x")
        yield* fill(page, "Seed as JSON", "{")
        yield* press(page, "Seed with JSON")
        yield* warnsAt(page, "Seed with JSON", "body: not valid JSON")
        expect(yield* stillState).toEqual(before)

        yield* fill(page, "Seed as JSON", '{ "customers": [{ "id": "customer-pasted" }] }')
        yield* press(page, "Seed with JSON")
        yield* rowsWith(page, "Customers", "customer-pasted")
        yield* gone(page, "Customers", "customer-000003")
        const buffer = Buffer.from('{ "customers": [{ "id": "customer-of-a-file" }] }')
        yield* choose(page, "Take JSON from", { name: "seed.json", mimeType: "application/json", buffer })
        yield* Effect.promise(() =>
          page.waitForFunction(() => document.querySelector("textarea")?.value.includes("of-a-file"))
        )
        yield* press(page, "Seed with JSON")
        yield* rowsWith(page, "Customers", "customer-of-a-file")
        expect((yield* Emulator.snapshot).customers.map(({ id }) => id)).toEqual(["customer-of-a-file"])
        expect(broken).toEqual([])
      }).pipe(Effect.provide(served()))
    )

    it.scopedLive("adds and removes webhooks, injects their faults, shows each try, and sends one again", () =>
      Effect.gen(function* () {
        const { page, url } = yield* start
        const section = page.getByRole("region", { name: "Webhooks" })
        yield* fill(page, "URL", "ftp://127.0.0.1")
        yield* fill(page, "Secret", "secret-of-a-webhook")
        yield* press(page, "Add webhook")
        yield* warnsAt(page, "Add webhook", /^url: Expected an http or https URL/)
        // The emulator itself is no receiver: it answers 401.
        yield* fill(page, "URL", `${url}/nowhere`)
        yield* Effect.promise(() => page.getByLabel("Events (none: all)").selectOption("customer.created"))
        yield* press(page, "Add webhook")
        yield* says(page, "The webhook is added.")
        yield* Effect.promise(() => section.getByText(`${url}/nowhere: customer.created`).waitFor())

        const fault = page.getByRole("form", { name: "Fault of webhooks" })
        yield* select(page, "Fault of webhooks", "drop")
        yield* Effect.promise(async () => {
          await fault.getByLabel("For event").selectOption("customer.created")
          await fault.getByLabel("Times (optional)").fill("none")
        })
        yield* press(page, "Inject fault of webhooks")
        yield* warnsAt(page, "Inject fault of webhooks", /^times: /)
        const { webhooks } = yield* Emulator.Emulator
        expect(yield* webhooks.activeFaults).toEqual([])
        yield* Effect.promise(() => fault.getByLabel("Times (optional)").fill("2"))
        yield* press(page, "Inject fault of webhooks")
        yield* Effect.promise(() => section.getByText("drop: customer.created, 2 more times").waitFor())

        yield* post(customers, { id: "customer-told" }, { baseUrl: url })
        const dropped = yield* rowsWith(page, "Webhooks", "dropped")
        const row = ["customer.created", `${url}/nowhere`]
        expect(dropped.map((cells) => cells.slice(1, 5))).toEqual([[...row, "1", "dropped (drop)"]])
        yield* press(page, `Send customer.created to ${url}/nowhere again`)
        yield* says(page, "The message is sent again.")
        const tries = yield* rowsWith(page, "Webhooks", "retrying")
        expect(tries.map((cells) => cells.slice(1, 6))).toContainEqual([...row, "1", "retrying", "401"])

        yield* press(page, "Clear faults of webhooks")
        yield* Effect.promise(() => section.getByText("None.").waitFor())
        expect(yield* webhooks.activeFaults).toEqual([])
        yield* press(page, "Remove added webhooks")
        yield* Effect.promise(() =>
          section.getByText(`${url}/nowhere: customer.created`).waitFor({ state: "detached" })
        )
        expect(yield* webhooks.endpoints).toEqual([])
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

    it.scopedLive("shows, saves and removes one world at a time", () =>
      Effect.gen(function* () {
        const { page, url } = yield* start
        yield* rowsWith(page, "Customers", "customer-acme")
        yield* post(customers, { id: "customer-of-one" }, { baseUrl: url, headers: { "x-api-key": "key-one" } })
        yield* post(customers, { id: "customer-of-two" }, { baseUrl: url, headers: { "x-api-key": "key-two" } })
        const { name } = yield* Effect.flatMap(Emulator.Emulator, ({ world }) => world(Redacted.make("key-two")))
        yield* Effect.promise(() => page.getByRole("combobox", { name: "World" }).waitFor())
        yield* select(page, "World", name)
        const saved = yield* Effect.promise(() => page.getByRole("link", { name: "Save" }).getAttribute("href"))
        expect(saved).toBe(`/_emulator/save?world=${name}`)
        yield* rowsWith(page, "Customers", "customer-of-two")
        yield* press(page, "Pause")
        yield* says(page, "The time is paused.")
        const two = yield* Effect.flatMap(Emulator.Emulator, ({ world }) => world(Redacted.make("key-two")))
        const one = yield* Effect.flatMap(Emulator.Emulator, ({ world }) => world(Redacted.make("key-one")))
        expect([(yield* one.time).isPaused, (yield* two.time).isPaused]).toEqual([false, true])
        yield* press(page, "Remove world")
        yield* says(page, "The world is removed.")
        yield* rowsWith(page, "Customers", "customer-of-one")
        const { worlds } = yield* Emulator.Emulator
        expect((yield* worlds).map(({ name }) => name)).toEqual(["default", one.name])
        yield* select(page, "World", "default")
        yield* gone(page, "Customers", "customer-of-one")
        // The emulator always has this one.
        expect(yield* Effect.promise(() => page.getByRole("button", { name: "Remove world" }).isDisabled())).toBe(true)
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
