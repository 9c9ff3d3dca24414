import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import type { Row } from "../../../CustomerImport.js"
import type { Service } from "../../../StiggClient.js"
import type { Outcome } from "../../import/Delivery.js"
import * as Delivery from "../../import/Delivery.js"
import type { Winners } from "../../import/Duplicates.js"
import type { Pace } from "../../import/Pace.js"
import * as PreparedBatch from "../../import/PreparedBatch.js"
import type { PartControl, PartStopped } from "../JobKind.js"
import { JobHalted } from "../JobKind.js"
import type { JobRecord, PartRecord, Totals } from "../JobRecord.js"
import * as Patience from "../Patience.js"
import type { FleetRate } from "../../../jobs/FleetRate.js"
import * as StoredReject from "./StoredReject.js"

export interface ImportPart {
  readonly client: Service
  readonly rate: FleetRate
  readonly job: JobRecord
  readonly part: PartRecord
  readonly control: PartControl
  /** The rows of the part from its start: the same each time. */
  readonly rows: Stream.Stream<Row, JobHalted>
  /** How many rows the part has: at least one. */
  readonly count: number
  readonly winners: Winners
  /** What is recorded with each batch. */
  readonly output: string | null
  readonly integrationId: string | undefined
  readonly batchSize: number | undefined
  readonly giveUpAfter: Duration.Duration | undefined
}

/**
 * Imports what is left of a part, and records each batch. Returns false if the part ends before its last row.
 *
 * Rows are never rejected because the API is down: the job pauses if it is down for too long, and at once if the key or
 * the URL is wrong. Each attempt has the same idempotency keys.
 */
export const run = ({
  batchSize = 1000,
  giveUpAfter = Duration.minutes(10),
  ...part
}: ImportPart): Effect.Effect<boolean, JobHalted | PartStopped> =>
  Effect.gen(function* () {
    const { control, count } = part
    const deliver = yield* Delivery.make({
      ...{ client: part.client, pace: paceOf(part.rate), integrationId: part.integrationId },
      importId: part.job.instance,
      // Repeated below, where a pause or a cancellation is heard in between.
      retry: { maxRetries: 0 }
    })
    const patiently = Patience.make({
      ...{ control, giveUpAfter, isFatal: Delivery.isFatal },
      // All runners wait for a `Retry-After` together, in the shared rate.
      afterRateLimit: () => Duration.seconds(1)
    })
    const done = yield* Ref.make(part.part.totals.rows)
    const refused = yield* Ref.make(0)
    yield* part.rows.pipe(
      Stream.take(count),
      Stream.drop(part.part.totals.rows),
      Stream.rechunk(batchSize),
      Stream.chunks,
      Stream.map(PreparedBatch.prepare(part.winners)),
      // The next batch is read and checked while one is in flight.
      Stream.buffer({ capacity: 1 }),
      Stream.runForEach((batch) =>
        Effect.gen(function* () {
          yield* control.goOn
          const outcome = yield* patiently(Effect.flatMap(batch.sendWith(deliver), orFailure))
          const rows = yield* Ref.updateAndGet(done, (done) => done + batch.rows)
          yield* control.record({
            totals: totalsOf(batch.rows, outcome),
            rejects: outcome.rejected.map(StoredReject.encode),
            isDone: rows === count,
            output: part.output
          })
          yield* giveUpIfRefused(outcome, refused)
        })
      )
    )
    return (yield* Ref.get(done)) === count
  })

const orFailure = (outcome: Outcome) =>
  outcome.failure === null ? Effect.succeed(outcome) : Effect.fail(outcome.failure)

/** Batches in a row that may be refused as a whole: the cause may be something that all rows share. */
const maxRefused = 3

const giveUpIfRefused = ({ refusal }: Outcome, refused: Ref.Ref<number>): Effect.Effect<void, JobHalted> =>
  Effect.gen(function* () {
    const inARow = yield* Ref.updateAndGet(refused, (before) => (refusal === null ? 0 : before + 1))
    if (refusal === null || inARow < maxRefused) return
    return yield* new JobHalted({
      desired: "Pause",
      problem: `The API refused every row of ${maxRefused} batches in a row: ${refusal.message}`
    })
  })

const paceOf = (rate: FleetRate): Pace => ({
  request: (send) =>
    Effect.zipRight(
      rate.take,
      Effect.tapError(send, (error) =>
        error._tag === "StiggRateLimitError" && error.retryAfter !== null ? rate.pause(error.retryAfter) : Effect.void
      )
    ),
  concurrency: Effect.succeed(1),
  requests: Effect.succeed(0)
})

const totalsOf = (rows: number, outcome: Outcome): Totals => ({
  rows,
  created: outcome.created.length,
  updated: outcome.updated,
  updatedOrSkipped: outcome.updatedOrSkipped,
  rejected: outcome.rejected.length
})
