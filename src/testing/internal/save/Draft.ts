import * as Effect from "effect/Effect"
import type { Instance } from "../world/Instance.js"
import * as DataFile from "./DataFile.js"
import * as Saver from "./Saver.js"
import { Unwritten } from "./Unwritten.js"

/** The characters of a step: little enough for other requests to be answered between two. */
const perStep = 65_536

/** A copy of the kept file, which has the state of now. */
interface Copied {
  readonly file: DataFile.TemporaryFile
  readonly found: DataFile.Found
  /** The part of its records that a new file would have. */
  readonly usedPart: number
  readonly header: string
}

/** A file that will have the state of an instance, and what it does not have yet. */
export class Draft {
  readonly unwritten: Unwritten
  // Mutable: the file, once something is written, the text of the last `world` record in it, its length, how long it was
  // when it had no outdated record, and what was done to it.
  private file: DataFile.TemporaryFile | null
  private header: string
  private length: number
  private usedLength: number
  private isSynced = false
  private isAsCopied: boolean

  constructor(
    private readonly instance: Instance,
    private readonly path: string,
    onChange: () => void,
    private readonly copied: Copied | null = null
  ) {
    this.unwritten = new Unwritten(instance, copied !== null, onChange)
    this.file = copied?.file ?? null
    this.header = copied?.header ?? ""
    this.length = copied?.file.copiedLength ?? 0
    this.usedLength = copied === null ? 0 : this.length * copied.usedPart
    this.isAsCopied = copied !== null
  }

  /** Whether the instance still has the world that this is about. */
  get isCurrent(): boolean {
    return this.unwritten.world === this.instance.world
  }

  /** The length of the records that are outdated, as far as it exceeds that of the others. Zero until all are written. */
  get outdatedLength(): number {
    return this.usedLength === 0 ? 0 : Math.max(0, this.length - 2 * this.usedLength)
  }

  /** Writes a part of what is unwritten. */
  readonly step: Effect.Effect<void, DataFile.Problem> = Effect.uninterruptible(
    Effect.suspend(() =>
      Effect.flatMap(this.file === null ? this.begin : Effect.succeed(this.file), (file) => {
        this.isAsCopied = false
        return Effect.flatMap(
          DataFile.attemptSync(() => this.unwritten.take(perStep)),
          (texts) => {
            const appended = this.append(file, texts)
            if (this.usedLength === 0 && this.unwritten.isEmpty) this.usedLength = this.length
            return appended
          }
        )
      })
    )
  )

  /** Writes all that is unwritten. */
  readonly drain: Effect.Effect<void, DataFile.Problem> = Effect.whileLoop({
    while: () => this.isCurrent && !this.unwritten.isEmpty,
    body: () => this.step,
    step: () => {}
  })

  readonly sync: Effect.Effect<void, DataFile.Problem> = Effect.suspend(() => {
    if (this.file === null || this.isSynced) return Effect.void
    this.isSynced = true
    return this.file.sync
  })

  /** Writes the rest and replaces the file at the path, unless that has the same records. */
  readonly commit: Effect.Effect<void, DataFile.Problem> = Effect.gen(this, function* () {
    const header = yield* this.headerText
    const isSame = this.isAsCopied && this.unwritten.isEmpty && header === this.header
    if (isSame && this.copied !== null && (yield* DataFile.isUnchanged(this.path, this.copied.found))) {
      return yield* this.discard
    }
    // A world without customers has a header to write.
    yield* Effect.zipRight(this.step, this.drain)
    const { file } = this
    if (file === null) return
    const end = Saver.endRecord(this.unwritten.customerCount, this.instance.idempotency.size())
    yield* this.append(file, header === this.header ? [] : [header])
    yield* this.append(file, [JSON.stringify(end)])
    yield* file.append("\n]\n")
    yield* Effect.zipRight(file.commit, this.close)
  })

  readonly discard: Effect.Effect<void> = Effect.suspend(() =>
    Effect.zipRight(this.close, this.file?.discard ?? Effect.void)
  )

  private readonly close = Effect.sync(() => this.unwritten.close())

  private readonly headerText: Effect.Effect<string, DataFile.Problem> = Effect.suspend(() => headerOf(this.instance))

  private readonly begin: Effect.Effect<DataFile.TemporaryFile, DataFile.Problem> = Effect.gen(this, function* () {
    const header = yield* this.headerText
    const file = yield* DataFile.create(this.path)
    this.file = file
    this.header = header
    yield* file.append(`[\n${header}`)
    return file
  })

  private append(file: DataFile.TemporaryFile, records: ReadonlyArray<string>) {
    const text = records.map((record) => `,\n${record}`).join("")
    this.length += text.length
    this.isSynced = false
    return file.append(text)
  }
}

/** Creates a draft from a copy of the file that was found, which has the state of now. */
export const fromCopy = (
  instance: Instance,
  path: string,
  onChange: () => void,
  found: DataFile.Found,
  usedPart: number
): Effect.Effect<Draft> =>
  Effect.zipWith(
    DataFile.copy(path, found),
    headerOf(instance),
    (file, header) => new Draft(instance, path, onChange, file === null ? null : { file, found, usedPart, header })
  ).pipe(
    // What cannot be copied is written anew.
    Effect.orElse(() => Effect.sync(() => new Draft(instance, path, onChange)))
  )

const headerOf = (instance: Instance): Effect.Effect<string, DataFile.Problem> =>
  Effect.flatMap(Saver.header(instance), (header) => DataFile.attemptSync(() => JSON.stringify(header())))
