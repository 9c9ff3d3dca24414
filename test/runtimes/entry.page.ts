import { run } from "./Check.js"
import { checks } from "./portable.js"

/** The script of the page: both servers are the page's own origin. */
Object.assign(globalThis, { outcomes: run(checks, { api: location.origin, peer: location.origin }) })
