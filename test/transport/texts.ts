import * as Redacted from "effect/Redacted"

/**
 * All strings that can be reached from a value: own properties, including non-enumerable ones, their names, entries,
 * and bytes.
 */
export const texts = (root: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  const seen = new Set<unknown>()
  const walk = (value: unknown): void => {
    if (typeof value === "string") found.push(value)
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return
    if (Redacted.isRedacted(value) || value instanceof WeakMap) return
    seen.add(value)
    if (value instanceof Uint8Array) {
      found.push(Buffer.from(value).toString("utf8"), Buffer.from(value).toString("latin1"))
      return
    }
    if (value instanceof Map || value instanceof Set) for (const entry of value) walk(entry)
    for (const key of Reflect.ownKeys(value)) {
      found.push(String(key))
      const descriptor = Object.getOwnPropertyDescriptor(value, key)
      if (descriptor !== undefined && "value" in descriptor) walk(descriptor.value)
    }
  }
  walk(root)
  return found
}
