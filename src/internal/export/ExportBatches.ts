import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Customers from "../../Customers.js"
import type * as Schemas from "../../Schemas.js"
import type * as StiggError from "../../StiggError.js"
import * as Failure from "../failure/Failure.js"
import * as Fault from "../options/Fault.js"
import * as Quantity from "../options/Quantity.js"
import type * as WalkPlan from "./WalkPlan.js"
import type { Options } from "./Selection.js"
import { selection } from "./Selection.js"
import * as Walk from "./Walk.js"

/**
 * The progress of an export, for a log or a progress bar.
 *
 * @example
 * import type { CustomerExport } from "effect-stigg"
 *
 * const line = ({ exported, rate, windows }: CustomerExport.Progress): string =>
 *   `${exported} customers, ${Math.round(rate)} per second, ${windows.done} windows done, ${windows.open} known to be left`
 * console.log(line)
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  /** Customers exported so far, including those of the runs that this one resumes. */
  readonly exported: number
  /** Pages fetched so far, including those of the runs that this one resumes. */
  readonly pages: number
  /** The duration of this run. */
  readonly elapsed: Duration.Duration
  /** Customers per second in this run. */
  readonly rate: number
  /** Windows of creation time: those that are done, and those known to be left. More can turn up later. */
  readonly windows: { readonly done: number; readonly open: number }
}

/**
 * The customers of one page, and the progress of the export including them.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.batches({ partitions: 4 }).pipe(
 *   Stream.runForEach(({ customers, progress }) => Effect.log(`${customers.length} more, ${progress.exported} in all`))
 * )
 *
 * @category models
 * @since 0.1.0
 */
export interface Batch {
  readonly customers: ReadonlyArray<Schemas.Customer>
  readonly progress: Progress
}

/** Checks the options before anything is sent, and applies the defaults. */
export const checkOptions = ({
  checkpointEvery,
  pageSize = 100,
  partitions = 1
}: Options & { readonly checkpointEvery?: Duration.DurationInput | undefined }): Effect.Effect<
  { readonly workers: number; readonly pageSize: number },
  StiggError.InvalidRequestError
> => {
  const fault = Fault.first([
    ["partitions", Quantity.wholeFault(partitions, 1, 1000)],
    ["pageSize", Quantity.wholeFault(pageSize, 1, 100)],
    ["checkpointEvery", Quantity.durationFault(checkpointEvery)]
  ])
  return fault === null
    ? Effect.succeed({ workers: partitions, pageSize })
    : Effect.fail(Failure.invalid("CustomerExport", fault.field, fault.rule))
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
            const progress = progressOf(after, now - startedAt, start.exported)
            return [after, { ...after, customers: kept, progress }]
          })
        )
      )
    })
  )

/** The progress at a position, after `millis` of a run that started with `before` customers. */
export const progressOf = ({ exported, pages, plan }: Position, millis: number, before: number): Progress => ({
  exported,
  pages,
  elapsed: Duration.millis(millis),
  rate: millis === 0 ? 0 : ((exported - before) * 1000) / millis,
  windows: { done: plan.done, open: plan.regions.length + plan.waiting.length + plan.walking.size }
})
