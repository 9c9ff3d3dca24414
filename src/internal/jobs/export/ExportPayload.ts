import * as Schema from "effect/Schema"
import { JobId } from "../import/ImportPayload.js"
import { Selected } from "../../../jobs/ExportManifest.js"
import { Target } from "../../../jobs/Target.js"

const whole = (least: number, most: number) => Schema.Int.pipe(Schema.between(least, most))

/** How the customers of an environment are read by parts. */
export const reading = {
  /** How many parts are read at once, over all runners, 1 to 100. Default: 4. */
  concurrency: Schema.optional(whole(1, 100)),
  /** How many windows of creation time are fetched in parallel within a part, 1 to 100. Default: 1. */
  partitions: Schema.optional(whole(1, 100)),
  /**
   * About how many customers a part should have, 100 to 1,000,000. Default: 10,000. The API cannot count, so a part can
   * have far more.
   */
  partRows: Schema.optional(whole(100, 1_000_000)),
  /** How many customers you expect. It is used only for the `total`, `fraction` and `remaining` of a job. */
  expected: Schema.optional(Schema.Int.pipe(Schema.nonNegative())),
  /** How long the API may answer with nothing but failures before the job pauses. Default: 10 minutes. */
  giveUpAfter: Schema.optional(Schema.DurationFromMillis)
}

export const ExportPayload = Schema.Struct({
  /** Names the job: starting a second one with the same id returns the first. 1 to 200 characters. */
  id: JobId,
  target: Target,
  ...Selected.fields,
  ...reading,
  /** About the most bytes in a file, 1,000 to 256 MiB. A file is made in memory. Default: 16 MiB. */
  maxFileBytes: Schema.optional(whole(1000, 256 * 1024 * 1024))
})

export type ExportPayload = typeof ExportPayload.Type
