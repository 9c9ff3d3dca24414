import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { InvalidSave } from "../../Saved.js"
import type { Instance } from "../world/Instance.js"
import * as Loader from "./Loader.js"

/** Loads records into an instance: all of them, or none. */
export const loadRecords = (
  instance: Instance,
  records: Iterable<unknown>
): Effect.Effect<Loader.Loaded, InvalidSave> =>
  Effect.suspend(() => {
    const loader = Loader.make(instance)
    return Effect.zipRight(addAll(loader, records), loader.finish)
  })

/** A save that was loaded from a text. */
export interface LoadedText extends Loader.Loaded {
  /** Whether it has a record in each line, as it was written. */
  readonly isByLine: boolean
}

/**
 * Loads the text of a save: a JSON array. If it has a record in each line, as it was written, it is read line by line. A
 * formatter may have made more lines of it.
 */
export const load = <E>(
  instance: Instance,
  bytes: Stream.Stream<Uint8Array, E>
): Effect.Effect<LoadedText, E | InvalidSave> =>
  Effect.suspend(() => {
    const loader = Loader.make(instance)
    // Mutable: the number of the line that is read, whether one was a record, whether the array has ended, and all lines
    // if the first was no record.
    let number = 0
    let isByLine = false
    let isClosed = false
    let formatted: { readonly lines: Array<string>; readonly problem: InvalidSave } | undefined
    const addLine = (line: string): Either.Either<void, InvalidSave> => {
      number += 1
      const text = line.trim()
      if (formatted !== undefined) formatted.lines.push(line)
      if (formatted !== undefined || text === "" || text === "[") return Either.void
      if (text === "]") {
        isClosed = true
        return Either.void
      }
      const record = text.replace(/,$/, "")
      const read = () => JSON.parse(record) as unknown
      const parsed = Either.try(read)
      if (Either.isRight(parsed)) {
        if (number === 1 && Array.isArray(parsed.right)) {
          isClosed = true
          return addAll(loader, parsed.right)
        }
        isByLine = true
        isClosed = false
        return loader.add(parsed.right, { length: record.length, again: read })
      }
      const problem = new InvalidSave({ path: "", message: `line ${number}: not a record: ${String(parsed.left)}` })
      if (isByLine || (number === 1 && !text.startsWith("["))) return Either.left(problem)
      formatted = { lines: number === 1 ? [line] : ["[", line], problem }
      return Either.void
    }
    const end = (): Either.Either<void, InvalidSave> => {
      if (formatted === undefined) return isClosed ? Either.void : Either.left(Loader.cutOff)
      const { lines, problem } = formatted
      const parsed = Either.try((): unknown => JSON.parse(lines.join("\n")))
      return Either.isRight(parsed) && Array.isArray(parsed.right) ? addAll(loader, parsed.right) : Either.left(problem)
    }
    return bytes.pipe(
      decoded,
      Stream.splitLines,
      Stream.runForEachChunk((lines) =>
        Effect.suspend(() => {
          for (const line of lines) {
            const added = addLine(line)
            if (Either.isLeft(added)) return added
          }
          return Effect.void
        })
      ),
      Effect.zipRight(Effect.suspend(end)),
      Effect.zipRight(loader.finish),
      Effect.map((loaded) => ({ ...loaded, isByLine }))
    )
  })

/** The text of bytes, which must be UTF-8. `Stream.decodeText` would replace what is not. */
const decoded = <E>(bytes: Stream.Stream<Uint8Array, E>): Stream.Stream<string, E | InvalidSave> =>
  Stream.suspend(() => {
    const decoder = new TextDecoder("utf-8", { fatal: true })
    const decode = (piece?: Uint8Array) =>
      Effect.try({
        try: () => decoder.decode(piece, { stream: piece !== undefined }),
        catch: () => new InvalidSave({ path: "", message: "not valid UTF-8" })
      })
    return Stream.concat(
      Stream.mapEffect(bytes, (piece) => decode(piece)),
      Stream.suspend(() => decode())
    )
  })

const addAll = (loader: Loader.Loader, records: Iterable<unknown>): Either.Either<void, InvalidSave> => {
  for (const record of records) {
    const added = loader.add(record)
    if (Either.isLeft(added)) return added
  }
  return Either.right(undefined)
}
