/// <reference types="node" />
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { constants } from "node:fs"
import { access, open, rename, rm, stat } from "node:fs/promises"
import { createReadStream } from "node:fs"
import { dirname } from "node:path"

/** Why a file cannot be read or written. */
export type Problem = string

/** The bytes of a file; null if it does not exist and can be made. */
export const read = (path: string): Effect.Effect<Stream.Stream<Uint8Array, Problem> | null, Problem> =>
  attempt(async () => {
    const found = await stat(path).catch((cause: unknown) => {
      if (Predicate.hasProperty(cause, "code") && cause.code === "ENOENT") return null
      throw cause
    })
    await access(found === null ? dirname(path) : path, constants.R_OK | constants.W_OK)
    if (found === null) return null
    if (!found.isFile()) throw new Error("not a file")
    return Stream.suspend(() => Stream.fromAsyncIterable<Uint8Array, Problem>(createReadStream(path), String))
  })

/** Replaces a file by a text: as a whole, or not at all. */
export const write = <E>(path: string, text: Stream.Stream<string, E>): Effect.Effect<void, E | Problem> => {
  const temporary = `${path}.${process.pid}.tmp`
  return Effect.acquireUseRelease(
    attempt(() => open(temporary, "w")),
    (file) =>
      text.pipe(
        Stream.runForEach((piece) => attempt(() => file.writeFile(piece))),
        Effect.zipRight(attempt(() => file.sync()))
      ),
    (file) => Effect.ignore(attempt(() => file.close()))
  ).pipe(
    Effect.zipRight(attempt(() => rename(temporary, path))),
    Effect.onError(() => Effect.ignore(attempt(() => rm(temporary, { force: true }))))
  )
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, Problem> =>
  Effect.tryPromise({ try: run, catch: (cause) => (cause instanceof Error ? cause.message : String(cause)) })
