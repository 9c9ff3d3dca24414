import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Excerpt from "../../../internal/failure/Excerpt.js"
import * as Issue from "../../../internal/failure/Issue.js"
import type { Controls, Time } from "../../Controls.js"
import { Emulator } from "../../Emulator.js"
import * as Faults from "../../Faults.js"
import * as Journal from "../../Journal.js"
import * as Seed from "../../Seed.js"
import { document } from "../../StiggApi.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as NamedSeed from "../seed/NamedSeed.js"
import { InvalidUtf8 } from "../http/InvalidUtf8.js"
import { AddedWebhooks } from "./AddedWebhooks.js"
import * as ControlApi from "./ControlApi.js"
import * as DocsPage from "./DocsPage.js"

const { badInput } = ApiFailure

interface Chosen {
  readonly urlParams: { readonly world?: string | undefined }
}

/** The world that a request is about. */
export const worldOf = ({ urlParams: { world } }: Chosen) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const apiKey = headers["x-api-key"] ?? ""
    if (world !== undefined) {
      const named = (yield* emulator.worlds).find(({ name }) => name === world)
      return named === undefined ? yield* badInput("world", "no world has this name, see /_emulator/worlds") : named
    }
    if (apiKey !== "") return yield* emulator.world(Redacted.make(apiKey))
    return emulator.hasWorldsByKey
      ? yield* badInput("world", "choose a world: an API key in X-API-KEY, or a name in the query")
      : emulator
  })

/** The JSON in the body of a request. */
export const jsonBody = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  return yield* Effect.mapError(request.json, ({ cause }) =>
    badInput("body", cause instanceof InvalidUtf8 ? cause.message : "not valid JSON")
  )
})

/** A body that says nothing: an empty object, or no bytes at all. */
const emptyBody = Effect.flatMap(jsonBody, (body) => {
  if (body === null) return Effect.void
  if (!Predicate.isRecord(body)) return badInput("body", "expected an empty object")
  const [field] = Object.keys(body)
  return field === undefined ? Effect.void : badInput(Excerpt.line(field, 100), "is unexpected, expected: nothing")
})

/** The body of a request, which names the field that is wrong. */
export const bodyOf = <A, I>(schema: Schema.Schema<A, I>) =>
  Effect.flatMap(jsonBody, (json) =>
    Effect.mapError(Schema.decodeUnknown(schema)(json), ({ issue }) => refused(Issue.text(issue, "body")))
  )

/** A mistake in a request. */
export const refused = (message: string, code = "BadUserInput"): ApiFailure.ApiFailure =>
  new ApiFailure.ApiFailure({ status: 400, code, message })

/** An answer in JSON. */
export const json = (body: unknown, status = 200): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.unsafeJson(body, { status })

/** An answer that tells nothing but success. */
export const done = json({})

const streamed = (text: Stream.Stream<string>): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(Stream.encodeText(text), { contentType: "application/json" })

const about = HttpApiBuilder.group(ControlApi.ControlApi, "emulator", (handlers) =>
  handlers
    .handle("paths", () => Effect.succeed(json(ControlApi.paths)))
    .handle("health", () => Effect.succeed(json({ status: "ok" })))
    .handle("docs", () => DocsPage.page)
    .handle("openapi", () => Effect.sync(() => json(document())))
    .handle("control", () => Effect.sync(() => json(ControlApi.document())))
)

/** The seed in a body, or that with the name in it. */
const seedOf = (body: unknown): Effect.Effect<Seed.Input, Seed.InvalidSeed | ApiFailure.ApiFailure> =>
  Predicate.isString(body)
    ? Either.mapLeft(NamedSeed.of(body), (problem) => badInput("seed", problem))
    : Seed.validate(body)

const state = HttpApiBuilder.group(ControlApi.ControlApi, "emulator.state", (handlers) =>
  handlers
    .handle("snapshot", (request) => Effect.map(worldOf(request), ({ snapshotText }) => streamed(snapshotText)))
    .handle("save", (request) => Effect.map(worldOf(request), ({ saveText }) => streamed(saveText)))
    .handleRaw("load", (request) =>
      Effect.gen(function* () {
        const world = yield* worldOf(request)
        const { stream } = yield* HttpServerRequest.HttpServerRequest
        yield* world.loadText(stream).pipe(
          Effect.catchTags({
            StiggInvalidSaveError: ({ message }) => refused(message, "InvalidSave"),
            RequestError: () => badInput("body", "cannot be read")
          })
        )
        return done
      })
    )
    .handleRaw("seed", (request) =>
      Effect.gen(function* () {
        const world = yield* worldOf(request)
        yield* Effect.flatMap(jsonBody, seedOf).pipe(
          Effect.flatMap(world.seed),
          Effect.catchTag("StiggInvalidSeedError", ({ message }) => refused(message, "InvalidSeed"))
        )
        return done
      })
    )
    .handleRaw("reset", (request) =>
      Effect.flatMap(worldOf(request), ({ reset }) => Effect.as(Effect.zipRight(emptyBody, reset), done))
    )
)

const inspection = HttpApiBuilder.group(ControlApi.ControlApi, "emulator.inspection", (handlers) =>
  handlers
    .handle("customers", (request) =>
      Effect.gen(function* () {
        const { findCustomers } = yield* worldOf(request)
        return json(yield* findCustomers(request.urlParams))
      })
    )
    .handle("entitlements", (request) =>
      Effect.gen(function* () {
        const { customerId, resourceId = null } = request.urlParams
        const { explain } = yield* worldOf(request)
        return json({ data: yield* explain(customerId, resourceId) })
      })
    )
)

const shown = ({ isPaused, now }: Time) => ({ now: DateTime.formatIso(now), isPaused })

