import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: {
    // Tests import the package as users do. These aliases resolve it to the sources.
    alias: [
      { find: /^effect-stigg$/, replacement: source("index.ts") },
      { find: /^effect-stigg\/testing$/, replacement: source("testing/index.ts") },
      { find: /^effect-stigg\/testing\/node$/, replacement: source("testing/node.ts") },
      { find: /^effect-stigg\/(.*)$/, replacement: source("$1.ts") }
    ]
  },
  test: {
    // Three times what the slowest test takes on two busy cores.
    testTimeout: 15_000,
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    // A shared worker evaluates `effect` once instead of once per file, which saves a third of the total time. Two
    // workers on two cores, because many tests wait for processes and sockets: 84 s instead of 140 s.
    poolOptions: { forks: { isolate: false, minForks: 2, maxForks: 2 } }
  }
})
