import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Customers from "../../../Customers.js"
import type { JobKind } from "../JobKind.js"
import { JobHalted } from "../JobKind.js"
import type { JobRecord, PartRecord } from "../JobRecord.js"
import { noRows } from "../JobRecord.js"
import * as CustomerParts from "./CustomerParts.js"
import { ExportedFile } from "../../../jobs/ExportManifest.js"
import { ExportPayload } from "./ExportPayload.js"
import { ExportResult } from "../../../jobs/ExportWorkflow.js"
import type { OpenTarget, Target, TargetError } from "../../../jobs/Target.js"
import type { WriteOptions } from "./TargetOpeners.js"

const decodePayload = Schema.decode(Schema.parseJson(ExportPayload))
const encodeResult = Schema.encode(Schema.parseJson(ExportResult))

const Output = Schema.parseJson(Schema.Array(ExportedFile))
const encodeOutput = Schema.encodeSync(Output)
const decodeOutput = Schema.decode(Output)

export const name = "Export"

/** Exports customers to a target. The parts are windows of creation time. */
export const make = (
  customers: Customers.Service,
  open: (target: Target, options: WriteOptions) => Effect.Effect<OpenTarget, TargetError>
): JobKind => {
  const opened = (job: JobRecord) =>
    Effect.gen(function* () {
      const payload = yield* Effect.mapError(decodePayload(job.payload), CustomerParts.unreadable)
      const { maxFileBytes = 16 * 1024 * 1024, target } = payload
      return { payload, target: yield* Effect.mapError(open(target, { maxFileBytes }), haltedBy) }
    })

  return {
    name,
    concurrency: (job) => Effect.map(opened(job), ({ payload: { concurrency = 4 } }) => concurrency),
    plan: (job) =>
      Effect.gen(function* () {
        const { payload, target } = yield* opened(job)
        yield* Effect.mapError(target.check(job.instance), haltedBy)
        return yield* CustomerParts.plan(customers, payload)
      }),
    runPart: (job, part, control) =>
      Effect.gen(function* () {
        const { payload, target } = yield* opened(job)
        const { files, rows } = yield* Effect.mapError(
          target.write(
            { instance: job.instance, part: part.part, owner: control.owner },
            CustomerParts.pages(customers, part.spec, payload, control)
          ),
          (error) => (error._tag === "StiggTargetError" ? haltedBy(error) : error)
        )
        yield* control.record({
          totals: { ...noRows, rows },
          rejects: [],
          isDone: true,
          output: encodeOutput(files)
        })
      }),
    finish: (job, parts) =>
      Effect.gen(function* () {
        const { payload, target } = yield* opened(job)
        const watermark = yield* CustomerParts.watermarkOf(job.plan)
        const files = yield* Effect.forEach(parts, outputOf)
        const { rows } = job.totals
        const { changedSince, filter, from, since, until, upTo } = payload
        const result = { rows, parts: files.flat(), watermark }
        const manifest = yield* Effect.mapError(
          target.finish({
            ...{ version: 1, job: { id: job.id, instance: job.instance }, ...result },
            format: payload.target._tag === "Rows" ? null : (payload.target.format ?? { _tag: "Ndjson" }),
            selection: { changedSince, filter, from, since, until, upTo }
          }),
          haltedBy
        )
        return yield* Effect.mapError(encodeResult({ ...result, manifest }), CustomerParts.unreadable)
      }),
    discard: (job) =>
      job.stage === "Done"
        ? Effect.void
        : Effect.flatMap(opened(job), ({ target }) => Effect.mapError(target.discard(job.instance), haltedBy))
  }
}

const outputOf = ({ output }: PartRecord) => Effect.mapError(decodeOutput(output ?? ""), CustomerParts.unreadable)

/** A target that cannot be reached may come back. */
const haltedBy = ({ message, reason }: TargetError): JobHalted =>
  new JobHalted({ desired: reason === "Refused" ? "Fail" : "Pause", problem: message })
