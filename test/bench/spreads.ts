/** The creation times of the customers in the measured export, in order, in milliseconds. */

const count = 30_000
const start = Date.parse("2024-01-01T00:00:00.000Z")
const hour = 3_600_000
const span = 17_000 * hour

/** A pseudo-random number from 0 to 1 for each index. The same every time. */
const chance = (n: number): number => {
  let x = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
}

const inOrder = (time: (i: number) => number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, i) => start + Math.floor(time(i))).sort((a, b) => a - b)

export const spreads = {
  /** Random over two years. */
  evenly: inOrder((i) => chance(i) * span),
  /** Nine of ten within one hour. */
  inOneHour: inOrder((i) => (i % 10 === 0 ? chance(i) * span : span / 2 + chance(i) * hour))
}

export type Spread = keyof typeof spreads

export const pageCount = count / 100
