/**
 * An in-memory emulator of the Stigg API, with access to its state and fault injection.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { InvalidOptionsError } from "../StiggError.js"
import type * as Act from "./Act.js"
import type * as Controls from "./Controls.js"
import type * as Faults from "./Faults.js"
import * as InProcess from "./internal/http/InProcess.js"
import type * as Limits from "./Limits.js"
import type * as Seed from "./Seed.js"
import type * as Inspection from "./Inspection.js"
import type * as Journal from "./Journal.js"
import type * as Saved from "./Saved.js"
import type * as Snapshot from "./Snapshot.js"
import * as EmulatorService from "./internal/control/EmulatorService.js"

/**
 * Options of an emulator. All are optional.
 *
 * @example
 * import { type Emulator, Faults } from "effect-stigg/testing"
 *
 * const options: Emulator.Options = {
 *   seed: { customers: [{ id: "customer-acme" }] },
 *   faults: [{ fault: Faults.status(503), probability: 0.1 }],
 *   limits: true
 * }
 * console.log(options.limits)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The initial state. Defaults to an empty one. */
  readonly seed?: Seed.Input | undefined
  /** Fault rules that are active from the start. */
  readonly faults?: ReadonlyArray<Faults.Rule> | undefined
  /** Rate limits in requests per minute. By default there are none. */
  readonly limits?: Limits.Input | undefined
  /** The only API key to accept. By default any non-empty key is accepted. */
  readonly apiKey?: Redacted.Redacted | undefined
  /**
   * `"byKey"` gives each API key, or user token, a world of its own: state, time, faults, limits and journal. It is made
   * from the seed when the key is used first, so that tests that run side by side do not see each other. Requests
   * that get a 401, and the controls of the emulator itself, belong to a world of their own. Defaults to `"one"`.
   */
  readonly worlds?: "one" | "byKey" | undefined
  /** The number of requests that the journal of a world keeps, from 0 to 1,000,000. Defaults to 1,000. */
  readonly journal?: number | undefined
  /** A finite seed for ids, cursors and fault sampling: the same seed gives the same results. Defaults to 0. */
  readonly idSeed?: number | undefined
  /**
   * Whether a list refuses `after` together with `before` with 400, as the API's document says that they exclude each
   * other. By default, the answer is the page after the one that starts at `before`, because the Ruby client asks so
   * for each next page.
   */
  readonly strict?: boolean | undefined
}

/**
 * The errors of invalid emulator options. The message names the path to the invalid value.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const broken = Emulator.layer({ seed: { customers: [{ id: "customer-acme", plan: "plan-unknown" }] } })
 * const reason = Effect.scoped(Layer.build(broken)).pipe(
 *   Effect.flip,
 *   Effect.map((error: Emulator.InvalidOptions) => error.message) // customers.0.plan: unknown plan plan-unknown
 * )
 * void Effect.runPromise(reason)
 *
 * @category errors
 * @since 0.1.0
 */
export type InvalidOptions = Seed.InvalidSeed | Faults.InvalidFault | Limits.InvalidLimits | InvalidOptionsError

/**
 * A running emulator: it handles requests, and its {@link Controls.Controls} seed, save, fault, time and watch it.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const faults = Effect.flatMap(Emulator.Emulator, (emulator) => emulator.activeFaults)
 * void Effect.runPromise(Effect.provide(faults, Emulator.layer()))
 *
 * @category tags
 * @since 0.1.0
 */
export class Emulator extends Context.Tag("effect-stigg/testing/Emulator")<
  Emulator,
  Controls.Controls & {
    /**
     * Handles requests for an HTTP server or an in-process client. Fails if an injected fault resets or stalls the
     * connection.
     */
    readonly httpApp: HttpApp.Default<Faults.ConnectionFault, Scope.Scope>
    /** Whether each API key has a world of its own. */
    readonly hasWorldsByKey: boolean
    /** The worlds that have been used. */
    readonly worlds: Effect.Effect<ReadonlyArray<Controls.Controls>>
    /** The world of an API key. It is the same for all keys unless `worlds` is `"byKey"`. */
    readonly world: (apiKey: Redacted.Redacted) => Effect.Effect<Controls.Controls>
    /** The world with a name, made if there is none yet. It is the same for all names unless `worlds` is `"byKey"`. */
    readonly worldNamed: (name: string) => Effect.Effect<Controls.Controls>
    /**
     * Removes a world, which its next use makes anew, and returns whether there was one. The first world, `"default"`, is
     * reset instead.
     */
    readonly removeWorld: (name: string) => Effect.Effect<boolean>
  }
