import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"
import { InvalidRequestError } from "../../StiggError.js"
import { JobFailedError, JobNotFoundError } from "../../jobs/JobError.js"
import { JobStoreError } from "./JobStore.js"

/** How the workflow of a kind fails, with the statuses over HTTP. */
export const WorkflowError = Schema.Union(
  JobFailedError,
  JobNotFoundError,
  InvalidRequestError.annotations(HttpApiSchema.annotations({ status: 400 })),
  JobStoreError
)
