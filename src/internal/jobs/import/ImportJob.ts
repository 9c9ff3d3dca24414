import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { ImportSourceError } from "../../../CustomerImport.js"
import { StiggClient } from "../../../StiggClient.js"
import type { StiggError } from "../../../StiggError.js"
import type { Outcome } from "../../import/Delivery.js"
import * as Delivery from "../../import/Delivery.js"
import type { Winners } from "../../import/Duplicates.js"
import type { Pace } from "../../import/Pace.js"
import * as PreparedBatch from "../../import/PreparedBatch.js"
import type { JobKind, PartControl, PartStopped } from "../JobKind.js"
import { JobHalted } from "../JobKind.js"
import type { JobRecord } from "../JobRecord.js"
import { Totals } from "../JobRecord.js"
import { FleetRate } from "../rate/FleetRate.js"
import { OpenSources } from "../source/OpenSources.js"
import { ImportPayload } from "./ImportPayload.js"
import { ImportPlan, ImportSpec } from "./ImportSpec.js"
import { planImport } from "./planImport.js"
import * as StoredReject from "./StoredReject.js"

const decodePayload = Schema.decode(Schema.parseJson(ImportPayload))
const decodeSpec = Schema.decode(ImportSpec)
const encodeSpec = Schema.encodeSync(ImportSpec)
const decodePlan = Schema.decode(ImportPlan)
const encodePlan = Schema.encodeSync(ImportPlan)
const encodeTotals = Schema.encodeSync(Schema.parseJson(Totals))

export const name = "Import"

/** Imports the rows of a source. The parts are runs of rows. */
export const make: Effect.Effect<JobKind, never, StiggClient | FleetRate | OpenSources> = Effect.gen(function* () {
  const client = yield* StiggClient
  const rate = yield* FleetRate
  const sources = yield* OpenSources

  const payloadOf = (job: JobRecord) => Effect.mapError(decodePayload(job.payload), unreadable)

  return {
    name,
    concurrency: (job) => Effect.map(payloadOf(job), ({ concurrency = 4 }) => concurrency),
    plan: (job) =>
      Effect.gen(function* () {
        const { partRows = 10_000, source } = yield* payloadOf(job)
        const open = yield* Effect.mapError(sources.open(source), wrongSource)
        const { parts, rows, version } = yield* Effect.mapError(planImport(open, partRows), wrongSource)
        return {
          plan: encodePlan({ version, rows }),
          total: rows,
          parts: parts.map((part) => encodeSpec(part))
        }
      }),
    runPart: (job, part, control) =>
      Effect.gen(function* () {
        const payload = yield* payloadOf(job)
        const { batchSize = 1000, giveUpAfter = Duration.minutes(10) } = payload
        const spec = yield* Effect.mapError(decodeSpec(part.spec), unreadable)
        const plan = yield* Effect.mapError(decodePlan(job.plan ?? ""), unreadable)
        const source = yield* Effect.mapError(sources.open(payload.source), lostSource)
        const checkVersion = Effect.gen(function* () {
          if ((yield* Effect.mapError(source.version, lostSource)) !== plan.version) return yield* changed()
        })
        yield* checkVersion
        const deliver = yield* Delivery.make({
          ...{ client, pace: paceOf(rate), integrationId: payload.integrationId, importId: job.instance },
          // Repeated below, where a pause or a cancellation is heard in between.
          retry: { maxRetries: 0 }
        })
        const done = yield* Ref.make(part.totals.rows)
        const patience: Patience = { control, giveUpAfter, noted: false, refused: 0 }
        yield* source.rows(spec.start).pipe(
          Stream.mapError(lostSource),
          Stream.map(({ row }) => row),
          Stream.take(spec.rows),
          Stream.drop(part.totals.rows),
          Stream.rechunk(batchSize),
          Stream.chunks,
          Stream.map(PreparedBatch.prepare(winnersOf(spec))),
          // The next batch is read and checked while one is in flight.
          Stream.buffer({ capacity: 1 }),
          Stream.runForEach((batch) =>
            Effect.gen(function* () {
              yield* control.goOn
              const outcome = yield* deliverPatiently(batch.sendWith(deliver), patience)
              const rows = yield* Ref.updateAndGet(done, (done) => done + batch.rows)
              yield* control.record({
                totals: totalsOf(batch.rows, outcome),
                rejects: outcome.rejected.map(StoredReject.encode),
                isDone: rows === spec.rows,
                output: null
              })
              yield* giveUpIfRefused(outcome, patience)
            })
          )
        )
        if ((yield* Ref.get(done)) !== spec.rows) return yield* changed()
      }),
    finish: ({ totals }) => Effect.succeed(encodeTotals(totals))
  }
})

