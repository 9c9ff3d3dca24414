import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import type { Page } from "playwright-core"
import * as Chromium from "../../Chromium.js"
import { key, payload, served, until, url } from "./served.js"

const browser = Chromium.forFile()

const opened = (path = "/") =>
  Effect.flatMap(url, (base) => Effect.map(browser.opened(`${base}${path}`), (opened) => ({ ...opened, base })))

const enter = (page: Page, text: string) =>
  Effect.promise(async () => {
    await page.getByLabel("Key of the jobs").fill(text)
    await page.keyboard.press("Enter")
  })

const card = (page: Page, id: string) => page.getByRole("article", { name: id, exact: true })
const text = (page: Page, id: string, part: string) => Effect.promise(() => card(page, id).locator(part).innerText())
const shows = (page: Page, id: string, state: string) =>
  Effect.promise(() => card(page, id).getByText(`Import: ${state}`, { exact: true }).waitFor())
const fraction = (page: Page, id: string) =>
  Effect.promise(() =>
    card(page, id)
      .getByRole("progressbar", { name: `Progress of ${id}` })
      .evaluate((bar: HTMLProgressElement) => bar.value)
  )
const press = (page: Page, id: string, name: string) =>
  Effect.promise(async () => {
    // By keyboard: a button can be reached and used without a mouse.
    await card(page, id).getByRole("button", { name, exact: true }).focus()
    await page.keyboard.press("Enter")
  })

const started = (id: string) =>
  Effect.flatMap(CustomerJobs.CustomerJobs, ({ start }) => start(CustomerJobs.Import, payload(id)))

