/**
 * The emulator's rate limits.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Issue from "../internal/failure/Issue.js"

const perMinute = (requests: number) =>
  Schema.optionalWith(Schema.Int.pipe(Schema.positive()), { default: () => requests })

/**
 * Decodes {@link Limits}. An omitted limit defaults to the API's own. Each limit must be a positive integer.
 *
 * @example
 * import { Schema } from "effect"
 * import { Limits } from "effect-stigg/testing"
 *
 * console.log(Schema.decodeSync(Limits.Limits)({}).customerChanges) // 30
 *
 * @category models
 * @since 0.1.0
 */
export const Limits = Schema.Struct({
  /** Writes to one customer, all operations together. Imports do not count. */
  customerChanges: perMinute(30),
  imports: perMinute(250),
  /** Separate limits for provision, update and archive, each of this size. */
  writes: perMinute(250),
  /** A separate limit of this size for each read operation. */
  reads: perMinute(3000),
  revokes: perMinute(500)
}).annotations({ identifier: "Limits", parseOptions: { onExcessProperty: "error" } })

/**
 * Limits in requests per minute. A request beyond a limit gets a 429 response with a `Retry-After` header.
 *
 * @example
 * import { Schema } from "effect"
 * import { Limits } from "effect-stigg/testing"
 *
 * const limits: Limits.Limits = Schema.decodeSync(Limits.Limits)({ imports: 10 })
 * console.log(limits.imports) // 10
 *
 * @category models
 * @since 0.1.0
 */
export type Limits = typeof Limits.Type

/**
 * Limits as options: `true` for the API's own limits, `false` for no limits, or an object that overrides some of the
 * API's own.
 *
 * @example
 * import type { Limits } from "effect-stigg/testing"
 *
 * const limits: Limits.Input = { customerChanges: 5 }
 * console.log(limits)
 *
 * @category models
 * @since 0.1.0
 */
export type Input = boolean | typeof Limits.Encoded

/**
 * A limit is out of range, or its name is unknown. The message names the limit.
 *
 * @example
 * import { Effect } from "effect"
 * import { Limits } from "effect-stigg/testing"
 *
 * const limits = Limits.decode({ reads: -1 }).pipe(
 *   Effect.catchTag("StiggInvalidLimitsError", ({ message }) => Effect.log(message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidLimits extends Schema.TaggedError<InvalidLimits>("effect-stigg/InvalidLimits")(
  "StiggInvalidLimitsError",
  { message: Schema.String }
) {}

const decodeLimits = Schema.decodeUnknown(Limits)

/**
 * Decodes limits. Returns `None` for `false` or `undefined`. Fails with {@link InvalidLimits}
 * (`StiggInvalidLimitsError`) if a limit is invalid.
 *
 * @example
 * import { Effect, Option } from "effect"
 * import { Limits } from "effect-stigg/testing"
 *
 * console.log(Option.isSome(Effect.runSync(Limits.decode(true)))) // true
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: Input | undefined): Effect.Effect<Option.Option<Limits>, InvalidLimits> =>
  input === undefined || input === false
    ? Effect.succeedNone
    : Effect.mapBoth(decodeLimits(input === true ? {} : input), {
        onSuccess: Option.some,
        onFailure: ({ issue }) =>
          new InvalidLimits({
            message: Issue.text(issue, "limits")
          })
      })
