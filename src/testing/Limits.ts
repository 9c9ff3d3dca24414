/**
 * How many requests a minute the API lets through.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Issue from "../internal/failure/Issue.js"

const perMinute = (requests: number) =>
  Schema.optionalWith(Schema.Int.pipe(Schema.positive()), { default: () => requests })

/**
 * The schema of {@link Limits}. Each left out is the API's own.
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
  /** Changes to one customer, whatever the operation; an import is none. */
  customerChanges: perMinute(30),
  imports: perMinute(250),
  /** Of provision, update and archive each. */
  writes: perMinute(250),
  /** Of each operation that reads. */
  reads: perMinute(3000),
  revokes: perMinute(500)
}).annotations({ identifier: "Limits", parseOptions: { onExcessProperty: "error" } })

/**
 * How many requests a minute the emulator lets through; the next answers 429, with `Retry-After`.
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
 * Limits as they are written down: `true` for the API's own, or some of them.
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
 * Limits that are out of range, or of a kind that the emulator does not know.
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
 * Reads limits; none where there are none to keep.
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
