import * as Effect from "effect/Effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** What one of several ways to do the same work costs per unit of it. */
export interface Measured {
  /** The work. */
  readonly what: string
  /** One unit of the work, such as `"a page"`. */
  readonly unit: string
  readonly way: string
  readonly wall: Spread
  /** CPU time of all threads of this process, which does not include the server. */
  readonly cpu: Spread
  /** How many times the wall and CPU time of the baseline; the medians of all rounds. */
  readonly ratio: number
  readonly cpuRatio: number
  /** The highest ratio that the bench accepts: of CPU time where nothing waits, else of wall time. */
  readonly bound: number | null
  readonly boundOf: "wall" | "cpu"
  /** As `ratio`, of the way named `"peer"`; null without one. */
  readonly ofPeer: number | null
  readonly boundOfPeer: number | null
}

/** Milliseconds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** One way to do the work. The first one is the baseline of the others. */
export interface Way<E, R> {
  readonly way: string
  readonly run: Effect.Effect<unknown, E, R>
  readonly bound?: number
  readonly boundOf?: "wall" | "cpu"
  readonly boundOfPeer?: number
}

/** Fewer rounds and less work, and only the ways that a bound applies to, for CI. */
export const isShort = process.argv.includes("--short")

const warmUps = isShort ? 1 : 2
const rounds = isShort ? 3 : 5

/**
 * Measures all ways in turn, round by round, so that whatever else the machine does affects all of them. Each round
 * starts with another one. A ratio is that of one round.
 */
export const race = <E, R>(options: {
  readonly what: string
  readonly unit: string
  /** How many units one run does. */
  readonly units: number
  readonly ways: ReadonlyArray<Way<E, R>>
  /** Runs before each run, and is not measured. */
  readonly before?: Effect.Effect<void>
}): Effect.Effect<ReadonlyArray<Measured>, E, R> =>
  Effect.gen(function* () {
    const { what, unit, units } = options
    const ways = options.ways.filter(
      ({ bound, boundOfPeer, way }, index) =>
        !isShort || index === 0 || way === "peer" || bound !== undefined || boundOfPeer !== undefined
    )
    const costs = ways.map((): Array<Cost> => [])
    for (let round = -warmUps; round < rounds; round++) {
      for (let turn = 0; turn < ways.length; turn++) {
        const index = (turn + round + warmUps) % ways.length
        const way = ways[index]
        if (way === undefined) continue
        const cost = yield* measured(options.before ?? Effect.void, way.run)
        if (round >= 0) costs[index]?.push({ wall: cost.wall / units, cpu: cost.cpu / units })
      }
    }
    const peer = ways.findIndex(({ way }) => way === "peer")
    const ratioTo = (base: number, index: number, of: keyof Cost) =>
      spread((costs[index] ?? []).map((cost, round) => cost[of] / (costs[base]?.[round]?.[of] ?? Number.NaN))).median
    return ways.map(({ bound, boundOf, boundOfPeer, way }, index) => ({
      what,
      unit,
      way,
      wall: spread((costs[index] ?? []).map(({ wall }) => wall)),
      cpu: spread((costs[index] ?? []).map(({ cpu }) => cpu)),
      ratio: ratioTo(0, index, "wall"),
      cpuRatio: ratioTo(0, index, "cpu"),
      bound: bound ?? null,
      boundOf: boundOf ?? "wall",
      ofPeer: peer < 0 ? null : ratioTo(peer, index, "wall"),
      boundOfPeer: peer < 0 ? null : (boundOfPeer ?? null)
    }))
  })

/** Milliseconds. */
interface Cost {
  readonly wall: number
  readonly cpu: number
}

const measured = <E, R>(before: Effect.Effect<void>, run: Effect.Effect<unknown, E, R>): Effect.Effect<Cost, E, R> =>
  Effect.gen(function* () {
    yield* before
    // The garbage of one way is not charged to the next.
    collectGarbage()
    const cpu = process.cpuUsage()
    const start = performance.now()
    yield* run
    const wall = performance.now() - start
    const { system, user } = process.cpuUsage(cpu)
    return { wall, cpu: (user + system) / 1000 }
  })

setFlagsFromString("--expose-gc")
export const collectGarbage = runInNewContext("gc") as () => void

const spread = (values: ReadonlyArray<number>): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN
  }
}

/** How far the ratio is within its bound: at most 1 if the bound is kept. */
export const ofBound = ({ bound, boundOf, boundOfPeer, cpuRatio, ofPeer, ratio }: Measured): number =>
  Math.max(
    bound === null ? 0 : (boundOf === "cpu" ? cpuRatio : ratio) / bound,
    boundOfPeer === null || ofPeer === null ? 0 : ofPeer / boundOfPeer
  )

/** Milliseconds in a unit that can be read. */
export const time = (millis: number): string => {
  if (millis >= 1000) return `${(millis / 1000).toFixed(2)} s`
  if (millis >= 1) return `${millis.toFixed(2)} ms`
  return millis >= 0.001 ? `${(millis * 1000).toFixed(1)} µs` : `${(millis * 1e6).toFixed(0)} ns`
}
