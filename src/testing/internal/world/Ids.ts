/**
 * Generates the emulator's ids and cursors. It maps a serial number within a scope to a UUID and back,
 * deterministically for a seed and without storing anything.
 */
export interface Ids {
  readonly seed: number
  /** The UUID for `serial` in `scope`. */
  readonly uuid: (scope: string, serial: number) => string
  /** The serial from which {@link uuid} made `uuid` in this scope; undefined for any other string. */
  readonly serial: (scope: string, uuid: string) => number | undefined
}

/** Creates the generator for a seed. */
export const make = (seed: number): Ids => {
  const key = (scope: string) => {
    let hash = mix(seed | 0)
    for (let i = 0; i < scope.length; i++) hash = mix(hash ^ scope.charCodeAt(i))
    return hash
  }
  const uuid = (scope: string, serial: number) => {
    const scopeKey = key(scope)
    const second = mix(scopeKey ^ mix(serial + 1))
    const third = mix(second ^ scopeKey)
    const fourth = mix(third ^ serial)
    const hex = [(serial ^ scopeKey) >>> 0, second >>> 0, third >>> 0, fourth >>> 0]
      .map((word) => word.toString(16).padStart(8, "0"))
      .join("")
    const variant = "89ab".charAt(third & 3)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }
  return {
    seed,
    uuid,
    serial: (scope, text) => {
      const serial = (Number.parseInt(text.slice(0, 8), 16) ^ key(scope)) >>> 0
      return uuid(scope, serial) === text.toLowerCase() ? serial : undefined
    }
  }
}

/** The finalizer of MurmurHash3: each input bit flips about half of the output bits. */
const mix = (input: number): number => {
  let hash = input
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
