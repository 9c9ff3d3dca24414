import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { ImportSourceError } from "../../../CustomerImport.js"
import { StiggClient } from "../../../StiggClient.js"
import type { Winners } from "../../import/Duplicates.js"
import type { JobKind } from "../JobKind.js"
import { JobHalted } from "../JobKind.js"
import type { JobRecord } from "../JobRecord.js"
import { Totals } from "../JobRecord.js"
import { FleetRate } from "../../../jobs/FleetRate.js"
import { OpenSources } from "../source/OpenSources.js"
import * as ImportPart from "./ImportPart.js"
import { decodePayload } from "./ImportPayload.js"
import { ImportPlan, ImportSpec } from "./ImportSpec.js"
import { planImport } from "./planImport.js"

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

  const payloadOf = (job: JobRecord) => Effect.mapError(decodePayload(job), unreadable)

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
        const spec = yield* Effect.mapError(decodeSpec(part.spec), unreadable)
        const plan = yield* Effect.mapError(decodePlan(job.plan ?? ""), unreadable)
        const source = yield* Effect.mapError(sources.open(payload.source), lostSource)
        const checkVersion = Effect.gen(function* () {
          if ((yield* Effect.mapError(source.version, lostSource)) !== plan.version) return yield* changed()
        })
        yield* checkVersion
        const isWhole = yield* ImportPart.run({
          ...{ client, rate, job, part, control, output: null },
          rows: source.rows(spec.start, spec.until).pipe(
            Stream.mapError(lostSource),
            Stream.map(({ row }) => row)
          ),
          count: spec.rows,
          winners: winnersOf(spec),
          integrationId: payload.integrationId,
          batchSize: payload.batchSize,
          giveUpAfter: payload.giveUpAfter
        })
        if (!isWhole) return yield* changed()
      }),
    finish: ({ totals }) => Effect.succeed(encodeTotals(totals)),
    discard: () => Effect.void
  }
})

const winnersOf = (spec: ImportSpec): Winners => {
  const losers = new Map(spec.losers)
  return { isChecked: false, winner: (_, row) => losers.get(row) ?? row }
}

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