/** How a part bears failures that are not about its rows. Mutable: it belongs to one run of a part. */
interface Patience {
  readonly control: PartControl
  readonly giveUpAfter: Duration.Duration
  /** Whether the job shows why it waits. */
  noted: boolean
  /** Batches in a row of which the API refused every row. */
  refused: number
}

/** Batches in a row that may be refused as a whole: the cause may be something that all rows share. */
const maxRefused = 3

const firstWait = Duration.seconds(1)
const longestWait = Duration.minutes(1)

/**
 * Sends a batch again and again until it is not answered with a failure. Rows are never rejected because the API is
 * down: the job pauses if it is down for too long, and at once if the key or the URL is wrong. Each attempt has the same
 * idempotency keys.
 */
const deliverPatiently = (
  send: Effect.Effect<Outcome>,
  patience: Patience
): Effect.Effect<Outcome, JobHalted | PartStopped> =>
  Effect.gen(function* () {
    const { control } = patience
    const since = yield* Clock.currentTimeMillis
    let wait = firstWait
    for (;;) {
      const outcome = yield* send
      const { failure } = outcome
      if (failure === null) {
        if (patience.noted) yield* control.note(null)
        patience.noted = false
        return outcome
      }
      const failing = Duration.millis((yield* Clock.currentTimeMillis) - since)
      if (Delivery.isFatal(failure) || Duration.greaterThanOrEqualTo(failing, patience.giveUpAfter)) {
        return yield* new JobHalted({ desired: "Pause", problem: problemOf(failure) })
      }
      if (failure._tag !== "StiggRateLimitError") {
        yield* control.note(problemOf(failure))
        patience.noted = true
      }
      // All runners wait for a `Retry-After` together, in the shared rate.
      yield* control.wait(failure._tag === "StiggRateLimitError" ? firstWait : wait)
      wait = Duration.min(Duration.times(wait, 2), longestWait)
    }
  })

const giveUpIfRefused = (outcome: Outcome, patience: Patience): Effect.Effect<void, JobHalted> => {
  patience.refused = outcome.refusal === null ? 0 : patience.refused + 1
  return outcome.refusal !== null && patience.refused >= maxRefused
    ? new JobHalted({
        desired: "Pause",
        problem: `The API refused every row of ${maxRefused} batches in a row: ${problemOf(outcome.refusal)}`
      })
    : Effect.void
}

const problemOf = (error: StiggError): string => error.message

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

const winnersOf = (spec: ImportSpec): Winners => {
  const losers = new Map(spec.losers)
  return { isChecked: false, winner: (_, row) => losers.get(row) ?? row }
}

const totalsOf = (rows: number, outcome: Outcome): Totals => ({
  rows,
  created: outcome.created.length,
  updated: outcome.updated,
  updatedOrSkipped: outcome.updatedOrSkipped,
  rejected: outcome.rejected.length
})

/** A source that cannot be planned: nothing has been sent, and another job can be started. */
const wrongSource = (error: ImportSourceError): JobHalted => new JobHalted({ desired: "Fail", problem: error.message })

/** A source that cannot be read any more. It may come back, unless it is another one now. */
const lostSource = (error: ImportSourceError): JobHalted => {
  switch (error.reason) {
    case "NotFound":
    case "Directory":
    case "PermissionDenied":
    case "Unreadable":
      return new JobHalted({ desired: "Pause", problem: error.message })
    case "Encoding":
    case "Header":
    case "Format":
    case "Changed":
    case "Invalid":
      return new JobHalted({ desired: "Fail", problem: error.message })
  }
}

const changed = () =>
  new JobHalted({
    desired: "Fail",
    problem: "The source changed: it is not the one that was read for the plan of this import"
  })

const unreadable = () =>
  new JobHalted({ desired: "Fail", problem: "The job was stored by a version that this one cannot read" })
