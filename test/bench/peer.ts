import * as Effect from "effect/Effect"
import { pathToFileURL } from "node:url"

/**
 * Another client of the same API to measure beside ours: `PEER=/path/to/module.mjs npm run bench`. The module exports
 * `make`. It is not a dependency of this project: the official client is not on npm under its name.
 */
export interface Peer {
  readonly retrieve: (id: string) => Promise<unknown>
  /** Fetches a page of 100; null for the first one. Resolves to the JSON of the response. */
  readonly listPage: (after: string | null) => Promise<unknown>
}

interface PeerModule {
  readonly make: (options: { readonly baseUrl: string; readonly apiKey: string }) => Peer
}

/** The peer on a server, or null without `PEER`. */
export const peerOn = (baseUrl: string, apiKey: string): Effect.Effect<Peer | null> =>
  Effect.promise(async () => {
    const path = process.env["PEER"]
    if (path === undefined) return null
    const { make } = (await import(pathToFileURL(path).href)) as PeerModule
    return make({ baseUrl, apiKey })
  })
