/** The examples that run until they are stopped. `jobs.test.ts` beside this file runs them. */
export const servers: ReadonlyArray<string> = ["job-runner", "jobs"]