>() {}

/**
 * Creates an emulator with its own state. Fails with {@link InvalidOptions} if an option is invalid.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const program = Effect.gen(function* () {
 *   const emulator = yield* Emulator.make({ seed: { customers: [{ id: "customer-acme" }] } })
 *   const { customers } = yield* emulator.snapshot
 *   console.log(customers.length) // 1
 * })
 * void Effect.runPromise(program)
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<Context.Tag.Service<Emulator>, InvalidOptions> =>
  Effect.map(EmulatorService.make(options), ({ service }) => Emulator.of(service))

/**
 * Provides an emulator. Each layer has its own state. Fails with {@link InvalidOptions} if an option is invalid.
 *
 * @example
 * import { Layer } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const InProcess = Emulator.layerHttpClient.pipe(Layer.provideMerge(Emulator.layer({ limits: true })))
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<Emulator, InvalidOptions> =>
  Layer.effect(Emulator, make(options))

/**
 * An `HttpClient` that sends every request to the emulator in process, whatever its host. It opens no socket and uses
 * the program's `Clock`.
 *
 * @example
 * import { HttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const status = Effect.gen(function* () {
 *   const client = yield* HttpClient.HttpClient
 *   const response = yield* client.get("http://emulator/api/v1/customers", { headers: { "x-api-key": "any" } })
 *   console.log(response.status) // 200
 * })
 * void Effect.runPromise(Effect.provide(status, Layer.provide(Emulator.layerHttpClient, Emulator.layer())))
 *
 * @category layers
 * @since 0.1.0
 */
export const layerHttpClient: Layer.Layer<HttpClient.HttpClient, never, Emulator> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(Emulator, ({ httpApp }) => InProcess.client(httpApp))
)

/**
 * Injects a fault into the requests that a rule selects. Fails with `Faults.InvalidFault` (`StiggInvalidFaultError`) if
 * the rule is invalid.
 *
 * @example
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const outage = Emulator.inject({ fault: Faults.status(503), operation: "customers.retrieve", times: 1 })
 * console.log(outage)
 *
 * @category accessors
 * @since 0.1.0
 */
export const inject = (rule: Faults.Rule): Effect.Effect<void, Faults.InvalidFault, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.inject(rule))

/**
 * Removes all injected faults.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator, Faults } from "effect-stigg/testing"
 *
 * const outage = <A, E, R>(during: Effect.Effect<A, E, R>) =>
 *   Effect.zipRight(Emulator.inject({ fault: Faults.status(503) }), Effect.ensuring(during, Emulator.clearFaults))
 *
 * @category accessors
 * @since 0.1.0
 */
export const clearFaults: Effect.Effect<void, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) => emulator.clearFaults
)

/**
 * Returns the emulator's current state as plain JSON.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const ids = Effect.map(Emulator.snapshot, ({ customers }) => customers.map(({ id }) => id))
 * void Effect.runPromise(Effect.provide(ids, Emulator.layer()))
 *
 * @category accessors
 * @since 0.1.0
 */
export const snapshot: Effect.Effect<Snapshot.Snapshot, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) => emulator.snapshot
)

/**
 * Looks for customers by a part of their id, name or email, newest first.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator, Seed } from "effect-stigg/testing"
 *
 * const names = Effect.map(Emulator.findCustomers({ search: "acme" }), ({ data }) => data.map(({ name }) => name))
 * const shown = Effect.tap(names, ([name]) => Effect.sync(() => console.log(name))) // Acme Corp
 * void Effect.runPromise(Effect.provide(shown, Emulator.layer({ seed: Seed.demo })))
 *
 * @category accessors
 * @since 0.1.0
 */
