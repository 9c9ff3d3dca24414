import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import type { StiggError } from "../../StiggError.js"
import { isRetryable, retryAfter } from "../../StiggError.js"
import * as Fault from "./Fault.js"
import * as Override from "./Override.js"
import * as Quantity from "./Quantity.js"

/**
 * Options for the calls of one effect or stream.
 *
 * @example
 * import { Schedule } from "effect"
 * import { RetryPolicy } from "effect-stigg"
 *
 * const patient: RetryPolicy.CallOptions = { maxRetries: 10, schedule: Schedule.spaced("5 seconds") }
 * console.log(patient.maxRetries)
 *
 * @category models
 * @since 0.1.0
 */
export interface CallOptions {
  /** How often a call is sent again at most: 2 by default, 0 for never, `Infinity` for no limit. */
  readonly maxRetries?: number | undefined
  /** When it is sent again: {@link defaultSchedule} unless told otherwise. `Retry-After` goes before it. */
  readonly schedule?: Schedule.Schedule<unknown, StiggError> | undefined
  /** Which errors are worth it: `StiggError.isRetryable` unless told otherwise. */
  readonly while?: ((error: StiggError) => boolean) | undefined
  /** The longest `Retry-After` that is waited for, 60 seconds by default. Past it the error is raised at once. */
  readonly retryAfterCap?: Duration.DurationInput | undefined
}

/**
 * What keeps an outage from multiplying the load: a retry costs tokens, a success returns some, and without tokens
 * nothing is sent again.
 *
 * @example
 * import { RetryPolicy } from "effect-stigg"
 *
 * const budget: RetryPolicy.Budget = { capacity: 100, cost: 5, refund: 1 }
 * console.log(budget.capacity / budget.cost) // 20
 *
 * @category models
 * @since 0.1.0
 */
export interface Budget {
  /** Tokens of a client: 100 by default. */
  readonly capacity: number
  /** Tokens for a retry: 5 by default. */
  readonly cost: number
  /** Tokens that a success returns: 1 by default. */
  readonly refund: number
}

/**
 * Options for all calls of a client.
 *
 * @example
 * import { RetryPolicy } from "effect-stigg"
 *
 * const options: RetryPolicy.Options = { maxRetries: 5, budget: false }
 * console.log(options.maxRetries)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends CallOptions {
  /** The client's budget; false for none. */
  readonly budget?: Partial<Budget> | false | undefined
}

/**
 * Half a second, doubling up to 8 seconds, each delay shortened by up to a quarter at random, so that clients that failed
 * together do not come back together.
 *
 * @example
 * import { RetryPolicy } from "effect-stigg"
 *
 * const unlimited: RetryPolicy.CallOptions = { maxRetries: Infinity, schedule: RetryPolicy.defaultSchedule }
 * console.log(unlimited.maxRetries)
 *
 * @category schedules
 * @since 0.1.0
 */
export const defaultSchedule: Schedule.Schedule<unknown, StiggError> = Schedule.exponential("500 millis", 2).pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "8 seconds")),
  Schedule.jitteredWith({ min: 0.75, max: 1 })
)

/** What is wrong with the options of a call, or null. */
export const callFault = ({ maxRetries, retryAfterCap }: CallOptions): Fault.Fault | null =>
  Fault.first([
    ["maxRetries", Quantity.countFault(maxRetries)],
    ["retryAfterCap", Quantity.durationFault(retryAfterCap)]
  ])

/** What is wrong with the options of a client, or null. */
export const fault = (options: Options): Fault.Fault | null => {
  const { capacity, cost, refund } = options.budget || {}
  return (
    callFault(options) ??
    Fault.first([
      ["budget.capacity", Quantity.amountFault(capacity)],
      ["budget.cost", Quantity.amountFault(cost)],
      ["budget.refund", Quantity.amountFault(refund)]
    ])
  )
}

/** The overrides in force where a call is made. */
export class Current extends Context.Reference<Current>()("effect-stigg/RetryPolicy/Current", {
  defaultValue: (): CallOptions => ({})
}) {}

/** The policy `over` on top of `under`. */
export const merge = (under: CallOptions, over: CallOptions): CallOptions => ({ ...under, ...Override.defined(over) })

/** A client's tokens. */
export interface Tokens {
  /** Takes the cost of a retry; false, and nothing taken, when too few are left. */
  readonly spend: Effect.Effect<boolean>
  /** Returns what a success is worth. */
  readonly refund: Effect.Effect<void>
}

/** The tokens of a new client. */
export const makeTokens = (budget: Options["budget"]): Effect.Effect<Tokens> => {
  if (budget === false) return Effect.succeed({ spend: Effect.succeed(true), refund: Effect.void })
  const { capacity, cost, refund } = { capacity: 100, cost: 5, refund: 1, ...budget }
  return Effect.map(Ref.make(capacity), (tokens) => ({
    spend: Ref.modify(tokens, (left) => (left >= cost ? [true, left - cost] : [false, left])),
    refund: Ref.update(tokens, (left) => Math.min(capacity, left + refund))
  }))
}

/**
 * The schedule that a policy stands for. The tokens are asked last, so that only a retry that will happen is paid for.
 */
export const toSchedule = (policy: CallOptions, tokens: Tokens): Schedule.Schedule<unknown, StiggError> => {
  const cap = Duration.decode(policy.retryAfterCap ?? "60 seconds")
  const worthwhile = policy.while ?? isRetryable
  return Schedule.identity<StiggError>().pipe(
    Schedule.intersect(policy.schedule ?? defaultSchedule),
    Schedule.intersect(Schedule.recurs(policy.maxRetries ?? 2)),
    Schedule.whileInput((error) => worthwhile(error) && Duration.lessThanOrEqualTo(retryAfter(error) ?? 0, cap)),
    Schedule.modifyDelay(([[error]], delay) => retryAfter(error) ?? delay),
    Schedule.checkEffect(() => tokens.spend)
  )
}
