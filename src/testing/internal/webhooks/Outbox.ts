import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type { WebhookEvent } from "../../WebhookEvent.js"
import type { InstanceClock } from "../world/InstanceClock.js"
import type { WorldState } from "../world/World.js"
import type { Changes } from "./Changes.js"
import * as Due from "./Due.js"
import * as Endpoint from "./Endpoint.js"
import type { At, Event, Events } from "./Event.js"
import * as Fault from "./Fault.js"
import type { Delivery, Endpoint as EndpointModel, Message } from "../../Webhooks.js"
import type { Job } from "./Lane.js"
import * as Lane from "./Lane.js"
import { Recent } from "./Recent.js"
import { Schedule } from "./Schedule.js"

/**
 * No message of this id is kept. The emulator keeps the last 1,000.
 *
 * @example
 * import { Effect } from "effect"
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const again = Webhooks.resend("unknown").pipe(
 *   Effect.catchTag("StiggUnknownMessageError", ({ messageId }) => Effect.log(messageId))
 * )
 * console.log(again)
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownMessage extends Data.TaggedError("StiggUnknownMessageError")<{ readonly messageId: string }> {
  override get message(): string {
    return `No message ${this.messageId} is kept`
  }
}

/** The webhooks of an instance: who gets its events, what was sent, and what goes wrong with it. */
export interface Outbox extends Changes {
  readonly subscribe: (
    endpoint: EndpointModel
  ) => Effect.Effect<void, Endpoint.InvalidWebhook, HttpClient.HttpClient | Scope.Scope>
  readonly endpoints: Effect.Effect<ReadonlyArray<Omit<EndpointModel, "secret">>>
  readonly messages: Effect.Effect<ReadonlyArray<Message>>
  readonly deliveries: Effect.Effect<ReadonlyArray<Delivery>>
  /** Forgets messages and deliveries. */
  readonly clear: Effect.Effect<void>
  /** Forgets faults, too, and what time would do. */
  readonly reset: Effect.Effect<void>
  readonly resend: (messageId: string) => Effect.Effect<void, UnknownMessage>
  readonly faults: Fault.Faults
  /** Tells what time has done until now. Runs within the instance's time, before each change. */
  readonly tickWithin: Effect.Effect<void>
  /** Tells what time has done, after the instance's clock was moved. Runs in the program's time. */
  readonly moved: Effect.Effect<void>
  /** Waits until no message is to be sent or to be tried again. */
  readonly idle: Effect.Effect<void>
  /** Ends what time does, when the instance is removed. */
  readonly leave: () => void
}

/** Messages, and tries, that are kept. */
const kept = 1000
/** Messages that wait for one endpoint. */
const capacity = 100_000
/** A timer of Node holds at most 24.8 days. */
const longestSleep = 86_400_000

interface Subscriber {
  readonly endpoint: EndpointModel
  readonly jobs: Queue.Queue<Job>
}

const takes = ({ endpoint: { events } }: Subscriber, type: WebhookEvent): boolean => events?.includes(type) ?? true

/** What time will do in one outbox. Runs in the program's time. */
interface Member {
  readonly tick: Effect.Effect<void>
  /** Milliseconds until the next moment. Undefined if there is none, or if the clock stands still. */
  readonly wait: Effect.Effect<number | undefined>
  /** Runs when a subscriber has left. */
  readonly left: () => void
}

/** What the outboxes of the instances of one emulator share. */
export interface Family {
  /** Who gets the events of all of them. */
  readonly subscribers: Set<Subscriber>
  readonly members: Set<Member>
  /** Completed, and replaced, when a schedule or a clock changes. */
  changed: Deferred.Deferred<void>
}

/** Creates a family without members. */
export const family = (): Family => ({
  subscribers: new Set(),
  members: new Set(),
  changed: Deferred.unsafeMake<void>(FiberId.none)
})

interface Options {
  readonly world: () => WorldState
  readonly clock: InstanceClock
  readonly seed: number
  /** Who subscribes to the first outbox of a family gets the events of all of them. */
  readonly family: Family
}

