import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { BaseSequencer } from "vitest/node"
import type { TestSpecification } from "vitest/node"

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

/** The files that take longest, because they start processes or a compiler. */
const long = /\/(kill|fleet|cron|cli|compiler|examples|docs-page\.browser)\.test\.ts$/

/** Starts the longest files first: one that starts last runs alone. vitest only knows the sizes of the files in CI. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => long.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

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
    // Six times what the slowest test takes on two cores. In CI, two more runs and an installation use the same cores.
    testTimeout: 30_000,
    // A hook bundles a program or starts a browser.
    hookTimeout: 30_000,
    setupFiles: fileURLToPath(new URL("setup.ts", import.meta.url)),
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    // A shared worker evaluates `effect` once instead of once per file, which saves a third of the total time. Three
    // workers on two cores, because a third of a worker's time is waiting: for timers, processes and sockets. With room
    // for short-lived objects, of which Effect makes many, a worker needs a tenth less of a core.
    poolOptions: { forks: { isolate: false, minForks: 3, maxForks: 3, execArgv: ["--max-semi-space-size=64"] } },
    sequence: { sequencer: LongestFirst }
  }
})
