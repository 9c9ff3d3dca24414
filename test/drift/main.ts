/**
 * Lists what a newer document of the vendor has that this SDK does not, and the reverse: `npm run drift --
 * path/to/openapi.json`. Each line is a JSON path and a difference. Exits with 1 if there is any, with 0 if there is none,
 * and with 2 if the file is not an OpenAPI document in JSON.
 *
 * It compares the document with `test/contract/openapi.json`, not with the schemas. The tests hold the schemas, the
 * requests and the emulator to that file, so a difference from it is a difference from the SDK as long as they pass.
 */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { isJson, theirs as contract } from "../testing/document.js"
import { differences } from "./differences.js"

const failed = (message: string): never => {
  console.error(message)
  process.exit(2)
}

const file = process.argv[2] ?? failed("usage: npm run drift -- path/to/openapi.json")

const parsed = (): unknown => {
  try {
    // npm runs this in the project's root. The path is relative to where npm was started.
    return JSON.parse(readFileSync(resolve(process.env["INIT_CWD"] ?? ".", file), "utf8"))
  } catch (error) {
    return failed(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const document = parsed()
if (!isJson(document) || !isJson(document["paths"])) throw failed(`${file}: not an OpenAPI document: it has no paths`)

const found = differences(contract, document)
for (const { path, what } of found) console.log(`${path}: ${what}`)
console.error(found.length === 0 ? "No differences." : `${found.length} differences.`)
process.exitCode = found.length === 0 ? 0 : 1
