import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: {
    // The tests import what a user imports, and get the sources.
    alias: [
      { find: /^effect-stigg$/, replacement: source("index.ts") },
      { find: /^effect-stigg\/testing$/, replacement: source("testing/index.ts") },
      { find: /^effect-stigg\/testing\/node$/, replacement: source("testing/node.ts") },
      { find: /^effect-stigg\/(.*)$/, replacement: source("$1.ts") }
    ]
  },
  test: {
    // Three times what the slowest takes on two busy cores.
    testTimeout: 15_000,
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    // One worker evaluates `effect` once, not once a file: a third of the whole time. Two of them on two cores, for many
    // tests wait for processes and sockets: 84 s in place of 140.
    poolOptions: { forks: { isolate: false, minForks: 2, maxForks: 2 } }
  }
})
