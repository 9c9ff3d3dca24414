import type * as Workflow from "@effect/workflow/Workflow"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Kind, Result } from "../../CustomerJobs.js"
import type { InvalidRequestError } from "../../StiggError.js"
import * as Failure from "../failure/Failure.js"
import { JobId } from "./import/ImportPayload.js"
import { JobFailedError } from "../../jobs/JobError.js"
import type { JobRecord } from "./JobRecord.js"
import { JobStoreError } from "./JobStore.js"

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
