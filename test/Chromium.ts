import { afterAll, beforeAll } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Browser } from "playwright-core"

/** A real Chromium, such as Debian's `/usr/bin/chromium`. CI installs one and fails without it. */
const executablePath = process.env["STIGG_TEST_CHROMIUM"] ?? ""

/** Without a Chromium, the tests that need one are skipped. */
export const isMissing = executablePath === ""
if (isMissing && process.env["CI"] === "true") throw new Error("CI needs a Chromium: set STIGG_TEST_CHROMIUM")

/** Ends the titles of tests that are skipped. */
export const reason = isMissing ? " (skipped: set STIGG_TEST_CHROMIUM, such as /usr/bin/chromium)" : ""

const quiet = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  // A name that is rebound to the loopback.
  "--host-resolver-rules=MAP evil.example 127.0.0.1"
]

/** Starts a browser once for all tests of a file, because a start takes most of a test. Returns pages to open. */
export const forFile = () => {
  let chromium: Browser | undefined
  beforeAll(async () => {
    if (!isMissing) chromium = await (await import("playwright-core")).chromium.launch({ executablePath, args: quiet })
  })
  afterAll(() => chromium?.close())

  /** A browser profile of its own for each test. */
  const profile = Effect.acquireRelease(
    Effect.promise(async () => {
      if (chromium === undefined) throw new Error("The browser did not start")
      return chromium.newContext()
    }),
    (context) => Effect.promise(() => context.close())
  )

  /** The page at a URL, what it asked for, and what went wrong in it. */
  const opened = (url: string) =>
    Effect.gen(function* () {
      const context = yield* profile
      const page = yield* Effect.promise(() => context.newPage())
      const asked: Array<string> = []
      const broken: Array<string> = []
      page.on("request", (request) => asked.push(request.url()))
      page.on("pageerror", ({ message }) => broken.push(message))
      page.on("console", (message) => {
        if (message.text().includes("Content Security Policy")) broken.push(message.text())
      })
      page.on("dialog", (dialog) => {
        // An alert would come from a text that runs as a script.
        if (dialog.type() !== "confirm") broken.push(dialog.message())
        void dialog.accept()
      })
      const response = yield* Effect.promise(() => page.goto(url))
      return { asked, broken, page, response }
    })

  return { opened, profile }
}
