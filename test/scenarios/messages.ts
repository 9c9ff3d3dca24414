import type { Entitlements } from "effect-stigg"

/** How a process of the fleet is set up. */
export interface Options extends Pick<Entitlements.Options, "timeToLive" | "timeout" | "fallback"> {
  readonly apiUrl: string
  /** Without it each process is on its own. */
  readonly redisUrl?: string | undefined
  readonly storeId?: string | undefined
}

/**
 * Either checks each of the given number of customers once and all at once, or runs the given number of checks per
 * second on random ones.
 */
export interface Task {
  readonly customers: number
  readonly perSecond?: number
  readonly seconds?: number
}

/** The results of the checks. */
export interface Report {
  readonly checks: number
  readonly denied: number
  readonly failed: number
  readonly sources: Readonly<Record<Entitlements.Source, number>>
  /** The maximum and the 99th percentile, in milliseconds. */
  readonly longestWait: number
  readonly wait99: number
  /** The longest delay of the event loop in milliseconds. No check can be answered during it. */
  readonly longestLag: number
  readonly warnings: ReadonlyArray<string>
}
