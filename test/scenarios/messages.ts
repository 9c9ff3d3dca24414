import type { Entitlements } from "effect-stigg"

/** How a process of the fleet is made. */
export interface Options extends Pick<Entitlements.Options, "timeToLive" | "timeout" | "fallback"> {
  readonly apiUrl: string
  /** Without it each process is on its own. */
  readonly redisUrl?: string | undefined
  readonly storeId?: string | undefined
}

/** Each of so many customers once and all at once, or so many checks a second of any of them. */
export interface Task {
  readonly customers: number
  readonly perSecond?: number
  readonly seconds?: number
}

/** What became of the checks. */
export interface Report {
  readonly checks: number
  readonly denied: number
  readonly failed: number
  readonly sources: Readonly<Record<Entitlements.Source, number>>
  /** The longest, and the one that 99 % of the checks stay below, in milliseconds. */
  readonly longestWait: number
  readonly wait99: number
  /** How late the event loop was at its latest, in milliseconds: no check can be answered meanwhile. */
  readonly longestLag: number
  readonly warnings: ReadonlyArray<string>
}
