import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import type { Check } from "./Check.js"
import { over } from "./checks/overHttp.js"
import * as portable from "./portable.js"

/** What works on Node, Bun and Deno. */
export const checks: ReadonlyArray<Check> = [...portable.checks, ...over("undici", UndiciHttpClient.layer)]
