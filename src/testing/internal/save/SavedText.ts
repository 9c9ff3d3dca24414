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

/**
 * Loads the text of a save: a JSON array. If it has a record in each line, as it was written, it is read line by line. A
 * formatter may have made more lines of it.
 */
export const load = <E>(
  instance: Instance,
  bytes: Stream.Stream<Uint8Array, E>
): Effect.Effect<Loader.Loaded, E | InvalidSave> =>
  Effect.suspend(() => {
    const loader = Loader.make(instance)
    // Mutable: the number of the line that is read, whether one was a record, and all lines if the first was none.
    let number = 0
    let isByLine = false
    let formatted: { readonly lines: Array<string>; readonly problem: InvalidSave } | undefined
    const recordsIn = (line: string): Either.Either<ReadonlyArray<unknown>, InvalidSave> => {
      number += 1
      const text = line.trim()
      if (formatted !== undefined) formatted.lines.push(line)
      if (formatted !== undefined || text === "" || text === "[" || text === "]") return Either.right([])
      const parsed = Either.try((): unknown => JSON.parse(text.replace(/,$/, "")))
      if (Either.isRight(parsed)) {
        isByLine = true
        return Either.right(number === 1 && Array.isArray(parsed.right) ? parsed.right : [parsed.right])
      }
      const problem = new InvalidSave({ path: "", message: `line ${number}: not a record: ${String(parsed.left)}` })
      if (isByLine || (number === 1 && !text.startsWith("["))) return Either.left(problem)
      formatted = { lines: number === 1 ? [line] : ["[", line], problem }
      return Either.right([])
    }
    const addFormatted = (): Either.Either<void, InvalidSave> => {
      if (formatted === undefined) return Either.right(undefined)
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
            const added = Either.flatMap(recordsIn(line), (records) => addAll(loader, records))
            if (Either.isLeft(added)) return added
          }
          return Effect.void
        })
      ),
      Effect.zipRight(Effect.suspend(addFormatted)),
      Effect.zipRight(loader.finish)
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
