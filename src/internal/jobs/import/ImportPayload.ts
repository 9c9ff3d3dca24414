import * as Effect from "effect/Effect"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Source } from "../../../jobs/Source.js"
import type { JobRecord } from "../JobRecord.js"

export const JobId = Schema.String.pipe(Schema.minLength(1), Schema.maxLength(200))

const whole = (least: number, most: number) => Schema.Int.pipe(Schema.between(least, most))

export const ImportPayload = Schema.Struct({
  /** Names the job: starting a second one with the same id returns the first. 1 to 200 characters. */
  id: JobId,
  source: Source,
  /** The integration that the billing ids belong to. */
  integrationId: Schema.optional(Schema.String),
  /** Rows per request, 1 to 1,000. Default: 1,000. */
  batchSize: Schema.optional(whole(1, 1000)),
  /** Maximum number of in-flight requests over all runners, 1 to 100. Default: 4. */
  concurrency: Schema.optional(whole(1, 100)),
  /** Rows in a part, 1 to 1,000,000. A part is read and sent by one runner at a time. Default: 10,000. */
  partRows: Schema.optional(whole(1, 1_000_000)),
  /** How long the API may answer with nothing but failures before the job pauses. Default: 10 minutes. */
  giveUpAfter: Schema.optional(Schema.DurationFromMillis)
})

export type ImportPayload = typeof ImportPayload.Type

const decodeText = Schema.decode(Schema.parseJson(ImportPayload))
const decodeSource = Schema.decode(Schema.parseJson(Source))

/** The payload of a job, with the source that it reads now. */
export const decodePayload = ({
  payload,
  source
}: Pick<JobRecord, "payload" | "source">): Effect.Effect<ImportPayload, ParseResult.ParseError> =>
  Effect.gen(function* () {
    const decoded = yield* decodeText(payload)
    return source === null ? decoded : { ...decoded, source: yield* decodeSource(source) }
  })
