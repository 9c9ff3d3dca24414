import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Delivery, Endpoint, Fault, Message } from "../../Webhooks.js"

/** A message on its way to an endpoint. */
export interface Job {
  readonly message: Message
  readonly fault: Fault["type"] | null
  readonly record: (delivery: Delivery) => void
  /** Runs when the message needs no further try. */
  readonly done: () => void
}

interface Options {
  readonly endpoint: Endpoint
  readonly client: HttpClient.HttpClient
  readonly jobs: Queue.Dequeue<Job>
}

/** After a second try at once, two more, then three more, 30 seconds apart. */
const retries = Schedule.andThen(
  Schedule.recurs(2),
  Schedule.intersect(Schedule.spaced("30 seconds"), Schedule.recurs(3))
)

const attempts = 7
const longestAnswer = "30 seconds"
/** The tries under way at once to one endpoint. */
const concurrency = 8
/** How long a message out of order waits for another one to overtake it. */
const longestHold = "10 seconds"

/**
 * Sends the messages of one endpoint until its scope closes. The first tries come one after another, in the order of the
 * messages; further tries hold up nobody.
 */
export const run = ({ client, endpoint, jobs }: Options): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const fibers = yield* FiberSet.make()
    const permits = yield* Effect.makeSemaphore(concurrency)
    const post = permits.withPermits(1)
    const tryOnce = (job: Job, attempt: number) =>
      Effect.gen(function* () {
        const answer = yield* Effect.either(post(answerOf(client, endpoint, job.message)))
        const status = answer._tag === "Right" ? answer.right : null
        const isDelivered = status !== null && status >= 200 && status < 300
        job.record({
          messageId: job.message.messageId,
          type: job.message.type,
          url: endpoint.url,
          attempt,
          outcome: isDelivered ? "delivered" : attempt < attempts ? "retrying" : "failed",
          status,
          error: answer._tag === "Left" ? answer.left : null,
          fault: job.fault,
          at: new Date(yield* Clock.currentTimeMillis).toISOString()
        })
        return isDelivered
      })

    const retry = (job: Job) => {
      // Mutable: counts the tries.
      let attempt = 1
      return Effect.suspend(() => tryOnce(job, ++attempt)).pipe(
        Effect.filterOrFail(Boolean, () => "not delivered"),
        Effect.retry(retries),
        Effect.ignore,
        Effect.ensuring(Effect.sync(job.done))
      )
    }

    /** Continues after the first try. */
    const deliver = (job: Job) =>
      Effect.flatMap(tryOnce(job, 1), (isDelivered) =>
        isDelivered ? Effect.sync(job.done) : Effect.asVoid(FiberSet.run(fibers, retry(job)))
      )

    // Mutable: the messages that wait to be overtaken.
    let held: ReadonlyArray<Job> = []
    const release = Effect.suspend(() => {
      const released = held
      held = []
      return Effect.forEach(released, deliver, { discard: true })
    })
    const step = Effect.gen(function* () {
      const take = Queue.take(jobs)
      const next = held.length === 0 ? Effect.asSome(take) : Effect.timeoutOption(take, longestHold)
      const job = Option.getOrNull(yield* next)
      if (job?.fault === "disorder") {
        held = [...held, job]
        return
      }
      if (job !== null) yield* deliver(job)
      yield* release
    })
    yield* Effect.forkScoped(Effect.forever(step))
  })

/** Sends a message once, and returns the status of the answer, or why there was none. */
const answerOf = (
  client: HttpClient.HttpClient,
  { secret, url }: Endpoint,
  { body }: Message
): Effect.Effect<number, string> =>
  HttpClientRequest.post(url).pipe(
    HttpClientRequest.setHeader("stigg-webhooks-secret", Redacted.value(secret)),
    HttpClientRequest.bodyText(JSON.stringify(body), "application/json"),
    client.execute,
    // An answer that is not read keeps its connection. To read one without a body, such as a 204, is an error of `fetch`.
    Effect.flatMap((response) =>
      Stream.runDrain(response.stream).pipe(
        Effect.catchIf(
          (error) => error.reason === "EmptyBody",
          () => Effect.void
        ),
        Effect.as(response.status)
      )
    ),
    Effect.mapError(reasonOf),
    // A client that dies must not end the lane.
    Effect.catchAllDefect((defect) => Effect.fail(String(defect))),
    Effect.timeoutFail({ duration: longestAnswer, onTimeout: () => `no answer within ${longestAnswer}` })
  )

const reasonOf = ({ cause, message }: HttpClientError.HttpClientError): string => {
  const code = [cause, Predicate.hasProperty(cause, "cause") ? cause.cause : undefined].flatMap((one) =>
    Predicate.hasProperty(one, "code") && Predicate.isString(one.code) ? [one.code] : []
  )
  return [message, ...code].join(": ")
}
