import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import { empty, type Headers } from "@effect/platform/Headers"
import * as TraceContext from "@effect/platform/HttpTraceContext"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import type * as MetricKeyType from "effect/MetricKeyType"
import * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { StiggError } from "../../StiggError.js"
import { metricNames, spanName } from "./TelemetryNames.js"
import type { TextResponse } from "./TextResponse.js"
import type * as Failure from "../failure/Failure.js"

const calls = MetricKey.counter(metricNames.calls, {
  description: "Calls of an operation by outcome, not counting retries",
  incremental: true
})

const retries = MetricKey.counter(metricNames.retries, {
  description: "Retries of calls of an operation",
  incremental: true
})

const duration = MetricKey.histogram(
  metricNames.callDuration,
  MetricBoundaries.fromIterable([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60]),
  "Duration of calls of an operation in seconds, including retries"
)

/** A metric with its tags in its key. With `Metric.tagged`, each update would look them up in the registry again. */
const tagged = <Type extends MetricKeyType.MetricKeyType<number, unknown>>(
  key: MetricKey.MetricKey<Type>,
  tags: Readonly<Record<string, string>>
) =>
  Metric.fromMetricKey(
    MetricKey.taggedWithLabels(
      key,
      Object.entries(tags).map(([name, value]) => MetricLabel.make(name, value))
    )
  )

/**
 * Whether spans are recorded: a tracer is provided, or there is a span around the call. Otherwise, Effect's default
 * tracer would drop the spans, and making them takes more than half as long as the rest of a call (75 µs of CPU beside
 * 130, Node 20).
 */
const isTraced = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean =>
  (fiber.currentSpan !== undefined || fiber.currentTracer !== nativeTracer) &&
  fiber.getFiberRef(FiberRef.currentTracerEnabled)

const nativeTracer = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** The telemetry of one operation: spans, metrics, and a log line for each retry. */
export const make = (operation: { readonly name: string; readonly method: string; readonly path: string }) => {
  const counted = (outcome: string) => tagged(calls, { operation: operation.name, outcome })
  const succeeded = counted("success")
  const retried = tagged(retries, { operation: operation.name })
  const timed = tagged(duration, { operation: operation.name })
  const span = {
    kind: "client",
    captureStackTrace: false,
    attributes: { "http.request.method": operation.method, "url.template": operation.path }
  } as const

  /** Ends the span without the result: a span would keep it in memory, and a gateway may echo the key in it. */
  const spanned = <A>(
    name: string,
    use: (span: Tracer.Span) => Effect.Effect<A, StiggError>,
    onExit: (span: Tracer.Span, exit: Exit.Exit<A, StiggError>) => Effect.Effect<void>
  ): Effect.Effect<A, StiggError> =>
    Effect.acquireUseRelease(Effect.makeSpan(name, span), use, (span, exit) =>
      Effect.zipRight(
        onExit(span, exit),
        Effect.zipWith(Effect.clock, FiberRef.get(FiberRef.currentTracerTimingEnabled), (clock, isTimed) =>
          span.end(isTimed ? clock.unsafeCurrentTimeNanos() : BigInt(0), Exit.asVoid(exit))
        )
      )
    )

  return {
    /** Records one span, one count and one duration for a call. */
    call: <A>(self: Effect.Effect<A, StiggError>): Effect.Effect<A, StiggError> =>
      Effect.withFiberRuntime((fiber) => {
        const clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
        const start = clock.unsafeCurrentTimeNanos()
        const record = (exit: Exit.Exit<A, StiggError>) => {
          const labels = fiber.getFiberRef(FiberRef.currentMetricLabels)
          timed.unsafeUpdate(Number(clock.unsafeCurrentTimeNanos() - start) / 1e9, labels)
          const count = Exit.isSuccess(exit) ? succeeded : counted(outcome(exit))
          count.unsafeUpdate(1, labels)
        }
        if (!isTraced(fiber)) return Effect.onExit(self, (exit) => Effect.sync(() => record(exit)))
        return spanned(
          spanName(operation.name),
          (span) => Effect.withParentSpan(self, span),
          (span, exit) =>
            Effect.sync(() => {
              failed(span, exit, ({ _tag }) => _tag)
              record(exit)
            })
        )
      }),
    /**
     * Records a span for one attempt, which fails if the response is an error or cannot be read. The request carries its
     * trace headers.
     */
    attempt: <A>(
      { attempts, url }: Failure.Call,
      exchange: (headers: Headers) => Effect.Effect<TextResponse, StiggError>,
      read: (response: TextResponse) => Effect.Effect<A, StiggError>
    ): Effect.Effect<A, StiggError> =>
      Effect.withFiberRuntime((fiber) =>
        isTraced(fiber)
          ? spanned(
              `${operation.method} ${operation.path}`,
              (span) => {
                span.attribute("url.full", url)
                if (attempts > 1) span.attribute("http.request.resend_count", attempts - 1)
                return Effect.flatMap(exchange(span.sampled ? TraceContext.toHeaders(span) : empty), (response) => {
                  const { status } = response
                  span.attribute("http.response.status_code", status)
                  return Effect.zipRight(
                    Effect.annotateCurrentSpan("http.response.status_code", status),
                    read(response)
                  )
                })
              },
              (span, exit) => Effect.sync(() => failed(span, exit, attemptErrorType))
            )
          : Effect.flatMap(exchange(empty), read)
      ),
    /** Records a retry. */
    again: (attempt: number, error: StiggError): Effect.Effect<void> =>
      Effect.all(
        [
          Metric.increment(retried),
          Effect.annotateCurrentSpan("http.request.resend_count", attempt - 1),
          Effect.logDebug(`${operation.name}: retrying (attempt ${attempt}) after ${error._tag}: ${error.message}`)
        ],
        { discard: true }
      )
  }
}

/** Sets the attribute of a span that ends with an error. */
const failed = (
  span: Tracer.Span,
  exit: Exit.Exit<unknown, StiggError>,
  errorType: (error: StiggError) => string
): void => {
  const error = Option.flatMap(Exit.causeOption(exit), Cause.failureOption)
  if (Option.isSome(error)) span.attribute("error.type", errorType(error.value))
}

/** OpenTelemetry's error type of an HTTP request is the status, if it is the reason. */
const attemptErrorType = (error: StiggError): string =>
  error.status !== null && (error.status < 200 || error.status >= 300) ? String(error.status) : error._tag

const outcome = ({ cause }: Exit.Failure<unknown, StiggError>): string =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => (Cause.isInterrupted(cause) ? "interrupted" : "defect"),
    onSome: (error) => error._tag
  })
