/** What a program pays before its first call: the import of the package, and its share of a bundle. Needs a build. */
import * as Effect from "effect/Effect"
import { build } from "esbuild"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import type { Measured } from "./measure.js"
import { race } from "./measure.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** A process of its own that imports the built package as a user's program does. */
const importing = (...modules: ReadonlyArray<string>) =>
  Effect.promise(() =>
    promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", modules.map((name) => `import "${name}"`).join("\n")],
      { cwd: root }
    )
  )

export const imports: Effect.Effect<ReadonlyArray<Measured>> = race({
  what: "a process that imports",
  unit: "a process",
  units: 1,
  ways: [
    { way: "`effect` and `@effect/platform`", run: importing("effect", "@effect/platform") },
    {
      way: "`effect-stigg` too",
      run: importing("effect", "@effect/platform", "effect-stigg"),
      bound: 1.1
    },
    { way: "`effect-stigg` alone", run: importing("effect-stigg") }
  ]
})

/** A program that retrieves a customer. */
const program = `
  import * as Customers from "effect-stigg/Customers"
  import * as Stigg from "effect-stigg/Stigg"
  import * as Effect from "effect/Effect"
  import * as Redacted from "effect/Redacted"
  export const main = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme")).pipe(
    Effect.provide(Stigg.layer({ apiKey: Redacted.make("server-key") }))
  )
`

/** The bytes after gzip of the part of a bundle that comes from this package. */
export const bundleSize: Effect.Effect<number> = Effect.promise(async () => {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    external: ["effect", "@effect/platform"],
    // The built files, not the sources that tsconfig.json maps the package to.
    tsconfigRaw: "{}",
    write: false
  })
  const code = outputFiles[0]?.text ?? ""
  const ours = code.replace(/import\s*[^;"]*"[^"]*";/g, "")
  return gzipSync(ours, { level: 9 }).length
})
