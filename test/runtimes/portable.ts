import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type { Check } from "./Check.js"
import * as bulk from "./checks/bulk.js"
import * as entitlements from "./checks/entitlements.js"
import * as inProcess from "./checks/inProcess.js"
import * as webhooks from "./checks/webhooks.js"
import { decompressed, operationsOver, over } from "./checks/overHttp.js"

/** What works on every runtime. */
export const checks: ReadonlyArray<Check> = [
  ...inProcess.checks,
  ...entitlements.checks,
  ...bulk.checks,
  ...webhooks.checks,
  ...operationsOver("fetch", FetchHttpClient.layer),
  ...over("fetch", FetchHttpClient.layer),
  decompressed("fetch", FetchHttpClient.layer)
]
