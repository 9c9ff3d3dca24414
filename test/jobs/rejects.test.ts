import { describe, expect, it } from "@effect/vitest"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { CustomerImport } from "effect-stigg"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import { StiggTest } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const ndjson = [
  '{"id":"a","name":null,"email":null}',
  '{"id":"b',
  '{"id": "c", "email": "none"}',
  '{"id":"a","name":"2","email":null}'
]
  .map((line) => `${line}\n`)
  .join("")

const csv = 'id,email,name\r\na,,1\r\nb,none,\r\n"c\r\na,,2\r\n'

const formats = [CustomerCsv.jobFormat]

/** Imports files of these contents with jobs of their names, and waits until they have ended. */
const imported = <A, E>(
  sources: { readonly [name: string]: string },
  body: (folder: string) => Effect.Effect<A, E, CustomerJobs.CustomerJobs | FileSystem.FileSystem>
) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped()
    yield* Effect.gen(function* () {
      const jobs = yield* CustomerJobs.CustomerJobs
      for (const [name, content] of Object.entries(sources)) {
        yield* files.writeFileString(`${folder}/${name}`, content)
        const format = name.endsWith(".csv") ? ({ _tag: "Csv" } as const) : ({ _tag: "Ndjson" } as const)
        yield* jobs.start(CustomerJobs.Import, { id: name, source: { _tag: "Folder", path: name, format } })
        yield* Stream.runDrain(jobs.progress(name, { every: "5 millis" }))
      }
      yield* body(folder)
    }).pipe(
      Effect.provide(
        CustomerJobs.layerMemory({ rate: CustomerJobs.rateNone, sources: [CustomerJobs.folder(folder, { formats })] })
      ),
      Effect.provide(StiggTest.layer())
    )
  }).pipe(Effect.provide(NodeContext.layer))

const textOf = (path: string) => Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path))

const isThere = (path: string) => Effect.flatMap(FileSystem.FileSystem, (files) => files.exists(path))

/** The file that an import without a job writes. */
const plainly = (
  events: ReturnType<typeof CustomerImport.run<CustomerImport.ImportSourceError, FileSystem.FileSystem>>,
  write: typeof CustomerImport.writeRejects,
  path: string
) => Effect.zipRight(Effect.provide(Stream.runDrain(write(path)(events)), StiggTest.layer()), textOf(path))

describe("CustomerJobs.writeRejects", () => {
  it.scopedLive("writes what an import without a job writes, as NDJSON and as CSV", () =>
    imported({ "a.ndjson": ndjson, "a.csv": csv }, (folder) =>
      Effect.gen(function* () {
        expect(yield* CustomerJobs.writeRejects("a.ndjson", `${folder}/1`)).toBe(3)
        const lines = CustomerImport.run(CustomerImport.readNdjson(`${folder}/a.ndjson`))
        expect(yield* textOf(`${folder}/1`)).toBe(yield* plainly(lines, CustomerImport.writeRejects, `${folder}/2`))
        expect(yield* textOf(`${folder}/1`)).toContain('"reason":"Duplicate"')
        const format = CustomerCsv.jobFormat
        expect(yield* CustomerJobs.writeRejects("a.csv", `${folder}/3`, { format })).toBe(3)
        const records = CustomerImport.run(CustomerCsv.read(`${folder}/a.csv`))
        expect(yield* textOf(`${folder}/3`)).toBe(yield* plainly(records, CustomerCsv.writeRejects, `${folder}/4`))
        expect(yield* isThere(`${folder}/3.partial`)).toBe(false)
      })
    )
  )

  it.scopedLive("replaces a file only if it may, and as a whole", () =>
    imported({ "a.ndjson": ndjson, "none.ndjson": '{"id":"z","name":null,"email":null}' }, (folder) =>
      Effect.gen(function* () {
        const path = `${folder}/out`
        yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.writeFileString(path, "mine"))
        const error = yield* Effect.flip(CustomerJobs.writeRejects("a.ndjson", path))
        expect(error).toMatchObject({ _tag: "StiggImportRejectsError", reason: "AlreadyExists" })
        expect(yield* textOf(path)).toBe("mine")
        const other = yield* Effect.flip(
          CustomerJobs.writeRejects("a.ndjson", path, { overwrite: true, format: CustomerCsv.jobFormat })
        )
        expect(other).toMatchObject({ _tag: "StiggImportRejectsError", reason: "OtherTable" })
        expect(yield* textOf(path)).toBe("mine")
        expect(yield* CustomerJobs.writeRejects("a.ndjson", path, { overwrite: true })).toBe(3)
        expect((yield* textOf(path)).split("\n")).toHaveLength(4)
        expect(yield* CustomerJobs.writeRejects("none.ndjson", path, { overwrite: true })).toBe(0)
        expect(yield* isThere(path)).toBe(false)
      })
    )
  )

  it.scopedLive("fails without a job, and leaves no file", () =>
    imported({}, (folder) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(CustomerJobs.writeRejects("other", `${folder}/out`))
        expect(error).toMatchObject({ _tag: "StiggJobNotFoundError", id: "other" })
        expect(yield* isThere(`${folder}/out.partial`)).toBe(false)
      })
    )
  )
})
