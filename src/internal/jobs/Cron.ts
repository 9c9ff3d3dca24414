import * as ClusterCron from "@effect/cluster/ClusterCron"
import type { Sharding } from "@effect/cluster/Sharding"
import type * as Context from "effect/Context"
import * as Cron from "effect/Cron"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type { CronOptions, CustomerJobs, Kind, Service } from "../../CustomerJobs.js"
import { InvalidOptionsError } from "../../StiggError.js"
import * as InvalidOption from "../options/InvalidOption.js"

/** The id of a job has at most 200 characters, and the time takes 25 of them. */
const longestName = 175

/** Nothing is older: `ClusterCron` would otherwise leave out a run that is late by more than a day. */
const neverTooOld = Duration.days(365 * 100)

const retries = Schedule.union(Schedule.exponential("1 second"), Schedule.spaced("1 minute"))

/**
 * `ClusterCron` runs something on one runner at each time of a cron expression, and after an outage once for the first
 * time that it missed. It does not say which time it runs for, can run twice for one time, gives up when a run fails, and
 * lets runs overlap after its singleton has moved. So a run takes the last time that is due, starts its job, which is
 * the same job for a repeat, does not wait for the end of the job, and leaves it to the store that no two jobs overlap.
 */
export const layer = <K extends Kind>(
  tag: Context.Tag<CustomerJobs, Service>,
  { cron, kind, name, payload }: CronOptions<K>
): Layer.Layer<never, InvalidOptionsError, CustomerJobs | Sharding> => {
  const patientlyBy = ({ startNext }: Service) =>
    Effect.gen(function* () {
      const scheduledAt = lastDue(cron, yield* DateTime.now)
      const id = `${name}@${DateTime.formatIso(scheduledAt)}`
      const isStarted = yield* startNext(kind, {
        ...{ series: `cron/${name}`, id },
        payload: (previous) => payload(scheduledAt, previous)
      })
      if (!isStarted) yield* Effect.logWarning(`The job ${id} is skipped: the previous one has not ended`)
    }).pipe(
      Effect.tapErrorTag("StiggJobStoreError", (error) =>
        Effect.logWarning(`The cron ${name} could not start its job and tries again`, error)
      ),
      Effect.retry({ while: ({ _tag }) => _tag === "StiggJobStoreError", schedule: retries })
    )
  const invalid = InvalidOption.first([
    ["name", name.length >= 1 && name.length <= longestName ? null : `1 to ${longestName} characters`]
  ])
  if (invalid !== null) return Layer.fail(new InvalidOptionsError(invalid))
  return Layer.unwrapEffect(
    Effect.map(tag, (service) =>
      ClusterCron.make({
        name: `effect-stigg/${name}`,
        cron,
        execute: patientlyBy(service),
        skipIfOlderThan: neverTooOld
      })
    )
  )
}

/** The last time of a cron expression that is not in the future. `Cron.prev` is about whole seconds, and excludes its own. */
const lastDue = (cron: Cron.Cron, now: DateTime.Utc): DateTime.Utc =>
  DateTime.unsafeFromDate(Cron.prev(cron, DateTime.add(DateTime.startOf(now, "second"), { seconds: 1 })))
