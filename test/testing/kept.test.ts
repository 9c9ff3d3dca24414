import type * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import type { Saved, Seed } from "effect-stigg/testing"
import { Act, Emulator, Faults } from "effect-stigg/testing"
import {
  chmodSync,
  lstatSync,
  symlinkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import * as operations from "../../src/internal/operations/groups.js"
import * as EmulatorService from "../../src/testing/internal/control/EmulatorService.js"
import type * as Instance from "../../src/testing/internal/world/Instance.js"
import * as Keeper from "../../src/testing/internal/save/Keeper.js"
import { eventful, key, seed } from "./eventful.js"
import { json } from "./document.js"
import { customers, patch, post, provisioned, remove } from "./exchange.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-stigg-"))),
  (folder) =>
    Effect.sync(() => {
      for (const path of [folder, `${folder}-away`]) rmSync(path, { recursive: true, force: true })
    })
)

interface Options extends Emulator.Options {
  readonly sizes?: Keeper.Sizes | undefined
  readonly isKept?: boolean
}

/** Little, so that a small world is large. */
const small = { unwritten: 3, outdated: 3000 }

class Main extends Context.Tag("test/Main")<Main, Instance.Instance>() {}

class Lost extends Error {}

type Services = HttpClient.HttpClient | Emulator.Emulator

/** Runs a program in an emulator whose state is kept in a file. */
const run = <A, E>(path: string, program: Effect.Effect<A, E, Services>, options?: Options) =>
  runWith(path, () => program, options)

/** Like {@link run}, for a program that changes the instance itself. */
const runWith = <A, E>(
  path: string,
  program: (main: Instance.Instance) => Effect.Effect<A, E, Services>,
  { isKept = true, sizes = small, ...options }: Options = {}
) =>
  Effect.provide(
    Effect.flatMap(Main, program),
    Emulator.layerHttpClient.pipe(
      Layer.provideMerge(
        Layer.scopedContext(
          Effect.gen(function* () {
            const { main, service } = yield* EmulatorService.make(options)
            const onLost = ({ message }: { readonly message: string }) => Effect.die(new Lost(message))
            const keep = yield* Keeper.make({ instance: main, path, sizes, onLost })
            if (isKept) yield* keep
            return Context.make(Emulator.Emulator, service).pipe(Context.add(Main, main))
          })
        )
      ),
      Layer.fresh
    )
  )

// What an emulator wrote.
const records = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Saved.Saved
const drafts = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".tmp"))

/** Waits until a draft satisfies a predicate. */
const drafted = (folder: string, predicate: (text: string) => boolean) =>
  Effect.sleep("2 millis").pipe(
    Effect.repeat({
      until: () => drafts(folder).some((name) => predicate(readFileSync(join(folder, name), "utf8")))
    }),
    Effect.timeout("20 seconds")
  )

const ids = Effect.map(Emulator.snapshot, ({ customers }) => customers.map(({ id }) => id))

const many = (prefix: string, count: number): Seed.Input => ({
  customers: Array.from({ length: count }, (_, i) => ({ id: `${prefix}-${i}` }))
})

