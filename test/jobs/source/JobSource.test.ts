import { describe, expect, it } from "@effect/vitest"
import type * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { inspect } from "node:util"
import type { Csv } from "../../../src/internal/jobs/source/Format.js"
import * as SourceOpeners from "../../../src/internal/jobs/source/SourceOpeners.js"
import type { OpenSource, SourceOpener } from "../../../src/jobs/Source.js"
import { Source } from "../../../src/jobs/Source.js"

const url = "https://user:pass@bucket.example/exports/a.csv?X-Signature=s3cret#part"

const source = (url: string): Source => ({
  _tag: "Url",
  url: Redacted.make(url),
  format: { _tag: "Csv", delimiter: ";", columns: { email: null, metadata: { plan: "Plan" } } }
})

describe("the payload of a source", () => {
  it("is stored as JSON and reads back, its URL included", () => {
    for (const one of [source(url), { _tag: "Rows", name: "customers" }] as const) {
      const stored = JSON.stringify(Schema.encodeSync(Source)(one))
      const read: unknown = JSON.parse(stored)
      expect(Schema.decodeUnknownSync(Source)(read)).toEqual(one)
    }
    expect(JSON.stringify(Schema.encodeSync(Source)(source(url)))).toContain(url)
  })

  it("has the options of a CSV reader in its format", () => {
    const options: CustomerCsv.DecodeOptions = {
      columns: { id: "a", name: null },
      delimiter: ";",
      neutralizeFormulas: true
    }
    const format: typeof Csv.Type = { _tag: "Csv", ...options, columns: { id: "a", name: null } }
    const back: CustomerCsv.DecodeOptions = format
    expect(back).toMatchObject(options)
  })

  it("shows the origin and path of a URL, and nothing of a text that is no URL", () => {
    expect(SourceOpeners.show(source(url))).toBe("https://bucket.example/exports/a.csv")
    expect(SourceOpeners.show(source("s3cret"))).toBe("the URL")
    const shown = [inspect(source(url), { depth: 9 }), JSON.stringify(source(url)), SourceOpeners.show(source(url))]
    expect(shown.join("\n")).not.toMatch(/s3cret|pass/)
  })

  it("does not show a URL in an error about a payload", () => {
    const wrong: ReadonlyArray<unknown> = [
      { _tag: "Url", url },
      { _tag: "Uri", url, format: { _tag: "Csv" } },
      { url, format: { _tag: "Csv" } },
      { _tag: "Url", url: [url], format: { _tag: "Csv" } },
      { _tag: "Url", url, format: { _tag: "Xml" } },
      { _tag: "Url", url, format: { _tag: "Csv", delimiter: "" } }
    ]
    const Payload = Schema.Struct({ source: Source })
    for (const payload of wrong) {
      for (const result of [
        Schema.decodeUnknownEither(Payload)({ source: payload }),
        Schema.validateEither(Payload)({ source: payload })
      ]) {
        expect(result._tag).toBe("Left")
        expect(String(result)).not.toMatch(/s3cret|pass/)
      }
    }
    const result = Schema.decodeUnknownEither(Payload)({ source: wrong[4] })
    expect(String(result)).toContain('Expected \\"Ndjson\\" | \\"Bulk\\" | \\"Csv\\", actual \\"Xml\\"')
  })
})

describe("the openers of a runner", () => {
  class Needed extends Context.Tag("test/Needed")<Needed, string>() {}

  const opened: OpenSource = { version: Effect.succeed("1"), rows: () => expect.unreachable("not read") }

  const named = (name: string): SourceOpener<Needed> => ({
    _tag: "Rows",
    name,
    open: (source) =>
      source._tag !== "Rows" || source.name !== name
        ? null
        : Effect.map(Needed, (version) => ({ ...opened, version: Effect.succeed(`${name} ${version}`) }))
  })

  it.effect("open a source with the opener that takes it, and need what the openers need", () =>
    Effect.gen(function* () {
      const open = SourceOpeners.openers([named("a"), named("b")])
      const source = yield* open({ _tag: "Rows", name: "b" })
      expect(yield* source.version).toBe("b needed")
    }).pipe(Effect.provideService(Needed, "needed"))
  )

  it.effect("say which sources they open when none takes a source, without its secrets", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(SourceOpeners.openers([named("a"), named("b")])(source(url)))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Invalid", path: null })
      expect(error.message).toBe(
        "source: Expected a source that this runner opens (Rows a, Rows b), found Url https://bucket.example/exports/a.csv"
      )
      const empty = yield* Effect.flip(SourceOpeners.openers([])(source(url)))
      expect(empty.message).toContain("(none)")
    }).pipe(Effect.provideService(Needed, "needed"))
  )
})
