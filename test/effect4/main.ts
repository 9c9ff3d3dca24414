import { resolve } from "node:path"
import { compile } from "./compile.js"
import { renew } from "./names.js"
import { outdated, rewrite } from "./page.js"
import { markdown, modulesOfEffect4, tables } from "./report.js"

/**
 * What a port to Effect 4 would change, counted.
 *
 * Without an option, prints the tables. `--write` rewrites them in `src/docs/effect-4.md`. `--check` exits with 1 if one is
 * out of date. Two options need a folder with Effect 4 (`npm install effect@4` there): `--names <folder>` renews the list
 * of its exports, and `--compile <folder>` counts the errors of `src` against it, after what a script can change.
 */
const [option, folder] = process.argv.slice(2)

switch (option) {
  case undefined:
    for (const [name, table] of Object.entries(tables)) console.log(`${name}\n\n${markdown(table())}\n`)
    break
  case "--write":
    await rewrite()
    break
  case "--check": {
    const names = outdated()
    if (names.length > 0) {
      console.error(`Out of date in src/docs/effect-4.md: ${names.join(", ")}. Run npm run effect4 -- --write.`)
      process.exitCode = 1
    }
    break
  }
  case "--compile":
    console.log(compile(installation(folder)))
    break
  case "--names":
    renew(installation(folder), modulesOfEffect4)
    console.log(
      "Renewed test/effect4/effect-4.names.json. Run npm test -- test/effect4, then npm run effect4 -- --write."
    )
    break
  default:
    throw new Error(`Unknown option ${option}: use --write, --check, --names <folder>, or --compile <folder>`)
}

function installation(path: string | undefined): string {
  if (path === undefined) throw new Error("The option takes the folder in which Effect 4 is installed")
  return resolve(path)
}
