import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { Emulator, Operation, Seed } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import type { Page } from "playwright-core"
import * as ControlHelp from "../../src/testing/internal/control/ControlHelp.js"
import * as Chromium from "../Chromium.js"

const browser = Chromium.forFile()

const world = EmulatorServer.layer({ seed: Seed.demo })

/** The open page, the requests that loaded it, and the requests after that. */
const opened = Effect.gen(function* () {
  const { snapshot } = yield* Emulator.Emulator
  const { url } = yield* EmulatorServer.EmulatorServer
  const opened = yield* browser.opened(`${url}/_emulator/docs`)
  yield* Effect.promise(() => opened.page.locator(".opblock").last().waitFor())
  return { ...opened, snapshot, url }
})

const authorized = (page: Page, key: string) =>
  Effect.promise(async () => {
    await page.locator(".auth-wrapper button.authorize").click()
    const dialog = page.locator(".auth-container", { hasText: "X-API-KEY" })
    await dialog.locator("input").fill(key)
    await dialog.locator("button.authorize").click()
    await dialog.locator("button.btn-done").click()
  })

/** Fills in an operation, sends it, and reads the response that the page shows. */
const sent = (page: Page, method: string, path: string, fill: { readonly id?: string; readonly body?: string }) =>
  Effect.promise(async () => {
    const operation = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) })
    await operation.locator(".opblock-summary-control").click()
    await operation.locator(".try-out__btn").click()
    if (fill.id !== undefined) await operation.locator('[data-param-name="id"] input').fill(fill.id)
    if (fill.body !== undefined) await operation.locator("textarea.body-param__text").fill(fill.body)
    await operation.locator("button.execute").click()
    const answer = operation.locator(".live-responses-table tr.response").first()
    return {
      status: await answer.locator(".response-col_status").innerText(),
      body: await answer.locator(".highlight-code code").first().innerText()
    }
  })

describe.skipIf(Chromium.isMissing)(
  `the documentation page in a browser${Chromium.reason}`,
  { timeout: 60_000 },
  () => {
    // One page for all tests, because Chromium takes most of a test to show it.
    const scope = Effect.runSync(Scope.make())
    let shared: Effect.Effect.Success<typeof opened>
    beforeAll(async () => {
      shared = await Effect.runPromise(
        Effect.flatMap(Layer.buildWithScope(world, scope), (emulator) => Effect.provide(opened, emulator)).pipe(
          Scope.extend(scope)
        )
      )
    }, 60_000)
    afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

    it.live("shows each operation and control route, and sends requests to no other host", () =>
      Effect.gen(function* () {
        const { asked, broken, page, url } = shared
        expect(yield* Effect.promise(() => page.locator(".opblock").count())).toBe(
          Operation.all.length + ControlHelp.routes.length
        )
        expect(yield* Effect.promise(() => page.locator("h1").innerText())).toContain("Stigg customers API, emulated")
        expect(asked.filter((each) => !each.startsWith(`${url}/`) && !each.startsWith("data:"))).toEqual([])
        expect(broken).toEqual([])
      })
    )

    it.live("shows that a request without a key is rejected", () =>
      Effect.gen(function* () {
        const answer = yield* sent(shared.page, "get", "/api/v1/customers", {})
        expect(answer.status).toBe("401")
        expect(JSON.parse(answer.body)).toMatchObject({ code: "Unauthenticated" })
      })
    )

    describe("after a key was entered", () => {
      beforeAll(() => Effect.runPromise(authorized(shared.page, "any")))

      it.live("sends a request with it and shows the response", () =>
        Effect.gen(function* () {
          const { asked, page, url } = shared
          const answer = yield* sent(page, "get", "/api/v1/customers/{id}", { id: "customer-acme" })
          expect(asked).toContain(`${url}/api/v1/customers/customer-acme`)
          expect(answer.status).toBe("200")
          expect(JSON.parse(answer.body)).toMatchObject({ data: { id: "customer-acme", name: "Acme Corp" } })
        })
      )

      it.live("sends a body that creates a customer", () =>
        Effect.gen(function* () {
          const body = JSON.stringify({ id: "customer-page", name: "Made on the page" })
          expect((yield* sent(shared.page, "post", "/api/v1/customers", { body })).status).toBe("201")
          const { customers } = yield* shared.snapshot
          expect(customers.find(({ id }) => id === "customer-page")?.customer).toMatchObject({
            name: "Made on the page"
          })
        })
      )
    })
  }
)

describe.skipIf(Chromium.isMissing)(`a web page in a browser${Chromium.reason}`, { timeout: 60_000 }, () => {
  const rule = JSON.stringify({ fault: { type: "reset" } })

  /** What a page at this URL gets from the emulator by each kind of request that a page can send. */
  const asked = (page: string, emulator: string) =>
    Effect.flatMap(browser.profile, (context) =>
      Effect.promise(async () => {
        const opened = await context.newPage()
        await opened.goto(page)
        return opened.evaluate(
          async ([emulator, rule]) => {
            const ask = (path: string, init: RequestInit = {}) =>
              fetch(emulator + path, init).then(
                async (response) => `${response.status} ${(await response.text()).slice(0, 12)}`,
                () => "nothing"
              )
            const post = (type: string, mode: RequestMode) =>
              ask("/_emulator/faults", { method: "POST", mode, headers: { "content-type": type }, body: rule })
            return [
              await ask("/_emulator/snapshot"),
              await ask("/_emulator/snapshot", { mode: "no-cors" }),
              await post("application/json", "cors"),
              await post("text/plain", "cors"),
              await post("text/plain", "no-cors")
            ]
          },
          [emulator, rule] as const
        )
      })
    )

  const activeFaults = Effect.flatMap(Emulator.Emulator, ({ activeFaults }) => activeFaults)

  it.scopedLive("of the emulator's own origin can read the state and inject faults", () =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const [read, _, injected] = yield* asked(`${url}/_emulator/docs`, url)
      expect([read, injected]).toEqual(['200 {"features":', '201 {"data":[{"f'])
      expect(yield* activeFaults).toHaveLength(1)
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of another origin cannot read the state or inject a fault", () =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const other = Context.get(yield* Layer.build(Layer.fresh(world)), EmulatorServer.EmulatorServer)
      // Without a policy of its own, which would keep it from asking.
      const page = `${other.url}/_emulator/health`
      expect(yield* asked(page, url)).toEqual(["nothing", "0 ", "nothing", "nothing", "0 "])
      expect(yield* activeFaults).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("whose name is rebound to the loopback cannot read the state or inject a fault", () =>
    Effect.gen(function* () {
      const { port } = yield* EmulatorServer.EmulatorServer
      const rebound = `http://evil.example:${port}`
      const answers = yield* asked(`${rebound}/api/v1/customers`, rebound)
      expect(answers).toEqual(Array.from({ length: 5 }, () => '403 {"message":"'))
      expect(yield* activeFaults).toEqual([])
    }).pipe(Effect.provide(world))
  )
})
