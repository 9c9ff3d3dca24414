import type { Key } from "./StateStore.js"

// The ids are JSON, so that different ids never make the same key, and every key is valid as a file name.

export const state = (key: Key): string => `state:${idsOf(key)}`

/** The key of the lock that a process holds while it loads a state. */
export const lock = (key: Key): string => `lock:${idsOf(key)}`

export const version = (customerId: string): string => `version:${JSON.stringify(customerId)}`

const idsOf = ({ customerId, resourceId }: Key): string =>
  JSON.stringify(resourceId === undefined ? [customerId] : [customerId, resourceId])
