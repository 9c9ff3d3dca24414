import * as Command from "@effect/platform/Command"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { output } from "./run.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

const Report = Schema.parseJson(Schema.Struct({ numPassedTests: Schema.Int.pipe(Schema.positive()) }))

/** Runs the test files of `vitest.config.ts` with a binary of Node. */
export const on = (node: string, folder: string) => {
  const report = `${folder}/tests.json`
  return output(
    Command.make(
      node,
      `${root}node_modules/vitest/vitest.mjs`,
      ...["run", "--config", "test/runtimes/vitest.config.ts"],
      ...["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`]
    ).pipe(Command.workingDirectory(root), Command.env({ NO_COLOR: "1" }))
  ).pipe(
    Effect.zipRight(Effect.suspend(() => Schema.decodeUnknown(Report)(readFileSync(report, "utf8")))),
    Effect.map(({ numPassedTests }) => `${numPassedTests} tests`)
  )
}
