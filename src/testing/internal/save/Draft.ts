import * as Effect from "effect/Effect"
import type { Instance } from "../world/Instance.js"
import * as DataFile from "./DataFile.js"
import * as Saver from "./Saver.js"
import { Unwritten } from "./Unwritten.js"

/** The characters written in one step, few enough that other requests are answered between steps. */
const perStep = 65_536

/** A copy of the kept file, which has the current state. */
interface Copied {
  readonly file: DataFile.TemporaryFile
  readonly found: DataFile.Found
  /** The length of its records that no later one replaces. */
  readonly usedLength: number
  readonly header: string
}

/** A file that will have the state of an instance, and what it does not have yet. */
export class Draft {
  readonly unwritten: Unwritten
  // Mutable: the file, once something is written, the text of the last `world` record in it, the length of its records,
  // that of those which no later one replaces, and what was done to it.
  private file: DataFile.TemporaryFile | null
  private header: string
  private length: number
  private usedLength: number
  private isSynced = false
  private isAsCopied: boolean

  constructor(
    private readonly instance: Instance,
    private readonly target: DataFile.Target,
    onChange: () => void,
    private readonly copied: Copied | null = null
  ) {
    this.unwritten = new Unwritten(instance, copied !== null, onChange)
    this.file = copied?.file ?? null
    this.header = copied?.header ?? ""
    this.length = copied?.file.copiedLength ?? 0
    this.usedLength = copied?.usedLength ?? 0
    this.isAsCopied = copied !== null
  }

  /** Whether the instance still has the world of this draft. */
  get isCurrent(): boolean {
    return this.unwritten.world === this.instance.world
  }

  /** By how many characters the outdated records exceed the current ones. Negative if they are shorter. */
  get excessLength(): number {
    return this.length - 2 * this.usedLength
  }

  /** Writes a part of what is unwritten. */
  readonly step: Effect.Effect<void, DataFile.Problem> = Effect.uninterruptible(
    Effect.suspend(() =>
      Effect.flatMap(this.file === null ? this.begin : Effect.succeed(this.file), (file) =>
        Effect.flatMap(Effect.try({ try: () => this.unwritten.take(perStep), catch: DataFile.ofDefect }), (taken) => {
          this.usedLength += taken.newLength
          return this.append(file, taken.texts)
        })
      )
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

  /** Writes the rest and replaces the target, unless that has the same records. */
  readonly commit: Effect.Effect<void, DataFile.Problem> = Effect.gen(this, function* () {
    const isSame = this.isAsCopied && this.unwritten.isEmpty && (yield* this.headerText) === this.header
    if (isSame && this.copied !== null && (yield* DataFile.isUnchanged(this.target, this.copied.found))) {
      return yield* this.discard
    }
    // The first step writes the header, even if there is nothing else to write.
    yield* Effect.zipRight(this.step, this.drain)
    const header = yield* this.headerText
    const { file } = this
    // A program that uses the emulator in process can still have changed it.
    if (file === null || !this.isCurrent || !this.unwritten.isEmpty) return yield* DataFile.outdated
    const end = Saver.endRecord(this.unwritten.customerCount, this.instance.idempotency.size())
    yield* this.append(file, [...(header === this.header ? [] : [header]), JSON.stringify(end)])
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
    const file = yield* DataFile.create(this.target)
    this.file = file
    this.header = header
    yield* file.append(`[\n${header}`)
    return file
  })

  private append(file: DataFile.TemporaryFile, records: ReadonlyArray<string>) {
    const text = records.map((record) => `,\n${record}`).join("")
    this.length += text.length
    this.isSynced = false
    this.isAsCopied = false
    return file.append(text)
  }
}

/** Creates a draft from a copy of the file that was found, which has the current state. */
export const fromCopy = (
  instance: Instance,
  target: DataFile.Target,
  onChange: () => void,
  found: DataFile.Found,
  usedLength: number
): Effect.Effect<Draft> =>
  Effect.zipWith(
    DataFile.copy(target, found),
    headerOf(instance),
    (file, header) => new Draft(instance, target, onChange, { file, found, usedLength, header })
  ).pipe(
    // If the file cannot be copied, it is written from scratch.
    Effect.orElse(() => Effect.sync(() => new Draft(instance, target, onChange)))
  )

const headerOf = (instance: Instance): Effect.Effect<string, DataFile.Problem> =>
  Effect.flatMap(Saver.header(instance), (header) =>
    Effect.try({ try: () => JSON.stringify(header()), catch: DataFile.ofDefect })
  )
