import process from "node:process"
import { run } from "./Check.js"
import { checks } from "./process.js"

/** The program for Node, Bun and Deno. Its arguments are the addresses; it prints the outcomes as its last line. */
const [api = "", peer = ""] = process.argv.slice(2)
console.log(JSON.stringify(await run(checks, { api, peer })))
process.exit()
