import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { CustomerImport, Stigg } from "effect-stigg"
import type { Faults } from "effect-stigg/testing"
import { Emulator } from "effect-stigg/testing"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"

/** A request of an import, as sent. */
export interface Sent {
  readonly ids: ReadonlyArray<string>
  readonly body: string
  readonly key: string
  /** Milliseconds of the clock. */
  readonly at: number
}

/** The response instead of the emulator's. With null the emulator responds. */
export type Script = (sent: Sent, index: number) => Effect.Effect<Response | null>

const Body = Schema.parseJson(Schema.Struct({ customers: Schema.Array(Schema.Struct({ id: Schema.String })) }))

/** The services on a separate emulator, with a script in front of it and a record of what was sent. */
export const make = (script: Script = () => Effect.succeed(null), faults: ReadonlyArray<Faults.Rule> = []) => {
  const sent: Array<Sent> = []
  const client = Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (emulator) =>
      HttpClient.make((request) =>
        Effect.gen(function* () {
          const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "{}"
          const { customers } = Schema.decodeSync(Body)(body)
          const one: Sent = {
            ids: customers.map(({ id }) => id),
            body,
            key: request.headers["idempotency-key"] ?? "",
            at: yield* Clock.currentTimeMillis
          }
          const response = yield* script(one, sent.push(one) - 1)
          return response === null ? yield* emulator.execute(request) : HttpClientResponse.fromWeb(request, response)
        })
      )
    )
  )
  const emulator = Emulator.layer({ faults })
  const layer = Stigg.layer({ apiKey: Redacted.make("server-key") }).pipe(
    Layer.provide(client.pipe(Layer.provide(Emulator.layerHttpClient))),
    Layer.provideMerge(emulator)
  )
  return { sent, layer }
}

export const refusal = (status: number, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify({ message: `refused with ${status}`, code: null }), { status, headers: { ...headers } })

/** A response in which every customer already existed. */
export const known = (): Response => new Response(JSON.stringify({ data: { newCustomers: [] } }))

export const customer = (id: string, more: Readonly<Record<string, unknown>> = {}) => ({
  id,
  name: `Name of ${id}`,
  email: `${id}@example.com`,
  ...more
})

export const customers = (count: number) => Array.from({ length: count }, (_, i) => customer(`c-${i + 1}`))

export const rowsOf = (values: ReadonlyArray<unknown>) => CustomerImport.fromValues(Stream.fromIterable(values))

/** Everything that an import emitted, and how it ended. */
export interface Told<E> {
  readonly batches: ReadonlyArray<CustomerImport.Batch>
  readonly summary: CustomerImport.Summary
  readonly rejected: ReadonlyArray<CustomerImport.Rejected>
  readonly exit: Exit.Exit<void, E>
}

export const collect = <E, R>(
  events: Stream.Stream<CustomerImport.Batch | CustomerImport.Summary, E, R>
): Effect.Effect<Told<E>, Error, R> =>
  Effect.gen(function* () {
    const told: Array<CustomerImport.Batch | CustomerImport.Summary> = []
    const exit = yield* Effect.exit(Stream.runForEach(events, (event) => Effect.sync(() => told.push(event))))
    const batches = told.filter((event) => event._tag === "Batch")
    const last = told.at(-1)
    if (last?._tag !== "Summary") return yield* Effect.fail(new Error(`no summary came: ${String(exit)}`))
    return { batches, summary: last, rejected: batches.flatMap(({ rejected }) => rejected), exit }
  })

/** Advances the clock step by step until an effect ends. */
export const hasten = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  step: Duration.DurationInput = "1 seconds"
): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    const pass: Effect.Effect<void> = Effect.gen(function* () {
      yield* TestClock.adjust(step)
      if (Option.isNone(yield* fiber.poll)) yield* pass
    })
    yield* pass
    return yield* Fiber.join(fiber)
  })
