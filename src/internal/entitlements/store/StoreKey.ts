import type { Key } from "./StateStore.js"

// JSON, so that no two ids make one key, and any key can be the name of a file.

/** The key of a state. */
export const state = (key: Key): string => `state:${idsOf(key)}`

/** The key of the lock that one process holds while it loads a state. */
export const lock = (key: Key): string => `lock:${idsOf(key)}`

/** The key of a customer's version. */
export const version = (customerId: string): string => `version:${JSON.stringify(customerId)}`

const idsOf = ({ customerId, resourceId }: Key): string =>
  JSON.stringify(resourceId === undefined ? [customerId] : [customerId, resourceId])
