import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const encoder = new TextEncoder()

/** Text in UTF-8. */
export const of = (piece: string | Uint8Array): Uint8Array =>
  typeof piece === "string" ? encoder.encode(piece) : piece

export const join = (pieces: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(pieces.reduce((length, { length: more }) => length + more, 0))
  pieces.reduce((offset, piece) => {
    all.set(piece, offset)
    return offset + piece.length
  }, 0)
  return all
}

/** The bytes of all pieces. */
export const collect = <E, R>(
  pieces: Stream.Stream<string | Uint8Array, E, R>
): Effect.Effect<Uint8Array<ArrayBuffer>, E, R> =>
  pieces.pipe(
    Stream.runFold<ReadonlyArray<Uint8Array>, string | Uint8Array>([], (all, piece) => [...all, of(piece)]),
    Effect.map(join)
  )
