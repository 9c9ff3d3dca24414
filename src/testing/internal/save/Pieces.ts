import * as Stream from "effect/Stream"

const perPiece = 100

/** Joins texts, which are made as they are read, to pieces that are worth sending. */
export const of = (texts: Iterable<string>): Stream.Stream<string> =>
  // One piece to a chunk: no more of them are made than are sent.
  Stream.fromIteratorSucceed(joined(texts), 1)

function* joined(texts: Iterable<string>): IterableIterator<string> {
  let piece: Array<string> = []
  for (const text of texts) {
    piece.push(text)
    if (piece.length < perPiece) continue
    yield piece.join("")
    piece = []
  }
  yield piece.join("")
}
