/**
 * Measures durable jobs, each promise with its figure: `npm run jobs:measure -- [scenario…] [--rows N]`. Without a name
 * it runs all. Needs Postgres (`initdb` in the path or under `/usr/lib/postgresql`) and `redis-server`, which it starts
 * itself.
 */
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import * as Scenarios from "./scenarios.js"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: "string", default: "1000000" } }
})

const unknown = positionals.filter((name) => !Object.hasOwn(Scenarios.all, name))
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Expected ${Object.keys(Scenarios.all).join(", ")}`)
  process.exit(2)
}

const names = positionals.length === 0 ? Object.keys(Scenarios.all) : positionals
let failed = 0
for (const [name, scenario] of Object.entries(Scenarios.all)) {
  if (!names.includes(name)) continue
  console.log(`\n== ${name}`)
  const before = Date.now()
  const problems = await Effect.runPromise(Effect.scoped(scenario(Number(values.rows))))
  console.log(`${problems.length === 0 ? "holds" : "FAILS"} after ${((Date.now() - before) / 1000).toFixed(1)} s`)
  for (const problem of problems) console.log(`  ${problem}`)
  failed += problems.length
}
process.exit(failed === 0 ? 0 : 1)
