import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type { Event } from "../../webhooks/WebhookEvent.js"
import { ageOf, customerIdOf } from "../../webhooks/WebhookEvent.js"
import type { Verifier } from "../../webhooks/Verifier.js"
import { WebhookRefusedError } from "../../webhooks/WebhookRefusedError.js"
import type { WebhookStoreService } from "../../webhooks/WebhookStore.js"
import { WebhookStoreError } from "../../webhooks/WebhookStore.js"
import * as Body from "./Body.js"
import * as Telemetry from "./Telemetry.js"

export interface Settings {
  readonly verifier: Verifier
  readonly store: WebhookStoreService
  /** In bytes. */
  readonly maxBodySize: number
  readonly handlerTimeout: Duration.Duration
  /** Runs all handlers of an event. It fails if one of them does. */
  readonly handle: (event: Event) => Effect.Effect<void, unknown>
}

/** What became of a message. */
type Outcome = "handled" | "repeated" | "outdated" | "busy" | "failed"

/** The message comes again after any status but 2xx. */
const statuses: Readonly<Record<Outcome, number>> = {
  handled: 200,
  repeated: 200,
  outdated: 200,
  busy: 503,
  failed: 500
}

/** Answers the requests of Stigg's webhooks. */
export const make = (
  settings: Settings
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpServerRequest.HttpServerRequest> => {
  const { handle, handlerTimeout, maxBodySize, verifier } = settings
  const store = impatient(settings.store)

  const received = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (request.method !== "POST") return yield* refusal("Method", "Expected a POST")
    const body = yield* Effect.cached(Body.read(request, maxBodySize))
    yield* verifier({ headers: request.headers, body })
    if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
      return yield* refusal("ContentType", "content-type: expected application/json")
    }
    const event = yield* Body.parse(yield* body)
    yield* Metric.increment(Telemetry.received)
    const now = yield* Clock.currentTimeMillis
    const age = ageOf(event, now)
    if (age !== null) yield* Metric.update(Telemetry.age, age)
    if (event._tag === "Unknown") yield* Metric.increment(Telemetry.unknown)
    return event
  })

  const handled = (event: Event): Effect.Effect<Outcome> =>
    handle(event).pipe(
      Effect.timeoutFail({ duration: handlerTimeout, onTimeout: () => new Error("The handlers took too long") }),
      Effect.withSpan(Telemetry.spanNames.handle, {
        attributes: {
          "stigg.webhook.type": event.type,
          "stigg.webhook.message_id": event.messageId,
          "stigg.webhook.trace_id": event.traceId
        },
        captureStackTrace: false
      }),
      Effect.as<Outcome>("handled"),
      Effect.catchAllCause((cause) =>
        Cause.isInterruptedOnly(cause) ? Effect.failCause(Cause.stripFailures(cause)) : notHandled(event, cause)
      )
    )

  /** Handles an event unless what is known is newer. */
  const handledIfNews = (event: Event): Effect.Effect<Outcome, WebhookStoreError> => {
    const subject = subjectOf(event)
    if (subject === null) return handled(event)
    return Effect.flatMap(store.isNews(...subject), (isNews) =>
      isNews
        ? Effect.tap(handled(event), (outcome) => (outcome === "handled" ? store.known(...subject) : Effect.void))
        : Effect.succeed<Outcome>("outdated")
    )
  }

  /** Handles each message once: a claim that is not followed by `done` is released, also by an interruption. */
  const once = (event: Event): Effect.Effect<Outcome, WebhookStoreError> => {
    const { messageId } = event
    if (messageId === null) return handledIfNews(event)
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(store.claim(messageId), (claim) => {
        if (claim !== "Claimed") return Effect.succeed<Outcome>(claim === "Done" ? "repeated" : "busy")
        return Effect.flatMap(Effect.exit(restore(handledIfNews(event))), (exit) => {
          const isDone = Exit.isSuccess(exit) && exit.value !== "failed"
          const settled = isDone ? store.done(messageId) : Effect.ignoreLogged(store.release(messageId))
          return Effect.zipRight(settled, exit)
        })
      })
    )
  }

  const outcome = (event: Event) => Effect.catchAll(once(event), (error) => notHandled(event, Cause.fail(error)))

  return received.pipe(
    Effect.flatMap((event) =>
      Effect.tap(outcome(event), (outcome) => {
        if (outcome === "repeated") return Metric.increment(Telemetry.repeated)
        if (outcome === "outdated") return Metric.increment(Telemetry.outdated)
        return outcome === "handled" ? Effect.void : Metric.increment(Telemetry.failed)
      })
    ),
    Effect.map((outcome) => HttpServerResponse.unsafeJson({ outcome }, { status: statuses[outcome] })),
    Effect.catchAll((error) =>
      Effect.as(
        Effect.zipRight(
          Metric.increment(Telemetry.refused),
          Effect.logDebug(`A webhook was refused: ${error.message}`)
        ),
        HttpServerResponse.unsafeJson({ message: error.message }, { status: error.status })
      )
    )
  )
}

/** How long a call of the store may take: with four of them, a body and the handlers, an answer takes less than 30 s. */
const storeTimeout = Duration.seconds(1)

/** A store each of whose calls ends in time, also within a region that cannot be interrupted. */
const impatient = (store: WebhookStoreService): WebhookStoreService => {
  const inTime = <A>(call: Effect.Effect<A, WebhookStoreError>) =>
    Effect.timeoutFail(Effect.interruptible(Effect.disconnect(call)), {
      duration: storeTimeout,
      onTimeout: () => new WebhookStoreError({ message: `The store took longer than ${Duration.format(storeTimeout)}` })
    })
  return {
    claim: (messageId) => inTime(store.claim(messageId)),
    done: (messageId) => inTime(store.done(messageId)),
    release: (messageId) => inTime(store.release(messageId)),
    isNews: (subject, at) => inTime(store.isNews(subject, at)),
    known: (subject, at) => inTime(store.known(subject, at))
  }
}

const notHandled = ({ messageId, type }: Event, cause: Cause.Cause<unknown>): Effect.Effect<Outcome> =>
  Effect.logError(`The webhook ${type} ${messageId ?? ""} was not handled`, cause).pipe(Effect.as("failed"))

const refusal = (reason: "Method" | "ContentType", message: string) =>
  Effect.fail(new WebhookRefusedError({ reason, message }))

/** What an event tells the state of, and as of when. */
const subjectOf = (event: Event): readonly [subject: string, at: number] | null =>
  event._tag === "EntitlementsUpdated" && event.entitlementsUpdatedAt !== null
    ? [JSON.stringify([customerIdOf(event), event.resource?.id ?? null]), event.entitlementsUpdatedAt.epochMillis]
    : null