describe("a state that is kept in a file", () => {
  it.scopedLive.each([
    [{ unwritten: 0, outdated: 0 }],
    [small],
    [{ unwritten: 20, outdated: 100_000 }],
    [Keeper.defaultSizes]
  ])("has every change, whenever it came, with %j", ([sizes]) =>
    Effect.gen(function* () {
      const path = join(yield* folder, "state.json")
      const options = { sizes, limits: true, idSeed: 7 }
      const first = yield* run(path, Effect.zipRight(eventful, Emulator.save), { ...options, seed })
      const more = Effect.gen(function* () {
        expect(yield* Emulator.save).toEqual(first)
        yield* Effect.forEach(["late-1", "late-2", "late-3"], (id) => post(customers, { id }, key(id)))
        yield* post(`${customers}/late-1/payment-method`, {
          integrationId: "i",
          vendorIdentifier: "STRIPE",
          paymentMethodId: "pm"
        })
        yield* patch(`${customers}/b/integrations/one`, { syncedEntityId: "changed" })
        yield* patch(`${customers}/b`, { name: "Changed twice" })
        yield* Emulator.advanceTime("2 days")
        // The keys of before have expired.
        yield* post(customers, { id: "late-4" }, key("late-4"))
        return yield* Emulator.save
      })
      const second = yield* run(path, more, options)
      expect(yield* run(path, Emulator.save, options)).toEqual(second)
      expect(readdirSync(join(path, ".."))).toEqual(["state.json"])
    })
  )

  it.scopedLive("is written to a draft when much has changed, and to the file at the end", () =>
    Effect.gen(function* () {
      const where = yield* folder
      const path = join(where, "state.json")
      yield* run(
        path,
        Effect.gen(function* () {
          // Before the emulator is there.
          expect(drafts(where).map((name) => readFileSync(join(where, name), "utf8"))).toEqual([
            expect.stringMatching(/"id":"seeded-0".*\n.*"id":"seeded-499"/s)
          ])
          yield* Effect.forEach(["a", "b", "c", "d"], (id) => provisioned(id))
          yield* drafted(where, (text) => text.includes('"id":"d"'))
          yield* patch(`${customers}/seeded-0`, { name: "Changed" })
          yield* Effect.forEach(["e", "f", "g"], (id) => provisioned(id))
          yield* drafted(where, (text) => text.includes("Changed"))
          expect(readdirSync(where)).not.toContain("state.json")
        }),
        { seed: many("seeded", 500) }
      )
      expect(readdirSync(where)).toEqual(["state.json"])
      const changed = records(path).filter(({ replaces }) => replaces === true)
      expect(changed.map(({ customer }) => customer)).toMatchObject([{ id: "seeded-0", name: "Changed" }])
    })
  )

  it.scopedLive("is not written again where nothing has changed", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "state.json")
      yield* run(path, Effect.void, { seed: many("kept", 10) })
      const { ino, mtimeMs } = statSync(path)
      expect(yield* run(path, ids)).toHaveLength(10)
      expect(statSync(path)).toMatchObject({ ino, mtimeMs })
      yield* run(path, Emulator.pauseTime)
      expect(statSync(path).ino).not.toBe(ino)
      expect(yield* run(path, Effect.zip(ids, Emulator.time))).toMatchObject([{ length: 10 }, { isPaused: true }])
    })
  )

  it.scopedLive("follows a seed, a load and a reset, which end when what is much is written", () =>
    Effect.gen(function* () {
      const where = yield* folder
      const path = join(where, "state.json")
      const isIn = (id: string) => drafts(where).map((name) => readFileSync(join(where, name), "utf8").includes(id))
      yield* run(
        path,
        Effect.gen(function* () {
          yield* Emulator.seed(many("other", 300))
          expect(isIn("other-299")).toEqual([true])
          const saved = yield* Emulator.save
          yield* Emulator.reset
          expect(isIn("start-49")).toEqual([true])
          yield* Emulator.load(saved)
          expect(isIn("other-299")).toEqual([true])
          yield* Emulator.seed({ customers: [{ id: "last" }] })
        }),
        { seed: many("start", 50) }
      )
      expect(yield* run(path, ids)).toEqual(["last"])
    })
  )

  it.scopedLive("does not have what a request changes in a world that was replaced since it started", () =>
    Effect.gen(function* () {
      const where = yield* folder
      const path = join(where, "state.json")
      yield* run(
        path,
        Effect.gen(function* () {
          yield* Emulator.inject({ fault: Faults.latency("100 millis"), operation: "customers.update" })
          const late = yield* Effect.fork(patch(`${customers}/kept-0`, { name: "Late" }))
          yield* Effect.repeat(Effect.sleep("1 millis"), {
            until: () => Effect.map(Emulator.received(), ({ length }) => length === 1)
          })
          yield* Emulator.seed(many("kept", 50))
          expect(yield* Fiber.join(late)).toMatchObject({ status: 200 })
        }),
        { seed: many("kept", 50) }
      )
      expect(readFileSync(path, "utf8")).not.toContain("Late")
    })
  )

  it.scopedLive("does not grow over runs in which a large customer changes", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "state.json")
      const sizes = { unwritten: 1, outdated: 20_000 }
      const sizesOfFile: Array<number> = []
      for (let i = 0; i < 12; i++) {
        const metadata = { text: `${i}`.padStart(20_000, ".") }
        yield* run(
          path,
          Effect.replicateEffect(Effect.delay(patch(`${customers}/kept-0`, { metadata }), "2 millis"), 3),
          { sizes, seed: many("kept", 100) }
        )
        sizesOfFile.push(statSync(path).size)
      }
      // The small customers, the large one, as much and the rest outdated, and the changes of a run.
      expect(Math.max(...sizesOfFile)).toBeLessThan(2 * (100 * 500 + 20_000) + sizes.outdated + 4 * 20_000)
    })
  )

  it.scopedLive("can be a symbolic link, and keeps its permissions", () =>
    Effect.gen(function* () {
      const where = yield* folder
      const [path, link] = [join(where, "state.json"), join(where, "link.json")]
      yield* run(path, Effect.void, { seed: many("kept", 2) })
      chmodSync(path, 0o600)
      symlinkSync(path, link)
      yield* run(link, provisioned("new"))
      expect(lstatSync(link).isSymbolicLink()).toBe(true)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(yield* run(path, ids)).toHaveLength(3)
    })
  )

  it.scopedLive("has the last world if a program replaces it while the scope closes", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "state.json")
      for (const wait of [0, 1, 2, 4, 8]) {
        const scope = yield* Scope.make()
        const { main, service } = yield* EmulatorService.make({ seed: many("kept", 3000) })
        const onLost = ({ message }: { readonly message: string }) => Effect.die(new Lost(message))
        const sizes = { unwritten: 10_000, outdated: 1_000_000 }
        yield* Effect.flatten(Scope.extend(Keeper.make({ instance: main, path, sizes, onLost }), scope))
        const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
        yield* Effect.sleep(`${wait} millis`)
        yield* service.seed(many("other", 200))
        yield* Fiber.join(closing)
        expect([200, 3000]).toContain((yield* run(path, ids)).length)
        rmSync(path)
      }
    })
  )

  it.scopedLive("does not make a seed wait for ever when the scope closes", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "state.json")
      for (let i = 0; i < 10; i++) {
        const seeding = yield* run(
          path,
          Effect.flatMap(Emulator.Emulator, ({ seed }) =>
            Effect.zipLeft(Effect.forkDaemon(seed(many("kept", 500))), Effect.sleep(`${i} millis`))
          )
        )
        yield* Effect.timeout(Fiber.await(seeding), "5 seconds")
      }
    })
  )

  it.scopedLive("has what changes after a seed that was interrupted", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "state.json")
      for (let i = 0; i < 20; i++) {
        yield* run(
          path,
          Effect.gen(function* () {
            const seeding = yield* Effect.fork(Emulator.seed(many("kept", 1000)))
            yield* Effect.sleep(`${i} millis`)
            yield* Fiber.interrupt(seeding)
            yield* post(customers, { id: "new", name: "New" }, key(`key-${i}`))
            yield* patch(`${customers}/new`, { name: "Changed" })
          })
        )
        expect(readFileSync(path, "utf8")).toContain("Changed")
        yield* run(path, Emulator.seed({}))
      }
    })
  )

  it.scopedLive("is written before the end where few customers have much", () =>
    Effect.gen(function* () {
      const where = yield* folder
      const usage = Array.from({ length: 200 }, (_, i) => ({
        of: "seats",
        used: i,
        at: { ago: `${i} minutes` as const }
      }))
      yield* run(
        join(where, "state.json"),
        Effect.sync(() => expect(drafts(where)).toHaveLength(1)),
        {
          sizes: { ...small, unwritten: 100 },
          seed: {
            features: [{ id: "seats", type: "NUMBER" }],
            customers: Array.from({ length: 10 }, (_, i) => ({ id: `heavy-${i}`, usage }))
          }
        }
      )
    })
  )

  it.scopedLive.each([
    [
      "its draft was replaced by another process",
      (_: string, draft: string) => [rmSync(draft), writeFileSync(draft, "x")]
    ],
    ["its draft was removed", (_: string, draft: string) => [rmSync(draft)]],
    ["it was removed", (path: string) => [rmSync(path)]],
    ["it was replaced", (path: string) => [writeFileSync(path, "[]")]]
  ] as const)("is written as a whole if %s", ([, happen]) =>
    Effect.gen(function* () {
      const where = yield* folder
      const path = join(where, "state.json")
      yield* run(path, Effect.void, { seed: many("kept", 50) })
      yield* run(
        path,
        Effect.sync(() => happen(path, join(where, drafts(where)[0] ?? "none")))
      )
      expect(yield* run(path, ids)).toHaveLength(50)
      expect(readdirSync(where)).toEqual(["state.json"])
    })
  )

  it.scopedLive.each([
    ["a formatted one", (text: string) => JSON.stringify(JSON.parse(text), null, 2)],
    ["one in a single line", (text: string) => JSON.stringify(JSON.parse(text))],
    ["one with CRLF and spaces", (text: string) => text.replaceAll("\n", " \r\n")]
  ] as const)("can be %s, and has a record in each line after a change", ([, format]) =>
    Effect.gen(function* () {
      const path = join(yield* folder, "state.json")
      yield* run(path, Effect.void, { seed: many("kept", 50) })
      writeFileSync(path, format(readFileSync(path, "utf8")))
      yield* run(path, patch(`${customers}/kept-1`, { name: "Changed" }))
      const lines = readFileSync(path, "utf8").split("\n")
      expect(lines.filter((line) => line.includes('"customer"')).length).toBeGreaterThanOrEqual(50)
      expect(JSON.stringify(yield* run(path, Emulator.save))).toContain("Changed")
    })
  )

  it.scopedLive("stays as it was if a record cannot be made, or it cannot be replaced", () =>
    Effect.gen(function* () {
      const where = yield* folder
      const path = join(where, "state.json")
      yield* run(path, Effect.void, { seed: many("kept", 50) })
      const before = readFileSync(path, "utf8")
      const spoilt = (main: Instance.Instance) =>
        Effect.gen(function* () {
          yield* provisioned("new")
          const entry = main.world.customers.get("kept-1")
          // Nothing in the emulator makes such a value.
          entry?.change(main.world, { usage: [{ of: "seats", used: 1n as never, at: 0, resourceId: null }] })
          yield* Effect.forEach(["a", "b", "c", "d"], (id) => provisioned(id))
        })
      const lost = yield* Effect.flip(Effect.sandbox(runWith(path, spoilt)))
      expect(Array.from(Cause.defects(lost), String)).toEqual([expect.stringMatching(/BigInt/)])
      expect(readFileSync(path, "utf8")).toBe(before)
      const replaced = Effect.sync(() => [rmSync(path), mkdirSync(join(path, "folder"), { recursive: true })])
      const refused = yield* Effect.flip(Effect.sandbox(run(path, replaced)))
      expect(Array.from(Cause.defects(refused))).toEqual([expect.any(Lost)])
      expect(readdirSync(where)).toEqual(["state.json"])
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)))
  )

  it.scopedLive("does not grow with the number of changes", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "state.json")
      const changes = Effect.forEach(
        Array.from({ length: 400 }, (_, i) => i),
        (i) => Effect.zipRight(patch(`${customers}/kept-${i % 20}`, { name: `Name ${i}` }), Effect.yieldNow())
      )
      for (let i = 0; i < 3; i++) yield* run(path, changes, { seed: many("kept", 20) })
      // The customers, as much and the rest outdated, and what stays unwritten for a while.
      const length = JSON.stringify(records(path).slice(1, 21)).length
      expect(statSync(path).size).toBeLessThan(2 * length + small.outdated + 20_000)
      const kept = yield* run(path, Emulator.snapshot)
      expect(kept.customers.map(({ customer }) => json(customer)["name"]).sort()).toEqual(
        Array.from({ length: 20 }, (_, i) => `Name ${380 + i}`)
      )
    })
  )

  it.scopedLive("stays as it was if the emulator cannot listen, or its start is interrupted", () =>
    Effect.gen(function* () {
      const where = yield* folder
      const path = join(where, "state.json")
      yield* run(path, Effect.void, { seed: many("kept", 100) })
      const before = readFileSync(path, "utf8")
      yield* run(path, provisioned("new"), { isKept: false })
      for (const wait of ["0 millis", "1 millis", "5 millis", "20 millis"] as const) {
        const started = yield* Effect.fork(run(path, Effect.never))
        yield* Effect.sleep(wait)
        yield* Fiber.interrupt(started)
      }
      expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(before))
      expect(readdirSync(where)).toEqual(["state.json"])
    })
  )

  it.scopedLive("removes the drafts of killed processes on this machine, and no others", () =>
    Effect.gen(function* () {
      const where = yield* folder
      const path = join(where, "state.json")
      const draft = (pid: number) => `state.json.${hostname()}.${pid}.0123abcd.tmp`
      // 4194304 is above the largest id on Linux, and above those of macOS.
      const [killed, former, running] = [draft(4_194_305), draft(process.pid), draft(process.ppid)]
      const [other, elsewhere] = [
        `other.json.${hostname()}.4194305.0123abcd.tmp`,
        "state.json.elsewhere-1.4194305.0123abcd.tmp"
      ]
      for (const name of [killed, former, running, other, elsewhere, "state.json.notes.tmp"]) {
        writeFileSync(join(where, name), "")
      }
      yield* run(path, Effect.void)
      expect(readdirSync(where).sort()).toEqual(
        [other, elsewhere, "state.json", "state.json.notes.tmp", running].sort()
      )
    })
  )

  it.scopedLive.each([
    ["is over", true],
    ["stays", false]
  ])("is written at the end if a problem with the draft %s", ([, isOver]) =>
    Effect.gen(function* () {
      const where = yield* folder
      const path = join(where, "state.json")
      const logged: Array<string> = []
      const logger = Logger.make(({ message }) => logged.push(String(message)))
      const program = Effect.gen(function* () {
        renameSync(where, `${where}-away`)
        yield* Effect.forEach(["a", "b", "c", "d"], (id) => provisioned(id))
        yield* Effect.repeat(Effect.sleep("2 millis"), { until: () => logged.length > 0 })
        yield* Effect.forEach(["e", "f", "g", "h", "i"], (id) => provisioned(id))
        if (isOver) renameSync(`${where}-away`, where)
      })
      const ended = yield* run(path, program).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        Effect.sandbox,
        Effect.either
      )
      expect(logged).toEqual([
        expect.stringMatching(/^data: .*state\.json: ENOENT.*\. The state will be written only at the end/)
      ])
      expect(ended._tag).toBe(isOver ? "Right" : "Left")
      if (isOver) expect(yield* run(path, ids)).toHaveLength(9)
      else expect(readdirSync(`${where}-away`)).toEqual([])
    })
  )
})

