import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Row } from "../../../CustomerImport.js"
import { StiggClient } from "../../../StiggClient.js"
import { fromNdjson } from "../../import/Ndjson.js"
import * as CustomerParts from "../export/CustomerParts.js"
import { ExportedFile } from "../../../jobs/ExportManifest.js"
import * as FileTarget from "../export/FileTarget.js"
import type { TargetError } from "../../../jobs/Target.js"
import * as ImportPart from "../import/ImportPart.js"
import type { JobKind } from "../JobKind.js"
import { JobHalted } from "../JobKind.js"
import type { JobRecord, PartRecord } from "../JobRecord.js"
import { noRows } from "../JobRecord.js"
import { FleetRate } from "../../../jobs/FleetRate.js"
import type { Environment } from "./Environment.js"
import { SyncPayload } from "./SyncPayload.js"
import { SyncResult } from "../../../jobs/SyncWorkflow.js"

const decodePayload = Schema.decode(Schema.parseJson(SyncPayload))
const encodeResult = Schema.encode(Schema.parseJson(SyncResult))

const Spooled = Schema.parseJson(Schema.Array(ExportedFile))
const encodeSpooled = Schema.encodeSync(Spooled)
const decodeSpooled = Schema.decode(Spooled)

export const name = "Sync"

/** Row numbers of different parts differ. */
const partStride = 1_000_000_000

const maxFileBytes = 16 * 1024 * 1024

/**
 * Imports the customers of another environment. The parts are windows of creation time. A part first reads its customers
 * into files and records their names, and then imports them: whoever has the part next goes on with the same rows.
 */
export const make = (
  environments: ReadonlyMap<string, Environment>
): Effect.Effect<JobKind, never, StiggClient | FleetRate> =>
  Effect.gen(function* () {
    const client = yield* StiggClient
    const rate = yield* FleetRate

    const opened = (job: JobRecord) =>
      Effect.gen(function* () {
        const payload = yield* Effect.mapError(decodePayload(job.payload), CustomerParts.unreadable)
        const environment = environments.get(payload.from)
        if (environment !== undefined) return { payload, ...environment }
        const known = [...environments.keys()].join(", ")
        return yield* new JobHalted({
          desired: "Fail",
          problem: `from: Expected an environment that this runner knows (${known === "" ? "none" : known})`
        })
      })

    /** The files of a part; those of the run that recorded them first. */
    const spooled = (
      { customers, payload, spool }: Effect.Effect.Success<ReturnType<typeof opened>>,
      [job, part, control]: Parameters<JobKind["runPart"]>
    ) =>
      Effect.gen(function* () {
        if (part.output !== null) return yield* filesOf(part)
        const { files } = yield* FileTarget.make(spool, { ...FileTarget.ndjsonFiles, maxFileBytes })
          .write(
            { instance: job.instance, part: part.part, owner: control.owner },
            CustomerParts.pages(customers, part.spec, readingOf(payload), control)
          )
          .pipe(Effect.mapError((error) => (error._tag === "StiggTargetError" ? haltedBy(error) : error)))
        yield* control.record({
          ...{ totals: noRows, rejects: [], isDone: files.length === 0 },
          output: encodeSpooled(files)
        })
        return files
      })

    const discard = (job: JobRecord) =>
      Effect.flatMap(opened(job), ({ spool }) =>
        Effect.mapError(spool.removeOthers(FileTarget.prefixOf(job.instance), new Set()), haltedBy)
      )

    return {
      name,
      concurrency: (job) => Effect.map(opened(job), ({ payload: { concurrency = 4 } }) => concurrency),
      plan: (job) =>
        Effect.flatMap(opened(job), ({ customers, payload }) => CustomerParts.plan(customers, readingOf(payload))),
      runPart: (job, part, control) =>
        Effect.gen(function* () {
          const open = yield* opened(job)
          const files = yield* spooled(open, [job, part, control])
          if (files.length === 0) return
          const { batchSize, giveUpAfter, integrationId, keepNewer = false } = open.payload
          const rows = Stream.fromIterable(files).pipe(
            Stream.flatMap((file) => Stream.fromEffect(Effect.mapError(open.spool.read(file.name), haltedBy))),
            Stream.map(Option.getOrElse(() => "")),
            Stream.encodeText,
            fromNdjson,
            Stream.mapError((error) =>
              error._tag === "JobHalted" ? error : new JobHalted({ desired: "Fail", problem: error.message })
            ),
            Stream.map((row) => toRow(row, part.part, { keepNewer, hasBilling: integrationId !== undefined }))
          )
          const isWhole = yield* ImportPart.run({
            ...{ client, rate, job, part, control, rows, batchSize, giveUpAfter, integrationId },
            count: files.reduce((sum, file) => sum + file.rows, 0),
            // Each customer is in one part, once.
            winners: { isChecked: false, winner: (_, row) => row },
            output: encodeSpooled(files)
          })
          if (!isWhole) {
            return yield* new JobHalted({
              desired: "Fail",
              problem: "A file of this sync is missing in its spool folder"
            })
          }
        }),
      finish: (job) =>
        Effect.gen(function* () {
          const watermark = yield* CustomerParts.watermarkOf(job.plan)
          yield* discard(job)
          return yield* Effect.mapError(encodeResult({ ...job.totals, watermark }), CustomerParts.unreadable)
        }),
      discard
    }
  })

const filesOf = ({ output }: PartRecord) => Effect.mapError(decodeSpooled(output ?? ""), CustomerParts.unreadable)

/** The `from` of a sync is an environment, and that of a reading is a time. */
const readingOf = ({ from: _, ...reading }: SyncPayload): CustomerParts.Reading => reading

/** Without `updatedAt`, the API does not compare it with the time at which the last sync wrote the customer. */
const toRow = (
  row: Row,
  part: number,
  { hasBilling, keepNewer }: { readonly hasBilling: boolean; readonly keepNewer: boolean }
): Row => {
  const number = part * partStride + row.number
  if (row.problem !== null || !Predicate.isRecord(row.value)) return { ...row, number }
  const { billingId, email, id, metadata, name, updatedAt } = row.value
  const value = {
    ...{ id, email, name, metadata },
    ...(hasBilling ? { billingId } : {}),
    ...(keepNewer ? { updatedAt } : {})
  }
  return { number, line: null, column: null, byte: null, value, problem: null }
}

const haltedBy = ({ message, reason }: TargetError): JobHalted =>
  new JobHalted({ desired: reason === "Refused" ? "Fail" : "Pause", problem: message })
