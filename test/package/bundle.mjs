/**
 * Bundles the modules for Node, into a few files that the `node` exports name: loading 160 small files takes more than
 * half of the time of the import. Bundlers get the small files, because they drop unused ones as a whole.
 */
import { build } from "esbuild"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"))

const conditions = Object.values(manifest.exports).filter((target) => typeof target === "object")

await build({
  absWorkingDir: root,
  // `./dist/node/Stigg.js` is made from `src/Stigg.ts`.
  entryPoints: [...conditions.map(({ node }) => node), ...Object.values(manifest.bin)].map((path) =>
    path.replace(/^\.\/dist\/node\//, "src/").replace(/\.js$/, ".ts")
  ),
  outdir: "dist/node",
  outbase: "src",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: true,
  // The sources are in the package.
  sourcesContent: false,
  // Imports of this package by its own name do not occur in `src`; without this, tsconfig.json would map them.
  tsconfigRaw: "{}",
  logLevel: "warning"
})
