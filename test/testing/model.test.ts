import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { expect, it } from "@effect/vitest"
import type { Saved, Seed } from "effect-stigg/testing"
import { Act, Emulator } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as EmulatorService from "../../src/testing/internal/control/EmulatorService.js"
import * as Keeper from "../../src/testing/internal/save/Keeper.js"
import { chance } from "../export/Account.js"

const steps = 20_000
const hour = 3_600_000
const day = 24 * hour

const seed: Seed.Input = {
  features: [
    { id: "seats", type: "NUMBER" },
    { id: "audit", type: "BOOLEAN" }
  ],
  currencies: [{ id: "tokens" }],
  plans: [{ id: "pro", features: [{ featureId: "seats", usageLimit: 50 }] }]
}

/** What the model knows of a customer. */
interface Customer {
  readonly id: string
  readonly createdAt: number
  name: string | null
  email: string | null
  isArchived: boolean
  hasPlan: boolean
  seats: number
  granted: number
  spent: number
  /** Until when the feature `audit` is granted, in milliseconds since 1970. */
  auditUntil: number
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

const Page = Schema.Struct({
  data: Schema.Array(
    Schema.Struct({ id: Schema.String, name: Schema.NullOr(Schema.String), email: Schema.NullOr(Schema.String) })
  ),
  pagination: Schema.Struct({ next: Schema.NullOr(Schema.String), prev: Schema.NullOr(Schema.String) })
})
const decodePage = Schema.decodeUnknownSync(Page)
const decodeChecked = Schema.decodeUnknownSync(
  Schema.Struct({
    data: Schema.Struct({ isGranted: Schema.Boolean, accessDeniedReason: Schema.NullOr(Schema.String) })
  })
)
const decodeNamed = Schema.decodeUnknownSync(Schema.Struct({ data: Schema.Struct({ name: Schema.String }) }))
const decodeImported = Schema.decodeUnknownSync(
  Schema.Struct({ data: Schema.Struct({ newCustomers: Schema.Array(Schema.String) }) })
)

/** An emulator whose state is kept in a file until `end`, and a client of it. */
const start = (from: Seed.Input, path: string) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const { main, service: emulator } = yield* EmulatorService.make({ seed: from })
    // Little, so that what has changed is written all the time.
    const sizes = { unwritten: 20, outdated: 50_000 }
    yield* Effect.flatten(
      Scope.extend(Keeper.make({ instance: main, path, sizes, onLost: ({ message }) => Effect.die(message) }), scope)
    )
    const client = yield* HttpClient.HttpClient.pipe(
      Effect.provide(Emulator.layerHttpClient),
      Effect.provideService(Emulator.Emulator, emulator)
    )
    const send = (
      method: "GET" | "POST" | "PATCH",
      path: string,
      body?: object,
      key?: string
    ): Effect.Effect<Answer, unknown> =>
      HttpClientRequest.make(method)(`http://emulator/api/v1/${path}`, {
        headers: { "x-api-key": "key", ...(key === undefined ? {} : { "idempotency-key": key }) }
      }).pipe(
        (request) => (body === undefined ? request : HttpClientRequest.bodyUnsafeJson(request, body)),
        client.execute,
        Effect.flatMap(({ json, status }) => Effect.map(json, (body) => ({ status, body }))),
        Effect.scoped
      )
    return { emulator, send, end: Scope.close(scope, Exit.void) }
  })