export const findCustomers = (
  search?: Inspection.CustomerSearch
): Effect.Effect<Inspection.CustomerPage, never, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.findCustomers(search))

/**
 * Checks every feature and currency for a customer, or for one of its resources, and says why each is granted or denied.
 * For a test that does not see why a check has its answer.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator, Seed } from "effect-stigg/testing"
 *
 * const why = Effect.map(Emulator.explain("customer-acme"), (all) =>
 *   all.map(({ id, isGranted, reason }) => `${id}: ${isGranted ? "yes" : "no"}, ${reason}`)
 * )
 * const shown = Effect.tap(why, ([first]) => Effect.sync(() => console.log(first))) // feature-sso: yes, plan plan-pro
 * void Effect.runPromise(Effect.provide(shown, Emulator.layer({ seed: Seed.demo })))
 *
 * @category accessors
 * @since 0.1.0
 */
export const explain = (
  customerId: string,
  resourceId?: string | null
): Effect.Effect<ReadonlyArray<Inspection.ExplainedEntitlement>, never, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.explain(customerId, resourceId))

/**
 * Makes the emulator as it was at the start: its seed, faults and time, without idempotency keys and requests received.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const afterEach = <A, E, R>(test: Effect.Effect<A, E, R>) => Effect.ensuring(test, Emulator.reset)
 *
 * @category accessors
 * @since 0.1.0
 */
export const reset: Effect.Effect<void, never, Emulator> = Effect.flatMap(Emulator, (emulator) => emulator.reset)

/**
 * Replaces the catalogue and all customers. Fails with `Seed.InvalidSeed` (`StiggInvalidSeedError`) if the seed is
 * invalid; then nothing changes.
 *
 * @example
 * import { Emulator, Seed } from "effect-stigg/testing"
 *
 * const demo = Emulator.seed(Seed.demo)
 * console.log(demo)
 *
 * @category accessors
 * @since 0.1.0
 */
export const seed = (seed: Seed.Input): Effect.Effect<void, Seed.InvalidSeed, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.seed(seed))

/**
 * Returns the whole state, to be loaded again, also by another process: lists, cursors, ids and idempotency keys are
 * the same then.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const undone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
 *   Effect.flatMap(Emulator.save, (saved) => Effect.zipLeft(effect, Emulator.load(saved)))
 *
 * @category accessors
 * @since 0.1.0
 */
export const save: Effect.Effect<Saved.Saved, never, Emulator> = Effect.flatMap(Emulator, (emulator) => emulator.save)

/**
 * Replaces the whole state by a saved one. Fails with `Saved.InvalidSave` (`StiggInvalidSaveError`) if it is invalid;
 * then nothing changes.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const copied = Effect.flatMap(Effect.provide(Emulator.save, Emulator.layer()), Emulator.load)
 * void Effect.runPromise(Effect.provide(copied, Emulator.layer()))
 *
 * @category accessors
 * @since 0.1.0
 */
export const load = (saved: Saved.Saved): Effect.Effect<void, Saved.InvalidSave, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.load(saved))

/**
 * The time of the emulator.
 *
 * @example
 * import { DateTime, Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const now = Effect.map(Emulator.time, ({ now }) => DateTime.formatIso(now))
 * void Effect.runPromise(Effect.provide(now, Emulator.layer()))
 *
 * @category accessors
 * @since 0.1.0
 */
export const time: Effect.Effect<Controls.Time, never, Emulator> = Effect.flatMap(Emulator, (emulator) => emulator.time)

/**
 * Sets the time of the emulator, forward or back: usage periods, grants, trials, idempotency keys and rate limits follow.
 * The program's own `Clock` does not change. Fails with `InvalidOptionsError` (`StiggInvalidOptionsError`) if it is not
 * a time of the years 0 to 9999.
 *
 * @example
 * import { Emulator } from "effect-stigg/testing"
 *
 * const newYear = Emulator.setTime("2027-01-01T00:00:00Z")
 * console.log(newYear)
 *
 * @category accessors
 * @since 0.1.0
 */
