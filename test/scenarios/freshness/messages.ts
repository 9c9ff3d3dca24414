/** How a process is set up. */
export interface Options {
  readonly apiUrl: string
  readonly redisUrl: string
  readonly storeId: string
}

/** What a process is asked to do. */
export type Task =
  /** Check a customer until the state has a version. The reply is when that was. */
  | { readonly _tag: "Watch"; readonly customerId: string; readonly version: number }
  /** Check each of these customers once. */
  | { readonly _tag: "Check"; readonly customers: number }
  /** Update a customer. */
  | { readonly _tag: "Write"; readonly customerId: string }

/** When a task was done, in milliseconds since 1970 with fractions, and how many checks failed. */
export interface Report {
  readonly at: number
  readonly failed: number
}

export const secret = "whsec-scenario"
