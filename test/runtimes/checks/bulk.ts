import { CustomerExport, CustomerImport, Customers, Schemas } from "effect-stigg"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import { StiggTest } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Check } from "../Check.js"
import { check } from "../Check.js"
import { seed, walked, walkedId } from "./world.js"

const emulated = Effect.provide(StiggTest.layer({ seed }))

const summarized = <E, R>(rows: Stream.Stream<CustomerImport.Row, E, R>) =>
  Effect.map(CustomerImport.summarize(CustomerImport.run(rows)), ({ created, rejected, rows, updated }) => [
    rows,
    created,
    updated,
    rejected
  ])

const exported = CustomerExport.stream({ partitions: 4, filter: { name: "Walked" } })

const csv = 'Account,Company,Plan\r\nnew-1,"Acme, ""the"" company",pro\r\nnew-2,Other,"two\r\nlines"\r\n'

export const checks: ReadonlyArray<Check> = [
  check(
    "export: four walks see every customer once",
    Effect.map(Stream.runCollect(exported), (all) => [all.length, new Set([...all].map(({ id }) => id)).size]).pipe(
      emulated
    ),
    [walked, walked]
  ),
  check(
    "export: to a string of NDJSON, which decodes",
    Effect.gen(function* () {
      const line = Schema.parseJson(Schemas.Customer)
      const text = yield* exported.pipe(
        Stream.mapEffect((customer) => Schema.encode(line)(customer)),
        Stream.intersperse("\n"),
        Stream.mkString
      )
      const customers = yield* Effect.forEach(text.split("\n"), (one) => Schema.decode(line)(one))
      return [customers.length, customers.map(({ id }) => id).sort()[walked - 1] ?? ""]
    }).pipe(emulated),
    [walked, walkedId(walked - 1)]
  ),
  check(
    "export: to a string of CSV",
    exported.pipe(
      CustomerCsv.encode({ columns: ["id", "name"] }),
      Stream.mkString,
      Effect.map((text) => {
        const lines = text.split("\r\n")
        return [lines.length, lines[0] ?? "", [...lines.slice(1)].sort()[1] ?? ""]
      }),
      emulated
    ),
    [walked + 2, "id,name", `${walkedId(0)},Walked`]
  ),
  check(
    "export: CSV escapes formulas and quotes",
    Effect.gen(function* () {
      const customers = yield* Customers.Customers
      yield* customers.provision({ id: "odd", name: '=1+"1"' })
      return yield* Stream.mkString(CustomerCsv.encode({ columns: ["name"] })(customers.list({ name: '=1+"1"' })))
    }).pipe(emulated),
    'name\r\n"\'=1+""1"""\r\n'
  ),
  check(
    "import: of values; an invalid row and a duplicate are rejected",
    summarized(
      CustomerImport.fromValues(
        Stream.make(
          { id: "new-1", name: "One", email: "one@x.example" },
          { id: "not valid !", name: null, email: null },
          { id: "new-2", name: "Two", email: null },
          { id: "new-2", name: "Again", email: null },
          { id: walkedId(0), name: "Known", email: null }
        )
      )
    ).pipe(emulated),
    [5, 2, 1, 2]
  ),
  check(
    "import: of NDJSON bytes that are cut inside a character",
    Effect.gen(function* () {
      const bytes = new TextEncoder().encode(
        '{"id":"new-1","name":"Ünïcode 🚀","email":null}\n{"id":"new-2","name":null,"email":null}\nbroken\n'
      )
      const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte))
      const counts = yield* summarized(CustomerImport.fromNdjson(Stream.fromIterable(chunks)))
      const customers = yield* Customers.Customers
      return [...counts, (yield* customers.retrieve("new-1")).name]
    }).pipe(emulated),
    [3, 2, 0, 1, "Ünïcode 🚀"]
  ),
  check(
    "import: of CSV bytes",
    Effect.gen(function* () {
      const columns = { id: "Account", name: "Company", email: null, metadata: { plan: "Plan" } }
      const counts = yield* summarized(CustomerCsv.decode({ columns })(Stream.make(new TextEncoder().encode(csv))))
      const customers = yield* Customers.Customers
      const [one, two] = [yield* customers.retrieve("new-1"), yield* customers.retrieve("new-2")]
      return [...counts, one.name, two.metadata["plan"] ?? ""]
    }).pipe(emulated),
    [2, 2, 0, 0, 'Acme, "the" company', "two\nlines"]
  )
]
