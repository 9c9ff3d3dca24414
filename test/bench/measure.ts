import * as Effect from "effect/Effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** What two ways to do the same work cost, for one unit of it. */
export interface Comparison {
  readonly name: string
  /** What one unit is, such as `"a page"`. */
  readonly unit: string
  readonly bare: Cost
  readonly sdk: Cost
  /** How many times the bare cost the SDK's may be. */
  readonly bound: number
}

/** Milliseconds. The CPU is that of all threads of this process, and not of the server. */
export interface Cost {
  readonly wall: number
  readonly cpu: number
}

const warmUps = 2
const rounds = 5

/**
 * Measures both sides in turn, so that what else the machine does, and how it drifts, falls on both. The side that goes
 * first changes from round to round.
 */
export const compare = <E, R>(options: {
  readonly name: string
  readonly unit: string
  /** How many units one run does. */
  readonly units: number
  readonly bound: number
  readonly bare: Effect.Effect<unknown, E, R>
  readonly sdk: Effect.Effect<unknown, E, R>
  /** Done before each run, and not measured. */
  readonly before?: Effect.Effect<void>
}): Effect.Effect<Comparison, E, R> =>
  Effect.gen(function* () {
    const bare: Array<Cost> = []
    const sdk: Array<Cost> = []
    const cost = costAfter(options.before ?? Effect.void)
    for (let round = -warmUps; round < rounds; round++) {
      const inOrder = round % 2 === 0
      const first = yield* cost(inOrder ? options.bare : options.sdk)
      const second = yield* cost(inOrder ? options.sdk : options.bare)
      if (round < 0) continue
      bare.push(inOrder ? first : second)
      sdk.push(inOrder ? second : first)
    }
    return {
      name: options.name,
      unit: options.unit,
      bare: medians(bare, options.units),
      sdk: medians(sdk, options.units),
      bound: options.bound
    }
  })

const costAfter =
  (before: Effect.Effect<void>) =>
  <E, R>(run: Effect.Effect<unknown, E, R>): Effect.Effect<Cost, E, R> =>
    Effect.gen(function* () {
      yield* before
      // The garbage of the one side is not charged to the other.
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

const medians = (costs: ReadonlyArray<Cost>, units: number): Cost => ({
  wall: median(costs.map((cost) => cost.wall)) / units,
  cpu: median(costs.map((cost) => cost.cpu)) / units
})

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