/** Moves the time of a world forward. */
const move = (world: Controls, { advance, pause, set }: typeof ControlApi.TimeChange.Type) =>
  Effect.gen(function* () {
    const { now } = yield* world.time
    if (advance === undefined && pause === undefined && set === undefined) {
      return yield* badInput("body", "expected set, advance, or pause")
    }
    if (set !== undefined && advance !== undefined) return yield* badInput("advance", "expected either set or advance")
    if (set !== undefined && DateTime.lessThan(set, now)) {
      return yield* badInput("set", `expected a time from now on, ${DateTime.formatIso(now)}: it moves only forward`)
    }
    // `Duration` turns a negative one into zero.
    const duration = Duration.decodeUnknown(advance?.trim().startsWith("-") === true ? undefined : advance)
    if (advance !== undefined && Option.isNone(duration)) {
      return yield* badInput("advance", 'expected a duration such as "14 days"')
    }
    const target = set ?? Option.getOrUndefined(Option.map(duration, (by) => DateTime.addDuration(now, by)))
    if (target !== undefined) yield* world.setTime(target)
    if (pause === false) yield* world.resumeTime
    if (pause === true) {
      yield* world.pauseTime
      // It went on until it was paused.
      yield* world.setTime(target ?? now)
    }
    return json(shown(yield* world.time))
  }).pipe(
    Effect.catchTag("StiggInvalidOptionsError", ({ rule }) => badInput(advance === undefined ? "set" : "advance", rule))
  )

const time = HttpApiBuilder.group(ControlApi.ControlApi, "emulator.time", (handlers) =>
  handlers
    .handle("get", (request) =>
      Effect.flatMap(worldOf(request), ({ time }) => Effect.map(time, (now) => json(shown(now))))
    )
    .handleRaw("move", (request) =>
      Effect.gen(function* () {
        const world = yield* worldOf(request)
        return yield* move(world, yield* bodyOf(ControlApi.TimeChange))
      })
    )
)

/** The rules in a body: a rule, a list of rules, or the name of a scenario. If one is invalid, none is injected. */
const rulesOf = (body: unknown) =>
  Predicate.isRecord(body) && "scenario" in body
    ? Effect.mapBoth(Schema.decodeUnknown(ControlApi.Scenario)(body), {
        onFailure: ({ issue }) => refused(Issue.text(issue, "body"), "InvalidFault"),
        onSuccess: ({ scenario }) => Faults.scenario[scenario]
      })
    : Effect.mapError(
        Array.isArray(body) ? Effect.forEach(body, ruleAt) : Effect.map(Faults.decode(body), (rule) => [rule]),
        ({ message }) => refused(message, "InvalidFault")
      )

/** A rule in a list, whose position starts each line of the message. */
const ruleAt = (rule: unknown, position: number) =>
  Effect.mapError(Faults.decode(rule), ({ message }) => ({ message: message.replace(/^/gm, `${position}.`) }))

const faults = HttpApiBuilder.group(ControlApi.ControlApi, "emulator.faults", (handlers) =>
  handlers
    .handle("list", (request) =>
      Effect.flatMap(worldOf(request), ({ activeFaults }) => Effect.map(activeFaults, (data) => json({ data })))
    )
    .handleRaw("inject", (request) =>
      Effect.gen(function* () {
        const world = yield* worldOf(request)
        const rules = yield* Effect.flatMap(jsonBody, rulesOf)
        yield* Effect.forEach(rules, world.inject, { discard: true }).pipe(
          Effect.catchTag("StiggInvalidFaultError", ({ message }) => refused(message, "InvalidFault"))
        )
        return json({ data: yield* world.activeFaults }, 201)
      })
    )
    .handle("clear", (request) =>
      Effect.flatMap(worldOf(request), ({ clearFaults }) => Effect.as(clearFaults, json({ data: [] })))
    )
)

const requests = HttpApiBuilder.group(ControlApi.ControlApi, "emulator.requests", (handlers) =>
  handlers
    .handle("list", (request) =>
      Effect.gen(function* () {
        const { limit, world: _, ...filter } = request.urlParams
        const world = yield* worldOf(request)
        return json({ data: yield* world.received(filter, { limit }) })
      })
    )
    .handle("clear", (request) =>
      Effect.flatMap(worldOf(request), ({ clearReceived }) => Effect.as(clearReceived, json({ data: [] })))
    )
    .handleRaw("verify", (request) =>
      Effect.gen(function* () {
        const world = yield* worldOf(request)
        const count = yield* world.verify(yield* bodyOf(Journal.Expectation))
        return json({ count })
      }).pipe(
        Effect.catchTag(
          "StiggVerificationError",
          ({ message }) => new ApiFailure.ApiFailure({ status: 409, code: "NotVerified", message })
        )
      )
    )
)

const worlds = HttpApiBuilder.group(ControlApi.ControlApi, "emulator.worlds", (handlers) =>
  handlers
    .handle("list", () =>
      Effect.gen(function* () {
        const { worlds } = yield* Emulator
        const data = yield* Effect.forEach(yield* worlds, ({ name, time }) =>
          Effect.map(time, (now) => ({ name, time: shown(now) }))
        )
        return json({ data })
      })
    )
    .handle("remove", (request) =>
      Effect.gen(function* () {
        const { removeWorld } = yield* Emulator
        const world = yield* worldOf(request)
        const { remove } = yield* AddedWebhooks
        yield* remove(world)
        yield* removeWorld(world.name)
        return done
      })
    )
)

/** The handlers of the control routes. */
export const layer = Layer.mergeAll(about, state, inspection, time, faults, requests, worlds)
