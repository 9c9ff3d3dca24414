import type * as Workflow from "@effect/workflow/Workflow"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Kind, Result } from "../../CustomerJobs.js"
import type { InvalidRequestError } from "../../StiggError.js"
import * as Failure from "../failure/Failure.js"
import { decodePayload, JobId } from "./import/ImportPayload.js"
import { Import } from "../../jobs/ImportWorkflow.js"
import { JobFailedError } from "../../jobs/JobError.js"
import type { JobRecord } from "./JobRecord.js"
import { JobStoreError } from "./JobStore.js"
import { Format } from "./source/Format.js"
import { Source } from "../../jobs/Source.js"

const operation = "jobs.start"

/** The name under which a kind is stored: that of its workflow, without the prefix. */
export const kindOf = ({ name }: Workflow.Any): string => name.slice(name.lastIndexOf("/") + 1)

const decodeId = Schema.decodeUnknown(Schema.Struct({ id: JobId }))

/** Checks a payload and encodes it. */
export const encode = (
  kind: Kind,
  payload: unknown
): Effect.Effect<{ readonly id: string; readonly kind: string; readonly payload: string }, InvalidRequestError> =>
  Effect.gen(function* () {
    const { id } = yield* decodeId(payload)
    const schema = Schema.make<unknown, unknown, never>(kind.payloadSchema.ast)
    const encoded = yield* Schema.encodeUnknown(Schema.parseJson(schema), { onExcessProperty: "error" })(payload)
    return { id, kind: kindOf(kind), payload: encoded }
  }).pipe(Effect.mapError(({ issue }) => Failure.invalidInput(operation, "payload", issue)))

const encodeSource = Schema.encodeUnknown(Schema.parseJson(Source), { onExcessProperty: "error" })

/** Checks and encodes a source that a job can read instead of its own. It may only be elsewhere. */
export const encodeOtherSource = (job: JobRecord, source: Source): Effect.Effect<string, InvalidRequestError> =>
  Effect.gen(function* () {
    const encoded = yield* Effect.mapError(encodeSource(source), ({ issue }) =>
      Failure.invalidInput("jobs.resumeFrom", "source", issue)
    )
    const before = job.kind === kindOf(Import) ? yield* Effect.option(decodePayload(job)) : Option.none()
    const isLike = Option.exists(before, (payload) => isLikeSource(payload.source, source))
    if (!isLike) {
      return yield* Effect.fail(
        Failure.invalid("jobs.resumeFrom", "source", "Expected a file or URL, and the same format as before")
      )
    }
    return encoded
  })

const isSameFormat = Schema.equivalence(Format)

/** Rows of a database have no version that could tell that they are others. */
const isLikeSource = (a: Source, b: Source): boolean =>
  a._tag !== "Rows" && b._tag !== "Rows" && a._tag === b._tag && isSameFormat(a.format, b.format)

/** The id belongs to another job. */
export const otherJob = Effect.suspend(() =>
  Effect.fail(Failure.invalid(operation, "id", "Expected an id that no job with another payload has"))
)

export const decodeResult = <K extends Kind>(
  kind: K,
  id: string,
  result: string | null
): Effect.Effect<Result<K>, JobStoreError> =>
  Effect.mapError(
    Schema.decodeUnknown(Schema.parseJson(kind.successSchema))(result),
    (cause) => new JobStoreError({ message: `The result of the job ${id} cannot be read`, cause })
  )

/** The result of a job that has ended. */
export const resultOf = <K extends Kind>(
  kind: K,
  job: JobRecord
): Effect.Effect<Result<K>, JobFailedError | JobStoreError> => {
  const { id, problem, result, stage } = job
  if (stage === "Done") return decodeResult(kind, id, result)
  return Effect.fail(
    stage === "Failed"
      ? new JobFailedError({ id, state: "Failed", problem, message: `The job ${id} failed: ${problem ?? "unknown"}` })
      : new JobFailedError({ id, state: "Cancelled", problem: null, message: `The job ${id} was cancelled` })
  )
}
