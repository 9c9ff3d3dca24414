import * as Effect from "effect/Effect"
import type { BuildOptions, Plugin } from "esbuild"
import { build } from "esbuild"
import { gzipSync } from "node:zlib"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const here = fileURLToPath(new URL(".", import.meta.url))

/** Resolves the package by the `exports` of its manifest, as for a user: to `dist`. */
const asInstalled: Plugin = {
  name: "effect-stigg, as installed",
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /^effect-stigg($|\/)/ }, ({ kind, path, pluginData }) =>
      pluginData === asInstalled
        ? undefined
        : resolve(path, { kind, resolveDir: root, pluginData: asInstalled, importer: `${root}package.json` })
    )
  }
}

const bundled = (options: BuildOptions) =>
  Effect.tryPromise(async () => {
    const { outputFiles = [] } = await build({
      ...options,
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
      // `paths` of the repository's settings would resolve the package to `src`.
      tsconfigRaw: "{}",
      logLevel: "warning"
    })
    return outputFiles.map(({ text }) => text).join("")
  })

/** With this platform, and nothing external, an import of a module of Node fails the build. */
const forBrowser: BuildOptions = { platform: "browser", minify: true, plugins: [asInstalled] }

/** The program of the worker, or of the page. */
export const forBrowsers = (entry: "worker" | "page") =>
  bundled({ ...forBrowser, entryPoints: [`${here}entry.${entry}.ts`] })

/** The program of a process. It imports the packages, so that the runtime itself resolves and loads them. */
export const forProcesses = bundled({
  entryPoints: [`${here}entry.process.ts`],
  platform: "neutral",
  packages: "external"
})

/** What a user's bundler makes of the SDK and the parts of Effect that it uses, without a program or the emulator. */
export const sizeOfSdk = Effect.map(
  bundled({
    ...forBrowser,
    stdin: {
      contents: `export { Customers, Stigg } from "effect-stigg"; export { layer } from "@effect/platform/FetchHttpClient"`,
      resolveDir: root
    }
  }),
  (text) => ({ bytes: Buffer.byteLength(text), gzipped: gzipSync(text).length })
)
