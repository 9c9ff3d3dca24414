/** The order in which `src` would be ported: each step uses only what earlier steps have. */

export interface Step {
  readonly name: string
  /** Folders and files. The longest path that a file is in has it. */
  readonly paths: ReadonlyArray<string>
}

export const steps: ReadonlyArray<Step> = [
  { name: "schemas", paths: ["src/schemas", "src/Schemas.ts"] },
  { name: "errors", paths: ["src/StiggError.ts"] },
  { name: "options", paths: ["src/RetryPolicy.ts", "src/RequestOptions.ts", "src/internal/options"] },
  { name: "pagination", paths: ["src/Pagination.ts", "src/internal/pagination"] },
  {
    name: "transport",
    paths: [
      "src/StiggClient.ts",
      "src/internal/transport",
      "src/internal/failure",
      "src/internal/access",
      "src/internal/options/Target.ts"
    ]
  },
  { name: "undici", paths: ["src/UndiciHttpClient.ts", "src/internal/undici"] },
  {
    name: "operations",
    paths: ["src/Stigg.ts", "src/Customers.ts", "src/customers", "src/internal/operations"]
  },
  {
    name: "entitlements",
    paths: [
      "src/Entitlements.ts",
      "src/EntitlementsPersisted.ts",
      "src/EntitlementsRedis.ts",
      "src/EntitlementsChannel.ts",
      "src/internal/entitlements",
      "src/internal/redis",
      "src/Catalogue.ts"
    ]
  },
  {
    name: "files",
    paths: [
      "src/CustomerImport.ts",
      "src/CustomerExport.ts",
      "src/CustomerCsv.ts",
      "src/internal/import",
      "src/internal/export",
      "src/internal/csv",
      "src/internal/files",
      "src/internal/progress"
    ]
  },
  {
    name: "jobs",
    paths: [
      "src/CustomerJobs.ts",
      "src/CustomerJobsHttp.ts",
      "src/CustomerJobsRedis.ts",
      "src/jobs",
      "src/internal/jobs"
    ]
  },
  {
    name: "webhooks",
    paths: ["src/Webhooks.ts", "src/WebhooksRedis.ts", "src/webhooks", "src/internal/webhooks"]
  },
  { name: "emulator", paths: ["src/testing"] }
]

const isIn = (file: string, path: string): boolean => file === path || file.startsWith(`${path}/`)

/** The longest path first: a file in a folder can have another step than the folder. */
const places = steps
  .flatMap((step, index) => step.paths.map((path) => ({ index, path })))
  .sort((a, b) => b.path.length - a.path.length)

/** The place of a file's step in the order; -1 if no step has it. */
export const indexOf = (file: string): number => places.find(({ path }) => isIn(file, path))?.index ?? -1

/** The name of a file's step; undefined if no step has it. */
export const stepOf = (file: string): string | undefined => steps[indexOf(file)]?.name