/** A change by each operation that writes. */
const operationChanges: Readonly<Record<string, () => ReturnType<typeof post>>> = {
  "customers.provision": () => provisioned("new", { integrations: [link("first")] }),
  "customers.import": () =>
    post(`${customers}/import`, {
      customers: [
        { id: "customer-acme", name: "A", email: null, salesforceId: "s" },
        { id: "new", name: "N", email: null }
      ]
    }),
  "customers.update": () => patch(acme, { integrations: [link("other")] }),
  "customers.archive": () => post(`${acme}/archive`),
  "customers.unarchive": () => post(`${customers}/archived/unarchive`),
  "customers.paymentMethod.attach": () =>
    post(`${acme}/payment-method`, { integrationId: "i", vendorIdentifier: "STRIPE", paymentMethodId: "p" }),
  "customers.paymentMethod.detach": () => remove(`${customers}/customer-synced/payment-method`),
  "customers.promotionalEntitlements.create": () => post(grants, grant("feature-sso")),
  "customers.promotionalEntitlements.revoke": () => remove(`${grants}/feature-audit-log`),
  "customers.integrations.link": () => post(`${acme}/integrations`, link("other")),
  "customers.integrations.update": () => patch(`${acme}/integrations/stripe`, { syncedEntityId: "changed" }),
  "customers.integrations.unlink": () => remove(`${acme}/integrations/stripe`)
}
const acme = `${customers}/customer-acme`
const grants = `${acme}/promotional-entitlements`
const link = (id: string) => ({ id, syncedEntityId: id, vendorIdentifier: "STRIPE" })
const grant = (featureId: string) => ({ promotionalEntitlements: [{ featureId, period: "1 month" }] })

