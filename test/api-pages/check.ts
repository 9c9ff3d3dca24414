/**
 * Checks the pages that `npm run docs` has built: every link leads somewhere, nothing is loaded over the network, each
 * module and each operation is there with its errors, and the search finds them in a real Chromium from `file://`.
 *
 * usage: STIGG_TEST_CHROMIUM=/usr/bin/chromium tsx test/api-pages/check.ts
 */
import assert from "node:assert/strict"
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { chromium } from "playwright-core"
import { root } from "../docs/extraction.js"
import { publicModules } from "../package/manifest.js"
import { everyError, services } from "../operations/methods.js"

const pages = `${root}dist-docs`
const files = readdirSync(pages, { recursive: true, encoding: "utf8" })
assert(files.length > 0, "There are no pages: run `npm run docs` first")

/** What a page loads or links to, without the fragment. */
const targets = (html: string): ReadonlyArray<{ readonly isLoaded: boolean; readonly target: string }> =>
  [...html.matchAll(/<(\w+)\b[^>]*?\s(?:src|href)="([^"#?]+)/g)].flatMap(([, tag, target]) =>
    target === undefined ? [] : [{ isLoaded: tag !== "a", target }]
  )

for (const file of files.filter((file) => file.endsWith(".html"))) {
  for (const { isLoaded, target } of targets(readFileSync(`${pages}/${file}`, "utf8"))) {
    if (/^[a-z][a-z+.-]*:|^\/\//i.test(target)) assert(!isLoaded, `${file} loads ${target} over the network`)
    else assert(existsSync(resolve(pages, dirname(file), decodeURI(target))), `${file} has a dead link: ${target}`)
  }
}
for (const file of files.filter((file) => file.endsWith(".css"))) {
  const remote = /(?:url\(|@import)\s*["']?(?:https?:|\/\/)[^\s)]*/.exec(readFileSync(`${pages}/${file}`, "utf8"))
  assert.equal(remote, null, `${file} loads ${remote?.[0]}`)
}

const executablePath = process.env["STIGG_TEST_CHROMIUM"]
assert(executablePath !== undefined, "Set STIGG_TEST_CHROMIUM, such as /usr/bin/chromium")
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
const browser = await chromium.launch({ executablePath, args })
try {
  const page = await browser.newPage()
  const broken: Array<string> = []
  page.on("request", (request) => /^(file|data|blob):/.test(request.url()) || broken.push(request.url()))
  page.on("pageerror", ({ message }) => broken.push(message))
  const open = (path: string) => page.goto(pathToFileURL(`${pages}/${path}`).href)

  await open("index.html")
  const modules = await page.locator("#tsd-nav-container > li").allInnerTexts()
  const names = publicModules.map(([name]) => (name === "." ? "effect-stigg" : name.slice(2)))
  assert.deepEqual(modules.map((name) => name.replace(/\s/g, "")).sort(), names.toSorted())

  for (const { methods, module } of services) {
    await open(`interfaces/${module.replace("/", "_")}.Service.html`)
    for (const { errors, name } of methods) {
      const member = page.locator(".tsd-member", { has: page.locator(`#${name.toLowerCase()}`) })
      const links = member.locator(".tsd-tag-errors td:first-child a")
      const shown = await links.evaluateAll((all) => all.map((link) => link.textContent))
      assert.deepEqual(shown.sort(), [...errors, ...everyError.map(({ _tag }) => _tag)].sort(), `${module}: ${name}`)
    }
  }

  /** The name of the first result of a search, after a click on it. */
  const found = async (text: string): Promise<string> => {
    await open("index.html")
    await page.locator("#tsd-search-trigger").click()
    await page.locator("#tsd-search-input").fill(text)
    await page.locator("#tsd-search-results li").first().click()
    await page.waitForURL((url) => !url.pathname.endsWith("/index.html"))
    return page.url().slice(pathToFileURL(pages).href.length + 1)
  }
  assert.equal(await found("unarchive"), "interfaces/Customers.Service.html#unarchive")
  assert.equal(await found("NotFoundError"), "classes/StiggError.NotFoundError.html")
  // A tag is not a name in the program, and a word of a docstring is not either.
  assert.equal(await found("StiggRateLimitError"), "classes/StiggError.RateLimitError.html")
  assert.equal(await found("circuit breaker"), "interfaces/Entitlements.BreakerOptions.html")

  assert.deepEqual(broken, [])
} finally {
  await browser.close()
}
console.log(
  `${files.length} files, ${publicModules.length} modules, ${services.flatMap(({ methods }) => methods).length} methods`
)