it.scoped(
  `the emulator does ${steps.toLocaleString("en")} random steps as a simple model does`,
  () =>
    Effect.gen(function* () {
      let turn = 0
      const random = (below: number) => Math.floor(chance(turn++) * below)
      const pick = <A>(of: ReadonlyArray<A>): A | undefined => of[random(of.length)]

      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-stigg-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
      )
      const path = join(folder, "state.json")
      let { emulator, end, send } = yield* start(seed, path)
      const customers = new Map<string, Customer>()
      const replays: Array<{
        readonly key: string
        readonly id: string
        readonly at: number
        readonly answer: Answer
      }> = []
      const millis = Effect.suspend(() => Effect.map(emulator.time, ({ now }) => now.epochMillis))

      const made = (id: string, createdAt: number, name: string | null, email: string | null) =>
        customers.set(id, {
          createdAt,
          ...{
            id,
            name,
            email,
            isArchived: false,
            hasPlan: false,
            seats: 0,
            granted: 0,
            spent: 0,
            auditUntil: -Infinity
          }
        })
      const idOf = () => `customer-${random(150)}`
      const existing = () => pick(Array.from(customers.values()))
      const active = () => pick(Array.from(customers.values()).filter(({ isArchived }) => !isArchived))
      const emails = [null, "a@acme.com", "b@acme.com", "c@acme.com"] as const

      const check = (id: string, query: string, wanted: string | null) =>
        Effect.gen(function* () {
          const { body, status } = yield* send("GET", `customers/${id}/entitlements/check?${query}`)
          expect(status).toBe(200)
          const { data } = decodeChecked(body)
          expect([data.isGranted, data.accessDeniedReason]).toEqual([wanted === null, wanted])
        })

      const operations: Readonly<Record<string, () => Effect.Effect<void, unknown>>> = {
        provision: () =>
          Effect.gen(function* () {
            const [id, email, key] = [idOf(), emails[random(4)] ?? null, `key-${turn}`]
            const answer = yield* send("POST", "customers", { id, name: `Name ${turn}`, email }, key)
            if (customers.has(id)) return void expect(answer.status).toBe(409)
            expect(answer.status).toBe(201)
            made(id, yield* millis, decodeNamed(answer.body).data.name, email)
            replays.push({ key, id, at: yield* millis, answer })
          }),
        replay: () =>
          Effect.gen(function* () {
            const earlier = pick(replays)
            if (earlier === undefined) return
            const again = yield* send("POST", "customers", { id: earlier.id }, earlier.key)
            if ((yield* millis) < earlier.at + day) expect(again).toEqual(earlier.answer)
            else expect(again.status).toBe(409)
          }),
        update: () =>
          Effect.gen(function* () {
            const [id, email] = [idOf(), emails[random(4)] ?? null]
            const { status } = yield* send("PATCH", `customers/${id}`, { email })
            const known = customers.get(id)
            expect(status).toBe(known === undefined || known.isArchived ? 404 : 200)
            if (known !== undefined && status === 200) known.email = email
          }),
        archive: () =>
          Effect.gen(function* () {
            const known = customers.get(idOf())
            if (known === undefined) return
            expect((yield* send("POST", `customers/${known.id}/archive`, {})).status).toBe(200)
            if (!known.isArchived) Object.assign(known, { isArchived: true, name: null, email: null })
          }),
        unarchive: () =>
          Effect.gen(function* () {
            const known = existing()
            if (known === undefined) return
            expect((yield* send("POST", `customers/${known.id}/unarchive`, {})).status).toBe(200)
            known.isArchived = false
          }),
        import: () =>
          Effect.gen(function* () {
            const rows = Array.from({ length: 1 + random(4) }, () => ({
              ...{ id: idOf(), name: `Row ${turn}`, email: emails[random(4)] ?? null }
            }))
            const { body, status } = yield* send("POST", "customers/import", { customers: rows })
            expect(status).toBe(200)
            const fresh = Array.from(new Set(rows.map(({ id }) => id).filter((id) => !customers.has(id))))
            expect(decodeImported(body).data.newCustomers).toEqual(fresh)
            for (const { email, id, name } of rows) {
              const known = customers.get(id)
              if (known === undefined) made(id, yield* millis, name, email)
              else if (!known.isArchived) Object.assign(known, { name, email })
            }
          }),
        list: () =>
          Effect.gen(function* () {
            const email = emails[random(6)] ?? null
            const limit = 1 + random(100)
            const filter = email === null ? "" : `&email=${encodeURIComponent(email)}`
            const found: Array<unknown> = []
            for (let next: string | null = ""; next !== null;) {
              const cursor: string = next === "" ? "" : `&after=${next}`
              const { body } = yield* send("GET", `customers?limit=${limit}${filter}${cursor}`)
              const page: typeof Page.Type = decodePage(body)
              expect(page.data.length).toBeLessThanOrEqual(limit)
              found.push(...page.data)
              next = page.pagination.next
            }
            const wanted = Array.from(customers.values())
              .filter((known) => !known.isArchived && (email === null || known.email === email))
              .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
              .map(({ email, id, name }) => ({ id, name, email }))
            expect(found).toEqual(wanted)
          }),
        retrieve: () =>
          Effect.gen(function* () {
            const id = idOf()
            const { status } = yield* send("GET", `customers/${id}`)
            expect(status).toBe(customers.get(id)?.isArchived === false ? 200 : 404)
          }),
        subscribe: () =>
          Effect.gen(function* () {
            const known = active()
            if (known === undefined || known.hasPlan) return
            yield* emulator.act(Act.subscribe({ customerId: known.id, planId: "pro" }))
            known.hasPlan = true
          }),
        unsubscribe: () =>
          Effect.gen(function* () {
            const known = active()
            if (known === undefined || !known.hasPlan) return
            yield* emulator.act(Act.unsubscribe({ customerId: known.id, planId: "pro" }))
            known.hasPlan = false
          }),
        report: () =>
          Effect.gen(function* () {
            const known = active()
            if (known === undefined) return
            const value = random(21) - 10
            yield* emulator.act(Act.reportUsage({ customerId: known.id, of: "seats", value }))
            known.seats = Math.max(0, known.seats + value)
          }),
        credits: () =>
          Effect.gen(function* () {
            const known = active()
            if (known === undefined) return
            const amount = 1 + random(20)
            if (random(2) === 0) {
              yield* emulator.act(Act.grantCredits({ customerId: known.id, currencyId: "tokens", amount }))
              known.granted += amount
            } else if (known.granted > 0) {
              yield* emulator.act(Act.spendCredits({ customerId: known.id, currencyId: "tokens", amount }))
              known.spent += amount
            }
          }),
        grant: () =>
          Effect.gen(function* () {
            const known = active()
            if (known === undefined) return
            const body = { promotionalEntitlements: [{ featureId: "audit", period: "1 week" }] }
            const { status } = yield* send("POST", `customers/${known.id}/promotional-entitlements`, body)
            expect(status).toBeLessThan(300)
            known.auditUntil = (yield* millis) + 7 * day
          }),
        checkAudit: () =>
          Effect.gen(function* () {
            const known = active()
            if (known === undefined) return
            const isGranted = (yield* millis) < known.auditUntil
            // Credits are a source as a plan is.
            const isSubscribed = known.hasPlan || known.granted > 0
            yield* check(
              known.id,
              "featureId=audit",
              isGranted ? null : isSubscribed ? "NoFeatureEntitlementInSubscription" : "NoActiveSubscription"
            )
          }),
        checkSeats: () =>
          Effect.gen(function* () {
            const known = active()
            if (known === undefined) return
            const requested = random(30)
            const isActive = known.hasPlan || known.granted > 0 || (yield* millis) < known.auditUntil
            yield* check(
              known.id,
              `featureId=seats&requestedUsage=${requested}`,
              !isActive
                ? "NoActiveSubscription"
                : !known.hasPlan
                  ? "NoFeatureEntitlementInSubscription"
                  : known.seats + requested <= 50
                    ? null
                    : "RequestedUsageExceedingLimit"
            )
          }),
        checkCredits: () =>
          Effect.gen(function* () {
            const known = active()
            if (known === undefined || known.granted === 0) return
            const requested = random(20)
            const isEnough = known.spent + requested <= known.granted
            yield* check(
              known.id,
              `currencyId=tokens&requestedUsage=${requested}`,
              isEnough ? null : "InsufficientCredits"
            )
          }),
        checkArchived: () =>
          Effect.gen(function* () {
            const known = pick(Array.from(customers.values()).filter(({ isArchived }) => isArchived))
            if (known !== undefined) yield* check(known.id, "featureId=seats", "CustomerIsArchived")
          }),
        time: () => Effect.asVoid(emulator.advanceTime(random(6 * hour))),
        saveAndLoad: () =>
          Effect.gen(function* () {
            if (random(20) !== 0) return
            const saved: unknown = JSON.parse(JSON.stringify(yield* emulator.save))
            yield* end
            const other = yield* start({}, path)
            const loaded: unknown = JSON.parse(JSON.stringify(yield* other.emulator.save))
            expect(loaded).toEqual(saved)
            if (random(2) === 0) {
              // What `load` must decode.
              yield* Effect.zipRight(other.emulator.seed({}), other.emulator.load(saved as Saved.Saved))
            }
            emulator = other.emulator
            end = other.end
            send = other.send
          })
      }
      const names = Object.keys(operations)
      // Lists cost the most.
      const frequent = names.filter((name) => name !== "list" && name !== "saveAndLoad")
      const done: Record<string, number> = {}
      for (let step = 0; step < steps; step++) {
        // The file is written meanwhile.
        if (step % 10 === 0) yield* Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))
        const name = (step % 100 === 99 ? pick(["list", "saveAndLoad"]) : pick(frequent)) ?? "list"
        done[name] = (done[name] ?? 0) + 1
        yield* Effect.mapError(
          Effect.catchAllDefect(operations[name]?.() ?? Effect.void, Effect.fail),
          (cause) => new Error(`Step ${step}, ${name}`, { cause })
        )
      }
      expect(Object.keys(done).sort()).toEqual(names.sort())
      expect(customers.size).toBeGreaterThan(140)
      yield* end
    }),
  60_000
)
