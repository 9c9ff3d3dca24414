/** How fast a change reaches all processes of a fleet, and what it costs. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { randomUUID } from "node:crypto"
import * as Program from "../../Program.js"
import type { Process } from "../processes.js"
import { start } from "../processes.js"
import type { Options, Report, Task } from "./messages.js"
import { secret } from "./messages.js"

/** What was measured. */
export interface Measured {
  /** From the arrival of a webhook to the last process that answers anew, in milliseconds, sorted. */
  readonly webhooks: ReadonlyArray<number>
  /** The same from the begin of a write in one process. */
  readonly writes: ReadonlyArray<number>
  /** Requests to the API for 10,000 events on 500 customers without a check in between. */
  readonly loadsOfEvents: number
  /** Requests to the API of a check in each process after a burst of 100 events for one customer. */
  readonly loadsOfBurst: number
  readonly failed: number
}

const now = () => performance.timeOrigin + performance.now()

const post = (url: string, body: string) =>
  Effect.promise(async () => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "stigg-webhooks-secret": secret },
      body
    })
    await response.text()
    if (response.status !== 200) throw new Error(`A webhook was answered with ${response.status}`)
  })

const eventOf = (customerId: string) =>
  JSON.stringify({ type: "subscription.updated", messageId: randomUUID(), customer: { id: customerId } })

export const measure = (options: {
  readonly redisUrl: string
  readonly rounds: number
  readonly events: number
}): Effect.Effect<Measured, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const api = yield* Effect.flatMap(Program.make("test/scenarios/freshness/api.ts"), (program) =>
      start<number, "loads", number>(program)
    )
    const apiUrl = `http://127.0.0.1:${api.first}`
    const program = yield* Program.make("test/scenarios/freshness/member.ts")
    const settings: Options = { apiUrl, redisUrl: options.redisUrl, storeId: randomUUID() }
    const members = yield* Effect.all(
      Effect.replicate(start<number, Task, Report>(program, JSON.stringify(settings)), 4),
      { concurrency: 4 }
    )
    const [receiver, writer] = members
    if (receiver === undefined || writer === undefined) return yield* Effect.fail(new Error("No process"))
    const webhook = `http://127.0.0.1:${receiver.first}/webhooks/stigg`
    let failed = 0
    const all = (task: Task, of: ReadonlyArray<Process<Task, Report>> = members) =>
      Effect.map(
        Effect.forEach(of, (member) => member.ask(task), { concurrency: "unbounded" }),
        (reports) => {
          for (const report of reports) failed += report.failed
          return Math.max(...reports.map(({ at }) => at))
        }
      )
    // The channel is connected by then.
    yield* Effect.sleep("1 second")
    yield* all({ _tag: "Check", customers: 500 })

    const webhooks: Array<number> = []
    for (let round = 0; round < options.rounds; round++) {
      const customerId = `customer-${round % 500}`
      yield* Effect.promise(() => fetch(`${apiUrl}/bump/${customerId}`).then((response) => response.text()))
      const before = now()
      const watched = yield* Effect.fork(all({ _tag: "Watch", customerId, version: Math.floor(round / 500) + 1 }))
      yield* post(webhook, eventOf(customerId))
      webhooks.push((yield* watched.await.pipe(Effect.flatten)) - before)
    }

    const writes: Array<number> = []
    const others = members.filter((member) => member !== writer)
    for (let round = 0; round < options.rounds; round++) {
      const index = 499 - (round % 400)
      const customerId = `customer-${index}`
      // From the webhooks.
      const known = index < options.rounds ? 1 : 0
      const before = now()
      const watched = yield* Effect.fork(
        all({ _tag: "Watch", customerId, version: known + Math.floor(round / 400) + 1 }, others)
      )
      yield* writer.ask({ _tag: "Write", customerId })
      writes.push((yield* watched.await.pipe(Effect.flatten)) - before)
    }

    const loadsBefore = yield* api.ask("loads")
    yield* Effect.forEach(
      Array.from({ length: options.events }, (_, index) => index),
      (index) => post(webhook, eventOf(`customer-${index % 500}`)),
      { concurrency: 64, discard: true }
    )
    const loadsAfter = yield* api.ask("loads")
    yield* Effect.forEach(Array.from({ length: 100 }), () => post(webhook, eventOf("customer-0")), {
      concurrency: 100,
      discard: true
    })
    yield* all({ _tag: "Check", customers: 1 })
    const loadsOfBurst = (yield* api.ask("loads")) - loadsAfter
    const sorted = (times: ReadonlyArray<number>) => [...times].sort((a, b) => a - b)
    return {
      webhooks: sorted(webhooks),
      writes: sorted(writes),
      loadsOfEvents: loadsAfter - loadsBefore,
      loadsOfBurst,
      failed
    }
  })
