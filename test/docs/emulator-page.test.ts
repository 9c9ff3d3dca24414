import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { EmulatorServer } from "effect-stigg/testing/node"
import { execFile, execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { read } from "./extraction.js"

const page = read("src/docs/emulator.md")

const languages = [
  { language: "ruby", extension: "rb", command: ["ruby"], version: "--version" },
  { language: "python", extension: "py", command: ["python3"], version: "--version" },
  { language: "go", extension: "go", command: ["go", "run"], version: "version" }
].map((each) => {
  const [program = ""] = each.command
  try {
    execFileSync(program, [each.version], { stdio: "ignore" })
    return { ...each, isMissing: false, title: each.language }
  } catch {
    return { ...each, isMissing: true, title: `${each.language} (skipped: there is no ${program})` }
  }
})

const Time = Schema.Struct({ now: Schema.String })

const now = Effect.gen(function* () {
  const { url } = yield* EmulatorServer.EmulatorServer
  const client = yield* HttpClient.HttpClient
  const response = yield* client.get(`${url}/_emulator/time`)
  return Date.parse((yield* Schema.decodeUnknown(Time)(yield* response.json)).now)
})

const inFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-stigg-language-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

describe.each(languages)("the program in $title of the page on the emulator", (each) => {
  it.scopedLive.skipIf(each.isMissing)(
    "moves the time",
    () =>
      Effect.gen(function* () {
        const { port } = yield* EmulatorServer.EmulatorServer
        const [, code = ""] = new RegExp(`\`\`\`${each.language}\\n([^]*?)\`\`\``).exec(page) ?? []
        expect(code).toContain(":4010/")
        const file = join(yield* inFolder, `program.${each.extension}`)
        writeFileSync(file, code.replaceAll(":4010/", `:${port}/`))
        const [program = "", ...args] = each.command
        const { stdout } = yield* Effect.promise(() => promisify(execFile)(program, [...args, file]))
        const moved = Date.parse(/\d{4}-[^"\s]*/.exec(stdout)?.[0] ?? "")
        expect(moved - Date.now()).toBeGreaterThan(13 * 86_400_000)
        expect(yield* now).toBeGreaterThanOrEqual(moved)
      }).pipe(Effect.provide(Layer.merge(EmulatorServer.layer(), FetchHttpClient.layer))),
    60_000
  )
})