const customerId = "customer-acme"
const credits = { customerId, currencyId: "currency-ai-credits", amount: 5 }

/** A change by each act. */
const actChanges: { readonly [Type in Act.Act["type"]]: Act.Act } = {
  reportUsage: Act.reportUsage({ customerId, of: "feature-seats", value: 1 }),
  subscribe: Act.subscribe({ customerId, planId: "plan-enterprise", resourceId: "site-new" }),
  unsubscribe: Act.unsubscribe({ customerId, planId: "plan-pro" }),
  changePlan: Act.changePlan({ planId: "plan-pro", features: [{ featureId: "feature-seats", usageLimit: 1 }] }),
  grantCredits: Act.grantCredits(credits),
  spendCredits: Act.spendCredits(credits),
  failPayment: Act.failPayment({ customerId, invoiceId: "in_2Acme" }),
  payInvoice: Act.payInvoice({ customerId, invoiceId: "in_2Acme" })
}

describe("one change of a state that is in the file already", () => {
  const changes: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown, Services>]> = [
    ...Object.entries(operationChanges).map(
      ([name, change]) => [name, Effect.map(change(), ({ status }) => expect(status).toBeLessThan(300))] as const
    ),
    ...Object.entries(actChanges).map(([name, act]) => [name, Emulator.act(act)] as const),
    ["a grant that replaces another", post(grants, grant("feature-audit-log"))],
    ["a stored answer", post(customers, { id: "new" }, key("new"))],
    [
      "a stored answer whose key is used again",
      Effect.gen(function* () {
        yield* post(customers, { id: "one" }, key("one"))
        yield* Emulator.advanceTime("12 hours")
        yield* post(customers, { id: "two" }, key("two"))
        yield* Emulator.advanceTime("13 hours")
        yield* post(customers, { id: "three" }, key("one"))
      })
    ],
    ["a fault", Emulator.inject({ fault: Faults.status(500) })],
    ["the time", Emulator.advanceTime("1 hour")]
  ]

  it.scopedLive.each(changes)("is kept: %s", ([, change]) =>
    Effect.gen(function* () {
      const path = join(yield* folder, "state.json")
      const started = Effect.gen(function* () {
        yield* provisioned("archived")
        yield* post(`${customers}/archived/archive`)
        yield* post(grants, grant("feature-audit-log"))
      })
      yield* run(path, started, { seed })
      // The file is copied, and only what has changed is written.
      const sizes = { unwritten: 2, outdated: 1_000_000 }
      const before = records(path).length
      const after = yield* run(path, Effect.zipRight(change, Emulator.save), { sizes })
      expect(records(path).length).toBeLessThan(before + 8)
      expect(records(path)).not.toHaveLength(before)
      expect(yield* run(path, Emulator.save)).toEqual(after)
    })
  )

  it("is one by each operation that writes", () => {
    const writing = operations.all.filter(({ method }) => method !== "GET").map(({ name }) => name)
    expect(Object.keys(operationChanges).sort()).toEqual(writing.sort())
  })
})