describe.skipIf(Chromium.isMissing)(`the page of the jobs in a browser${Chromium.reason}`, { timeout: 60_000 }, () => {
  it.scopedLive("shows progress that moves, and pauses, resumes and cancels a job", () =>
    Effect.gen(function* () {
      const { asked, base, broken, page } = yield* opened()
      yield* started("nightly")
      yield* enter(page, key)
      yield* shows(page, "nightly", "Running")
      const before = yield* Effect.repeat(Effect.zipLeft(fraction(page, "nightly"), Effect.sleep("100 millis")), {
        until: (value) => value > 0
      })
      yield* Effect.repeat(Effect.zipLeft(fraction(page, "nightly"), Effect.sleep("100 millis")), {
        until: (value) => value > before
      })
      expect(yield* text(page, "nightly", ".rows")).toMatch(/^[\d,]+ of 20,000$/)
      expect(yield* text(page, "nightly", ".parts")).toMatch(/^\d+ of 40$/)
      expect(yield* text(page, "nightly", ".rate")).toMatch(/^[\d,]+ rows\/s$/)
      expect(yield* text(page, "nightly", ".remaining")).toMatch(/\d+ s$/)

      yield* press(page, "nightly", "Pause")
      yield* shows(page, "nightly", "Paused")
      expect((yield* until("nightly", "Paused")).state).toBe("Paused")
      expect(yield* Effect.promise(() => page.getByRole("status").innerText())).toMatch(/^nightly: Paus/)
      const focused = yield* Effect.promise(() => page.evaluate(() => document.activeElement?.textContent))
      expect(focused).toBe("Pause")
      yield* press(page, "nightly", "Resume")
      yield* shows(page, "nightly", "Running")
      yield* press(page, "nightly", "Cancel")
      yield* shows(page, "nightly", "Cancelled")
      expect((yield* until("nightly", "Cancelled")).state).toBe("Cancelled")
      expect(asked.filter((each) => !each.startsWith(`${base}/`) && !each.startsWith("data:"))).toEqual([])
      expect(asked.filter((each) => each.includes(key))).toEqual([])
      expect(broken).toEqual([])
    }).pipe(Effect.provide(served({ rows: 20_000, every: 200 })))
  )

  it.scopedLive("shows the first rejected rows with their reasons, and downloads all", () =>
    Effect.gen(function* () {
      const { broken, page } = yield* opened()
      yield* started("rejecting")
      yield* until("rejecting", "Done")
      yield* enter(page, key)
      yield* shows(page, "rejecting", "Done")
      expect(yield* fraction(page, "rejecting")).toBe(1)
      expect(yield* text(page, "rejecting", ".rejected")).toBe("120")
      const { all, file, rows } = yield* Effect.promise(async () => {
        await card(page, "rejecting").getByText("Rejected rows", { exact: true }).click()
        const table = page.getByRole("table", { name: "Rejected rows of rejecting" })
        await table.locator("tbody tr").first().waitFor()
        const rows = await table.locator("tbody tr").allInnerTexts()
        const all = await card(page, "rejecting").locator(".shown").innerText()
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          card(page, "rejecting").getByRole("button", { name: "Download all as NDJSON" }).click()
        ])
        const lines: Array<string> = []
        for await (const chunk of await download.createReadStream()) lines.push(String(chunk))
        return { all, rows, file: lines.join("").trim().split("\n") }
      })
      expect([rows.length, all, file.length]).toEqual([100, "The first 100 of 120", 120])
      expect(rows[0]).toContain("<img src=x onerror=alert(1)>")
      expect(rows[1]?.split("\t").slice(0, 4)).toEqual(["100", "customer-100", "Invalid", "email"])
      expect(broken).toEqual([])
    }).pipe(Effect.provide(served({ rows: 6000 })))
  )

  it.scopedLive("shows ids and problems as text", () =>
    Effect.gen(function* () {
      const evil = `<img src=x onerror=alert(1)>"'</h2><script>alert(2)</script>`
      const { asked, broken, page } = yield* opened()
      yield* started(evil)
      yield* until(evil, "Done")
      yield* enter(page, key)
      yield* shows(page, evil, "Done")
      yield* Effect.promise(() => card(page, evil).getByText("Rejected rows", { exact: true }).click())
      yield* Effect.promise(() => page.locator("tbody tr").first().waitFor())
      expect(yield* text(page, evil, "h2")).toBe(evil)
      expect(yield* Effect.promise(() => page.locator("img, h2 *, td *").count())).toBe(0)
      expect(asked.filter((each) => each.endsWith("/x"))).toEqual([])
      expect(broken).toEqual([])
    }).pipe(Effect.provide(served({ rows: 60 })))
  )

  it.scopedLive("asks again for a key that is wrong, keeps a right one for the tab only, and forgets it", () =>
    Effect.gen(function* () {
      const { asked, base, page } = yield* opened("/admin/jobs/")
      yield* started("one")
      for (const wrong of ["wrong", "schlüssel"]) {
        yield* enter(page, wrong)
        yield* Effect.promise(() => page.getByRole("alert").getByText("This key is not valid.").waitFor())
        expect(yield* Effect.promise(() => page.evaluate(() => sessionStorage.length))).toBe(0)
        expect(yield* Effect.promise(() => page.getByRole("article").count())).toBe(0)
      }
      yield* enter(page, key)
      yield* Effect.promise(() => card(page, "one").waitFor())
      yield* Effect.promise(() => page.reload())
      yield* Effect.promise(() => card(page, "one").waitFor())
      const stored = yield* Effect.promise(() =>
        page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie, location.href])
      )
      expect(stored).toEqual([1, 0, "", `${base}/admin/jobs/`])
      yield* Effect.promise(() => page.getByRole("button", { name: "Forget the key" }).click())
      yield* Effect.promise(() => page.getByLabel("Key of the jobs").waitFor())
      const left = yield* Effect.promise(() => page.evaluate(() => [sessionStorage.length, document.body.innerText]))
      expect(left).toEqual([0, expect.not.stringContaining("one")])
      expect(asked.filter((each) => /wrong|schl|test-key/.test(each))).toEqual([])
    }).pipe(Effect.provide(served({ rows: 60, path: "/admin/jobs" })))
  )

  it.scopedLive("is not shown to a name that is rebound to the loopback", () =>
    Effect.gen(function* () {
      const { base, page } = yield* opened()
      const answer = yield* Effect.promise(() => page.goto(base.replace("127.0.0.1", "evil.example")))
      expect(answer?.status()).toBe(403)
    }).pipe(Effect.provide(served({ rows: 10 })))
  )
})
