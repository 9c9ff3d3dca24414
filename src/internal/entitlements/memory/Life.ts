import type { Message } from "../../../EntitlementsChannel.js"
import type { Settings } from "../Settings.js"
import type { Freshness } from "./Freshness.js"

/**
 * Decides what is fresh: the times to live while the channel is connected and while it is not, and what may have missed
 * an invalidation.
 *
 * Mutable, because each check reads it. Only synchronous code changes it.
 */
export class Life {
  private isConnected = false
  private knownSince = -Infinity

  constructor(private readonly settings: Settings) {}

  /** Takes note of the channel's state. */
  onMessage(message: Exclude<Message, { readonly _tag: "Invalidated" }>, now: number): void {
    this.isConnected = message._tag === "Connected"
    // What was known before may have changed without a message. A store of the fleet knows, and is read first.
    if (this.isConnected) this.knownSince = now
  }

  /** How long what is fetched now is fresh, in milliseconds. */
  get timeToLive(): number {
    return this.isConnected ? this.settings.connectedTimeToLive : this.settings.timeToLive
  }

  isFresh(freshness: Freshness, now: number): boolean {
    return (
      now < (this.isConnected ? freshness.connected : freshness.alone).expiresAt && freshness.knownAt >= this.knownSince
    )
  }

  /** Whether a fresh response is due for a refresh in the background. */
  isDue(freshness: Freshness, now: number): boolean {
    return now >= (this.isConnected ? freshness.connected : freshness.alone).refreshAt
  }
}