/** Creates the outbox of an instance. */
export const make = ({ clock, family, seed, world: current }: Options): Outbox => {
  const isMain = family.members.size === 0
  const faults = Fault.make(seed)
  const messages = new Recent<Message>(kept)
  const deliveries = new Recent<Delivery>(kept)
  const own = isMain ? family.subscribers : new Set<Subscriber>()
  const subscribers = () => (isMain ? [...own] : [...family.subscribers, ...own])
  const isActive = () => own.size > 0 || family.subscribers.size > 0
  const schedule = new Schedule()
  const settled = Effect.unsafeMakeLatch(true)
  /** How many messages of each subscriber are not done. */
  const pending = new Map<Subscriber, number>()
  // Mutable: the world that the schedule is of, up to when its time was told, and the numbers of the next ids.
  let scheduled: WorldState | undefined
  let told = -Infinity
  let nextMessage = 0
  let nextCause = 0

  const wake = () => {
    const waiting = family.changed
    family.changed = Deferred.unsafeMake<void>(FiberId.none)
    Deferred.unsafeDone(waiting, Effect.void)
  }

  const record = (delivery: Delivery) => deliveries.add(delivery)
  const settle = () => {
    if (pending.size === 0) settled.unsafeOpen()
  }
  const done = (subscriber: Subscriber) => {
    const left = (pending.get(subscriber) ?? 0) - 1
    if (left > 0) pending.set(subscriber, left)
    else pending.delete(subscriber)
    settle()
  }

  const offer = (subscriber: Subscriber, message: Message, fault: Job["fault"], at: number) => {
    const { endpoint, jobs } = subscriber
    const undelivered = (outcome: "failed" | "dropped", error: string) =>
      record({
        messageId: message.messageId,
        type: message.type,
        url: endpoint.url,
        attempt: 1,
        outcome,
        status: null,
        error,
        fault,
        at: new Date(at).toISOString()
      })
    if (fault === "drop") return undelivered("dropped", "dropped by a fault")
    const job = { message, fault, record, done: () => done(subscriber) }
    for (const one of fault === "duplicate" ? [job, job] : [job]) {
      if (!jobs.unsafeOffer(one)) return undelivered("failed", `${capacity} messages are waiting`)
      pending.set(subscriber, (pending.get(subscriber) ?? 0) + 1)
      settled.unsafeClose()
    }
  }

  const messageOf = ({ now, world }: At, { customer, fields, type }: Event, cause: number): Message => {
    const serial = nextMessage++
    const messageId = world.ids.uuid("messages", serial)
    const timestamp = new Date(now).toISOString()
    return {
      messageId,
      type,
      customerId: customer.id,
      timestamp,
      body: {
        type,
        messageId,
        traceId: world.ids.uuid("traces of messages", serial),
        timestamp,
        environmentId: world.environmentId,
        eventId: world.ids.uuid("causes", cause),
        actor: { type: "SYSTEM" },
        ...fields()
      }
    }
  }

  const publish = (at: At, events: Events, sentAt: number) => {
    const cause = nextCause++
    const all = subscribers()
    for (const event of events(at)) {
      if (schedule.update(event.customer, told)) wake()
      const wanting = all.filter((subscriber) => takes(subscriber, event.type))
      if (wanting.length === 0) continue
      const message = messageOf(at, event, cause)
      messages.add(message)
      const fault = faults.take(event)
      for (const subscriber of wanting) offer(subscriber, message, fault, sentAt)
    }
  }

  const advanceTo = (now: number, world: WorldState) => {
    // While nobody listened, or after a reset, the schedule was not kept.
    if (world !== scheduled || now < told) {
      scheduled = world
      told = now
      schedule.rebuild(world.customersInOrder.all, now)
      return
    }
    for (let due = schedule.take(now); due !== undefined; due = schedule.take(now)) {
      const { at, entry } = due
      told = at
      publish({ world, now: at }, Due.eventsAt(entry, at), now)
      schedule.update(entry, at)
    }
    told = now
  }

  const tickWithin = Effect.suspend(() =>
    isActive() ? Effect.map(Clock.currentTimeMillis, (now) => advanceTo(now, current())) : Effect.void
  )
  const tick = clock.within(tickWithin)

  const member: Member = {
    tick,
    wait: Effect.gen(function* () {
      const next = schedule.peek()
      const shift = yield* clock.shift
      return next === undefined || "pausedAt" in shift ? undefined : next - (yield* clock.now)
    }),
    left: () => {
      for (const subscriber of pending.keys()) if (!subscribers().includes(subscriber)) pending.delete(subscriber)
      // From now on, nobody keeps it.
      if (!isActive()) scheduled = undefined
      settle()
    }
  }
  family.members.add(member)
  wake()

  /** Whose events the subscribers get. */
  const covered: Iterable<Member> = isMain ? family.members : [member]

  /** Tells what time has done, then waits for the next moment, or for a change. */
  const timer = Effect.gen(function* () {
    const { changed } = family
    for (const { tick } of covered) yield* tick
    let next: number | undefined
    for (const { wait } of covered) {
      const millis = yield* wait
      if (millis !== undefined && (next === undefined || millis < next)) next = millis
    }
    const sleep = next === undefined ? Effect.never : Effect.sleep(Math.min(next, longestSleep))
    yield* Effect.raceFirst(sleep, Deferred.await(changed))
  })

  const subscribe = (endpoint: EndpointModel) =>
    Effect.gen(function* () {
      const checked = yield* Endpoint.decode(endpoint)
      // A span would have the secret as an attribute.
      const client = HttpClient.withTracerDisabledWhen(yield* HttpClient.HttpClient, () => true)
      const jobs = yield* Effect.acquireRelease(Queue.dropping<Job>(capacity), Queue.shutdown)
      yield* Lane.run({ client, endpoint: checked, jobs })
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          const subscriber = { endpoint: checked, jobs }
          own.add(subscriber)
          return subscriber
        }),
        (subscriber) =>
          Effect.sync(() => {
            own.delete(subscriber)
            for (const { left } of covered) left()
          })
      )
      yield* Effect.forkScoped(Effect.forever(timer))
      yield* tick
    })

  const clear = Effect.sync(() => {
    messages.clear()
    deliveries.clear()
  })

  return {
    subscribe,
    tell: (events) =>
      Effect.suspend(() =>
        isActive()
          ? Effect.map(Clock.currentTimeMillis, (now) => {
              const world = current()
              advanceTo(now, world)
              publish({ world, now }, events, now)
            })
          : Effect.void
      ),
    endpoints: Effect.sync(() =>
      subscribers().map(({ endpoint: { events, url } }) => (events === undefined ? { url } : { url, events }))
    ),
    messages: Effect.sync(() => messages.all),
    deliveries: Effect.sync(() => deliveries.all),
    clear,
    reset: Effect.zipRight(
      Effect.zipRight(clear, faults.clear),
      Effect.sync(() => {
        scheduled = undefined
      })
    ),
    resend: (messageId) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const message = messages.all.find((message) => message.messageId === messageId)
        if (message === undefined) return new UnknownMessage({ messageId })
        for (const subscriber of subscribers()) {
          if (takes(subscriber, message.type)) offer(subscriber, message, null, now)
        }
        return Effect.void
      }),
    faults,
    tickWithin,
    moved: Effect.zipRight(tick, Effect.sync(wake)),
    idle: Effect.zipRight(tick, settled.await),
    leave: () => family.members.delete(member)
  }
}
