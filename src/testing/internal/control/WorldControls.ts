import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { InvalidOptionsError } from "../../../StiggError.js"
import * as Act from "../../Act.js"
import type { Controls } from "../../Controls.js"
import type { Received } from "../../Journal.js"
import * as Seed from "../../Seed.js"
import type * as Webhooks from "../../Webhooks.js"
import * as Matching from "../journal/Matching.js"
import * as RequestLog from "../journal/RequestLog.js"
import * as SavedText from "../save/SavedText.js"
import * as Saver from "../save/Saver.js"
import * as Inspect from "../world/Inspect.js"
import * as Acts from "../world/acts/perform.js"
import * as Instance from "../world/Instance.js"
import * as WritableTime from "../world/WritableTime.js"
import * as WorldSnapshot from "../world/WorldSnapshot.js"

/** The controls of an instance. */
export const make = (instance: Instance.Instance, start: Instance.Start): Controls => {
  const { clock, faults, journal } = instance
  const received = Effect.sync(() => journal.entries().map(RequestLog.received))
  const setMillis = (field: string, millis: number) =>
    WritableTime.isWritable(millis)
      ? clock.set(millis)
      : new InvalidOptionsError({ field, rule: `Expected a time in ${WritableTime.range}` })
  const settled = Effect.suspend(() => instance.keeper.settled)
  return {
    name: instance.name,
    snapshot: Effect.sync(() => WorldSnapshot.take(instance.world)),
    snapshotText: Stream.suspend(() => WorldSnapshot.text(instance.world)),
    // It cannot fail: the instance was made from the same seed.
    reset: Effect.zipRight(Effect.catchAll(Instance.reset(instance, start), Effect.die), settled),
    seed: (input) =>
      Seed.decode(input).pipe(
        Effect.flatMap((seed) => Instance.seed(instance, seed, start.idSeed)),
        Effect.zipRight(settled)
      ),
    save: Effect.map(Saver.records(instance), (records) => Array.from(records)),
    saveText: Saver.text(instance),
    load: (saved) => Effect.zipRight(SavedText.loadRecords(instance, saved), settled),
    loadText: (bytes) => Effect.zipRight(SavedText.load(instance, bytes), settled),
    findCustomers: (search = {}) => Effect.sync(() => Inspect.findCustomers(instance.world, search)),
    explain: (customerId, resourceId = null) =>
      Effect.map(clock.now, (now) => Inspect.explain(instance.world, customerId, resourceId, now)),
    time: Effect.zipWith(clock.now, clock.shift, (now, shift) => ({
      now: DateTime.unsafeMake(now),
      isPaused: "pausedAt" in shift
    })),
    setTime: (time) =>
      setMillis("time", Option.match(DateTime.make(time), { onNone: () => NaN, onSome: DateTime.toEpochMillis })),
    advanceTime: (duration) =>
      Effect.flatMap(clock.now, (now) => setMillis("duration", now + Duration.toMillis(duration))),
    pauseTime: clock.pause,
    resumeTime: clock.resume,
    inject: faults.inject,
    clearFaults: faults.clear,
    activeFaults: faults.active,
    received: (filter = {}, { limit = Infinity } = {}) =>
      Effect.sync(() => lastOf(journal.entries(), Matching.matches(filter), limit)),
    clearReceived: Effect.sync(journal.clear),
    verify: (expectation) => Effect.flatMap(received, (all) => Matching.verify(expectation, all)),
    act: (act) => clock.within(perform(instance, act)),
    webhooks: webhooksOf(instance)
  }
}

/** The last requests that match, oldest first. Formats none before the first of them, because bodies can be large. */
const lastOf = (
  entries: ReadonlyArray<RequestLog.Entry>,
  matches: (received: Received) => boolean,
  limit: number
): ReadonlyArray<Received> => {
  const found: Array<Received> = []
  for (let at = entries.length - 1; at >= 0 && found.length < limit; at--) {
    const entry = entries[at]
    const received = entry === undefined ? undefined : RequestLog.received(entry)
    if (received !== undefined && matches(received)) found.push(received)
  }
  return found.reverse()
}

const perform = (instance: Instance.Instance, act: Act.Act) =>
  Effect.gen(function* () {
    const decoded = yield* Act.decode(act)
    yield* instance.outbox.tickWithin
    const events = yield* Acts.perform(instance.world, decoded, yield* Clock.currentTimeMillis)
    yield* instance.outbox.tell(events)
  })

const webhooksOf = ({
  outbox: { clear, deliveries, endpoints, faults, idle, messages, resend, subscribe }
}: Instance.Instance): Webhooks.Webhooks => ({
  subscribe,
  endpoints,
  messages,
  deliveries,
  clear,
  resend,
  idle,
  inject: faults.inject,
  clearFaults: faults.clear,
  activeFaults: faults.active
})
