import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { CallOptions, Options } from "../../RetryPolicy.js"
import type { StiggError } from "../../StiggError.js"
import { isRetryable, retryAfter } from "../../StiggError.js"
import * as InvalidOption from "./InvalidOption.js"
import * as Override from "./Override.js"
import * as Quantity from "./Quantity.js"

/**
 * Exponential backoff from half a second to 8 seconds. Jitter shortens each delay by up to a quarter, so that clients
 * that failed together do not retry together.
 *
 * @example
 * import { RetryPolicy } from "effect-stigg"
 *
 * const unlimited: RetryPolicy.CallOptions = { maxRetries: Infinity, schedule: RetryPolicy.defaultSchedule }
 * console.log(unlimited.maxRetries) // Infinity
 *
 * @category schedules
 * @since 0.1.0
 */
export const defaultSchedule: Schedule.Schedule<unknown> = Schedule.exponential("500 millis", 2).pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "8 seconds")),
  Schedule.jitteredWith({ min: 0.75, max: 1 })
)

/** The first invalid option of a call and the rule that it breaks, or null. */
export const invalidCallOption = ({ maxRetries, retryAfterCap }: CallOptions): InvalidOption.InvalidOption | null =>
  InvalidOption.first([
    ["maxRetries", Quantity.countRule(maxRetries)],
    ["retryAfterCap", Quantity.durationRule(retryAfterCap)]
  ])

/** The first invalid option of a client and the rule that it breaks, or null. */
export const invalidOption = (options: Options): InvalidOption.InvalidOption | null => {
  const { capacity, cost, refund } = options.budget || {}
  return (
    invalidCallOption(options) ??
    InvalidOption.first([
      ["budget.capacity", Quantity.amountRule(capacity)],
      ["budget.cost", Quantity.amountRule(cost)],
      ["budget.refund", Quantity.amountRule(refund)]
    ])
  )
}

/** The overrides in effect where a call is made. */
export class Current extends Context.Reference<Current>()("effect-stigg/RetryPolicy/Current", {
  defaultValue: (): CallOptions => ({})
}) {}

/** Merges policies; `over` takes precedence. */
export const merge = (under: CallOptions, over: CallOptions): CallOptions => ({ ...under, ...Override.defined(over) })

/** A client's retry budget. */
export interface Tokens {
  /** Takes the cost of a retry. If too few tokens are left, takes none and returns false. */
  readonly spend: () => boolean
  /** Refunds the tokens of a success. */
  readonly refund: () => void
}

export const makeTokens = (budget: Options["budget"]): Effect.Effect<Tokens> =>
  Effect.sync(() => {
    if (budget === false) return { spend: () => true, refund: () => {} }
    const { capacity, cost, refund } = { capacity: 100, cost: 5, refund: 1, ...budget }
    let left = capacity
    return {
      spend: () => {
        if (left < cost) return false
        left -= cost
        return true
      },
      refund: () => {
        left = Math.min(capacity, left + refund)
      }
    }
  })

/** Rounds up. The `TestClock` of effect 3.21 throws on a fraction of a millisecond, and jitter makes such fractions. */
export const wholeMillis = (delay: Duration.Duration): Duration.Duration =>
  Duration.millis(Math.ceil(Duration.toMillis(delay)))

/** The schedule of a policy. It spends tokens last, so that only an actual retry costs tokens. */
export const toSchedule = (policy: CallOptions, tokens: Tokens): Schedule.Schedule<unknown, StiggError> => {
  const cap = Duration.decode(policy.retryAfterCap ?? "60 seconds")
  const worthwhile = policy.while ?? isRetryable
  return Schedule.identity<StiggError>().pipe(
    Schedule.intersect(policy.schedule ?? defaultSchedule),
    Schedule.intersect(Schedule.recurs(policy.maxRetries ?? 2)),
    Schedule.whileInput((error) => worthwhile(error) && Duration.lessThanOrEqualTo(retryAfter(error) ?? 0, cap)),
    Schedule.modifyDelay(([[error]], delay) => wholeMillis(retryAfter(error) ?? delay)),
    Schedule.check(() => tokens.spend())
  )
}