export const setTime = (time: DateTime.DateTime.Input): Effect.Effect<void, InvalidOptionsError, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.setTime(time))

/**
 * Moves the time of the emulator forward. The program's own `Clock` does not change. Fails with `InvalidOptionsError`
 * (`StiggInvalidOptionsError`) if it would pass the year 9999.
 *
 * @example
 * import { Emulator } from "effect-stigg/testing"
 *
 * const trialIsOver = Emulator.advanceTime("14 days")
 * console.log(trialIsOver)
 *
 * @category accessors
 * @since 0.1.0
 */
export const advanceTime = (duration: Duration.DurationInput): Effect.Effect<void, InvalidOptionsError, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.advanceTime(duration))

/**
 * Makes the time of the emulator stand still until it is resumed. It can still be set and advanced.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const still = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
 *   Effect.zipRight(Emulator.pauseTime, Effect.ensuring(effect, Emulator.resumeTime))
 *
 * @category accessors
 * @since 0.1.0
 */
export const pauseTime: Effect.Effect<void, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) => emulator.pauseTime
)

/**
 * Lets the time of the emulator pass again, from where it stands.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const passes = Effect.zipRight(Emulator.pauseTime, Emulator.resumeTime)
 * void Effect.runPromise(Effect.provide(passes, Emulator.layer()))
 *
 * @category accessors
 * @since 0.1.0
 */
export const resumeTime: Effect.Effect<void, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) => emulator.resumeTime
)

/**
 * Returns the last requests received that a filter selects, oldest first.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const bodies = Effect.map(Emulator.received({ operation: "customers.provision" }), (all) =>
 *   all.map(({ body }) => body)
 * )
 * void Effect.runPromise(Effect.provide(bodies, Emulator.layer()))
 *
 * @category accessors
 * @since 0.1.0
 */
export const received = (filter?: Journal.Filter): Effect.Effect<ReadonlyArray<Journal.Received>, never, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.received(filter))

/**
 * Forgets the requests received.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const afresh = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.zipRight(Emulator.clearReceived, effect)
 *
 * @category accessors
 * @since 0.1.0
 */
export const clearReceived: Effect.Effect<void, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) => emulator.clearReceived
)

/**
 * Checks that the emulator received the expected requests, and returns how many matched. Fails with
 * `Journal.VerificationError` (`StiggVerificationError`), whose message shows the nearest requests and in what they
 * differ.
 *
 * @example
 * import { Emulator } from "effect-stigg/testing"
 *
 * const provisionedOnce = Emulator.verify({ operation: "customers.provision", customerId: "customer-acme", times: 1 })
 * console.log(provisionedOnce)
 *
 * @category accessors
 * @since 0.1.0
 */
export const verify = (expectation: Journal.Expectation): Effect.Effect<number, Journal.VerificationError, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.verify(expectation))

/**
 * The controls of the world of an API key, for `worlds: "byKey"`.
 *
 * @example
 * import { Effect, Redacted } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const reset = Effect.flatMap(Emulator.world(Redacted.make("key-of-a-test")), (world) => world.reset)
 * void Effect.runPromise(Effect.provide(reset, Emulator.layer({ worlds: "byKey" })))
 *
 * @category accessors
 * @since 0.1.0
 */
export const world = (apiKey: Redacted.Redacted): Effect.Effect<Controls.Controls, never, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.world(apiKey))

/**
 * Performs a change from outside of the API, such as reported usage or a new subscription. Fails with `Act.InvalidAct`
 * (`StiggInvalidActError`) if a field is invalid or names something that does not exist; then nothing changes.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const used = Emulator.act(Act.reportUsage({ customerId: "customer-acme", of: "feature-seats", value: 2 }))
 * console.log(used)
 *
 * @category accessors
 * @since 0.1.0
 */
export const act = (act: Act.Act): Effect.Effect<void, Act.InvalidAct, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => emulator.act(act))
