import * as Effect from "effect/Effect"
import type { Instance } from "../world/Instance.js"
import * as DataFile from "./DataFile.js"
import * as Saver from "./Saver.js"
import { Unwritten } from "./Unwritten.js"

const perStep = 100

/** A copy of a file that has the state of now. */
interface Copied {
  readonly file: DataFile.Draft
  readonly records: number
  readonly header: string
}

/** A file that will have the state of an instance, and what it does not have yet. */
export class Draft {
  readonly unwritten: Unwritten
  // Mutable: the file, once something is written, the text of the last `world` record in it, the number of its records,
  // and what was done to it.
  private file: DataFile.Draft | null
  private header: string
  private records: number
  private isSynced = true
  private isAsCopied: boolean

  constructor(
    private readonly instance: Instance,
    private readonly path: string,
    copied: Copied | null = null
  ) {
    this.unwritten = new Unwritten(instance, copied !== null)
    this.file = copied?.file ?? null
    this.header = copied?.header ?? ""
    this.records = copied?.records ?? 0
    this.isAsCopied = copied !== null
  }

  /** Whether the instance still has the world that this is about. */
  get isCurrent(): boolean {
    return this.unwritten.world === this.instance.world
  }

  /** The number of records that later ones replace, or a new file would not have. */
  get outdated(): number {
    return this.records - this.unwritten.customers - this.instance.idempotency.size()
  }

  /** Writes a few of the unwritten records. */
  readonly step: Effect.Effect<void, DataFile.Problem> = Effect.uninterruptible(
    Effect.suspend(() =>
      Effect.flatMap(this.file === null ? this.begin : Effect.succeed(this.file), (file) => {
        const records = this.unwritten.take(perStep)
        this.records += records.length
        this.isAsCopied = false
        this.isSynced = false
        return file.append(records.map((record) => `,\n${JSON.stringify(record)}`).join(""))
      })
    )
  )

  /** Writes all of the unwritten records. */
  readonly drain: Effect.Effect<void, DataFile.Problem> = Effect.whileLoop({
    while: () => this.isCurrent && this.unwritten.size > 0,
    body: () => this.step,
    step: () => {}
  })

  readonly sync: Effect.Effect<void, DataFile.Problem> = Effect.suspend(() => {
    if (this.file === null || this.isSynced) return Effect.void
    this.isSynced = true
    return this.file.sync
  })

  /** Writes the rest and replaces the file at the path, unless it has all of it. */
  readonly commit: Effect.Effect<void, DataFile.Problem> = Effect.suspend(() =>
    Effect.flatMap(headerOf(this.instance), (header) => {
      if (this.isAsCopied && this.unwritten.size === 0 && header === this.header) return this.discard
      // A world without customers has a header to write.
      return this.step.pipe(
        Effect.zipRight(this.drain),
        Effect.zipRight(
          Effect.suspend(() => {
            const end = JSON.stringify(Saver.endRecord(this.unwritten.customers, this.instance.idempotency.size()))
            const world = header === this.header ? "" : `,\n${header}`
            return this.file?.append(`${world},\n${end}\n]\n`) ?? Effect.void
          })
        ),
        Effect.zipRight(Effect.suspend(() => this.file?.commit ?? Effect.void))
      )
    })
  )

  readonly discard: Effect.Effect<void> = Effect.suspend(() => this.file?.discard ?? Effect.void)

  private readonly begin: Effect.Effect<DataFile.Draft, DataFile.Problem> = Effect.flatMap(
    Effect.suspend(() => headerOf(this.instance)),
    (header) =>
      Effect.flatMap(DataFile.create(this.path), (file) => {
        this.file = file
        this.header = header
        return Effect.as(file.append(`[\n${header}`), file)
      })
  )
}

/** Creates a draft from a copy of the file that was found, which has the state of now. */
export const fromCopy = (
  instance: Instance,
  path: string,
  found: DataFile.Found,
  records: number
): Effect.Effect<Draft> =>
  Effect.zipWith(
    // What cannot be copied is written anew.
    Effect.orElseSucceed(DataFile.copy(path, found), () => null),
    headerOf(instance),
    (file, header) => new Draft(instance, path, file === null ? null : { file, records, header })
  )

const headerOf = (instance: Instance): Effect.Effect<string> =>
  Effect.map(Saver.header(instance), (record) => JSON.stringify(record))
