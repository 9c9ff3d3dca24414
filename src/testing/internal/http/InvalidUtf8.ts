import * as Data from "effect/Data"

/** A body with bytes that are not UTF-8, in which JSON must be written. */
export class InvalidUtf8 extends Data.TaggedError("InvalidUtf8")<{ readonly cause: unknown }> {
  override readonly message = "not valid UTF-8"
}
