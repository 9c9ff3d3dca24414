import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Batch, Options, Progress } from "../../CustomerExport.js"
import * as Customers from "../../Customers.js"
import type * as StiggError from "../../StiggError.js"
import * as Failure from "../failure/Failure.js"
import * as InvalidOption from "../options/InvalidOption.js"
import * as Quantity from "../options/Quantity.js"
import * as Estimate from "../progress/Estimate.js"
import type * as WalkPlan from "./WalkPlan.js"
import { selection } from "./Selection.js"
import * as Walk from "./Walk.js"

/** Checks the options before anything is sent, and applies the defaults. */
export const checkOptions = ({
  checkpointEvery,
  expected,
  pageSize = 100,
  partitions = 1
}: Options & { readonly checkpointEvery?: Duration.DurationInput | undefined }): Effect.Effect<
  { readonly workers: number; readonly pageSize: number },
  StiggError.InvalidRequestError
> => {
  const invalid = InvalidOption.first([
    ["partitions", Quantity.wholeRule(partitions, 1, 1000)],
    ["pageSize", Quantity.wholeRule(pageSize, 1, 100)],
    ["expected", Quantity.wholeRule(expected, 0)],
    ["checkpointEvery", Quantity.durationRule(checkpointEvery)]
  ])
  return invalid === null
    ? Effect.succeed({ workers: partitions, pageSize })
    : Effect.fail(Failure.invalid("CustomerExport", invalid.field, invalid.rule))
}

/** The plan of an export that starts now. */
export const beginPlan = (options: Options): Effect.Effect<WalkPlan.WalkPlan, StiggError.InvalidRequestError> =>
  Effect.flatMap(checkOptions(options), (checked) => Walk.begin({ ...selection(options), ...checked }))

/** How far an export has come, and what is left. */
export interface Position {
  readonly plan: WalkPlan.WalkPlan
  readonly exported: number
  readonly pages: number
}

/** Streams the batches after a position, each with the position that follows it. */
export const batchesFrom = (
  start: Position,
  options: Options
): Stream.Stream<Batch & Position, StiggError.StiggError, Customers.Customers> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const customers = yield* Customers.Customers
      const startedAt = yield* Clock.currentTimeMillis
      const { keep } = selection(options)
      return Walk.walk(customers, start.plan, options.filter ?? {}).pipe(
        Stream.mapAccumEffect(start, (before, step) =>
          Effect.map(Clock.currentTimeMillis, (now): readonly [Position, Batch & Position] => {
            const kept = step.customers.filter(keep)
            const after = { plan: step.plan, exported: before.exported + kept.length, pages: before.pages + 1 }
            const progress = progressOf(after, now - startedAt, start.exported, options)
            return [after, { ...after, customers: kept, progress }]
          })
        )
      )
    })
  )

/** The progress at a position, after `millis` of a run that started with `before` customers. */
export const progressOf = (
  { exported, pages, plan }: Position,
  millis: number,
  before: number,
  { expected = null }: { readonly expected?: number | null | undefined }
): Progress => {
  const open = plan.regions.length + plan.waiting.length + plan.walking.size
  return {
    exported,
    pages,
    elapsed: Duration.millis(millis),
    rate: millis === 0 ? 0 : ((exported - before) * 1000) / millis,
    ...(open === 0 ? Estimate.complete : Estimate.make({ total: expected, done: exported, before, millis })),
    windows: { done: plan.done, open }
  }
}
