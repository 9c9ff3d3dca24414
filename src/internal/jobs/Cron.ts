import * as ClusterCron from "@effect/cluster/ClusterCron"
import * as Entity from "@effect/cluster/Entity"
import * as EntityAddress from "@effect/cluster/EntityAddress"
import * as EntityId from "@effect/cluster/EntityId"
import { MessageStorage } from "@effect/cluster/MessageStorage"
import { Sharding } from "@effect/cluster/Sharding"
import * as Arr from "effect/Array"
import type * as Context from "effect/Context"
import * as Cron from "effect/Cron"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { CronOptions, CustomerJobs, Kind, Service } from "../../CustomerJobs.js"
import { InvalidOptionsError } from "../../StiggError.js"
import * as InvalidOption from "../options/InvalidOption.js"

/** The id of a job has at most 200 characters, and the time takes 25 of them. */
const longestName = 175

/** Nothing is older: `ClusterCron` would otherwise leave out a run that is late by more than a day. */
const neverTooOld = Duration.days(365 * 100)

const retries = Schedule.union(Schedule.exponential("1 second"), Schedule.spaced("1 minute"))

/** By then the end of a run is stored, and the next run is scheduled. */
const forgetAfter = Duration.minutes(1)

/** How many earlier times are forgotten with one: a runner can have died before it did. */
const earlierTimes = 10

/**
 * `ClusterCron` runs something on one runner at each time of a cron expression, and after an outage once for the first
 * time that it missed. It does not say which time it runs for, can run twice for one time, gives up when a run fails, and
 * lets runs overlap after its singleton has moved. So a run takes the last time that is due, starts its job, which is
 * the same job for a repeat, does not wait for the end of the job, and leaves it to the store that no two jobs overlap.
 * Each run is a message to an entity of its own, which the engine keeps for ever, and which is removed here.
 */
export const layer = <K extends Kind>(
  tag: Context.Tag<CustomerJobs, Service>,
  { cron, kind, name, payload }: CronOptions<K>
): Layer.Layer<never, InvalidOptionsError, CustomerJobs | Sharding | MessageStorage> => {
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
  return Layer.unwrapScoped(
    Effect.gen(function* () {
      const service = yield* tag
      const forget = yield* makeForget(cron)
      return ClusterCron.make({
        name: `effect-stigg/${name}`,
        cron,
        execute: Effect.ensuring(patientlyBy(service), forget),
        skipIfOlderThan: neverTooOld
      })
    })
  )
}

/** Removes, a while after the run that calls it, what the engine stored about it and about the times before. */
const makeForget = (cron: Cron.Cron) =>
  Effect.gen(function* () {
    const storage = yield* MessageStorage
    const sharding = yield* Sharding
    const scope = yield* Effect.scope
    const forget = (address: EntityAddress.EntityAddress) =>
      Effect.forEach(
        timesUntil(cron, address.entityId),
        (time) => {
          const entityId = EntityId.make(time)
          const shardId = sharding.getShardId(entityId, address.shardId.group)
          return storage.clearAddress(
            EntityAddress.EntityAddress.make({ entityType: address.entityType, entityId, shardId })
          )
        },
        { discard: true }
      )
    return Effect.flatMap(
      // The type of `ClusterCron.make` does not say that a run has an address.
      Effect.serviceOption(Entity.CurrentAddress),
      Option.match({
        onNone: () => Effect.void,
        onSome: (address) =>
          // Interruptible, because this is a finalizer and a runner that leaves must not wait. What is not forgotten
          // then, or fails, is made up for by the next runs.
          forget(address).pipe(
            Effect.delay(forgetAfter),
            Effect.ignoreLogged,
            Effect.interruptible,
            Effect.forkIn(scope)
          )
      })
    )
  })

/** A time, which is the id of an entity of `ClusterCron`, and the times before. */
const timesUntil = (cron: Cron.Cron, time: string): ReadonlyArray<string> =>
  Arr.unfold({ time: DateTime.make(time), left: earlierTimes }, ({ left, time }) =>
    Option.map(time, (time) => [
      DateTime.formatIso(time),
      { time: left === 0 ? Option.none() : timeBefore(cron, time), left: left - 1 }
    ])
  )

/** None if there is no earlier time. */
const timeBefore = (cron: Cron.Cron, time: DateTime.DateTime): Option.Option<DateTime.Utc> =>
  Option.map(Option.liftThrowable(() => Cron.prev(cron, time))(), (date) => DateTime.unsafeFromDate(date))

/** The last time of a cron expression that is not in the future. `Cron.prev` is about whole seconds, and excludes its own. */
const lastDue = (cron: Cron.Cron, now: DateTime.Utc): DateTime.Utc =>
  DateTime.unsafeFromDate(Cron.prev(cron, DateTime.add(DateTime.startOf(now, "second"), { seconds: 1 })))
