/// <reference types="node" />
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { Stats } from "node:fs"
import { constants, createReadStream } from "node:fs"
import type { FileHandle } from "node:fs/promises"
import { access, copyFile, open, readdir, rename, rm, stat, truncate } from "node:fs/promises"
import { basename, dirname, resolve } from "node:path"

/** Why a file cannot be read or written. */
export type Problem = string

/** A file that was found. */
export interface Found {
  readonly bytes: Stream.Stream<Uint8Array, Problem>
  /** Changes with the content of the file. */
  readonly stamp: string
}

/** Finds a file; null if it does not exist and can be made. */
export const find = (path: string): Effect.Effect<Found | null, Problem> =>
  attempt(async () => {
    const found = await stat(path).catch((cause: unknown) => {
      if (Predicate.hasProperty(cause, "code") && cause.code === "ENOENT") return null
      throw cause
    })
    await access(found === null ? dirname(path) : path, constants.R_OK | constants.W_OK)
    if (found === null) return null
    if (!found.isFile()) throw new Error("not a file")
    return {
      bytes: Stream.suspend(() => Stream.fromAsyncIterable<Uint8Array, Problem>(createReadStream(path), String)),
      stamp: stampOf(found)
    }
  })

const stampOf = ({ ino, mtimeMs, size }: Stats): string => `${ino} ${mtimeMs} ${size}`

/** A file that is written in pieces and then replaces another as a whole. */
export interface Draft {
  readonly append: (text: string) => Effect.Effect<void, Problem>
  /** Makes the disk have what was appended. */
  readonly sync: Effect.Effect<void, Problem>
  readonly commit: Effect.Effect<void, Problem>
  readonly discard: Effect.Effect<void>
}

/** Creates an empty draft. */
export const create = (path: string): Effect.Effect<Draft, Problem> =>
  Effect.suspend(() => {
    const temporary = temporaryOf(path)
    return Effect.map(
      attempt(() => open(temporary, "wx")),
      (file) => draftOf(path, temporary, file)
    )
  })

/** Creates a draft from a file with a JSON array, without its end; null if it is not the file that was found. */
export const copy = (path: string, found: Found): Effect.Effect<Draft | null, Problem> =>
  Effect.suspend(() => {
    const temporary = temporaryOf(path)
    const removed = Effect.ignore(attempt(() => rm(temporary, { force: true })))
    return attempt(async () => {
      await copyFile(path, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      const end = stampOf(await stat(path)) === found.stamp ? await endOfItems(temporary) : null
      if (end === null) return null
      await truncate(temporary, end)
      return draftOf(path, temporary, await open(temporary, "a"))
    }).pipe(
      Effect.tap((draft) => (draft === null ? removed : Effect.void)),
      Effect.onError(() => removed)
    )
  })

/** The length of a file with a JSON array up to its last item; null if it ends in another way. */
const endOfItems = async (path: string): Promise<number | null> => {
  const file = await open(path, "r")
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, 4096))
    await file.read(tail, 0, tail.length, size - tail.length)
    // One character for each byte.
    const items = /^([^]*\})\s*\]\s*$/.exec(tail.toString("latin1"))?.[1]
    return items === undefined ? null : size - tail.length + items.length
  } finally {
    await file.close()
  }
}

// Mutable: the names of all drafts that this process made.
const drafts = new Set<string>()

const temporaryOf = (path: string): string => {
  const temporary = `${path}.${process.pid}.${drafts.size}.tmp`
  drafts.add(resolve(temporary))
  return temporary
}

const draftOf = (path: string, temporary: string, file: FileHandle): Draft => {
  const closed = Effect.ignore(attempt(() => file.close()))
  const discard = Effect.zipRight(closed, Effect.ignore(attempt(() => rm(temporary, { force: true }))))
  return {
    append: (text) => attempt(() => file.writeFile(text)),
    sync: attempt(() => file.sync()),
    commit: attempt(() => file.sync()).pipe(
      Effect.zipRight(closed),
      Effect.zipRight(attempt(() => rename(temporary, path))),
      Effect.onError(() => discard)
    ),
    discard
  }
}

/** Removes the drafts of processes that were killed. */
export const removeAbandoned = (path: string): Effect.Effect<void> =>
  Effect.ignore(
    attempt(async () => {
      const [folder, prefix] = [dirname(path), `${basename(path)}.`]
      for (const name of await readdir(folder)) {
        const pid = name.startsWith(prefix) ? /^(\d+)\.\d+\.tmp$/.exec(name.slice(prefix.length))?.[1] : undefined
        const draft = resolve(folder, name)
        if (pid === undefined || drafts.has(draft)) continue
        // In a container, each process can have the same id.
        if (Number(pid) === process.pid || !isRunning(Number(pid))) await rm(draft, { force: true })
      }
    })
  )

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return !(Predicate.hasProperty(cause, "code") && cause.code === "ESRCH")
  }
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, Problem> =>
  Effect.tryPromise({ try: run, catch: (cause) => (cause instanceof Error ? cause.message : String(cause)) })
