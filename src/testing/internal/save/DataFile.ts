/// <reference types="node" />
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import type { Stats } from "node:fs"
import { constants, createReadStream } from "node:fs"
import type { FileHandle } from "node:fs/promises"
import { access, copyFile, open, readdir, realpath, rename, rm, stat, truncate } from "node:fs/promises"
import { hostname } from "node:os"
import { basename, dirname, resolve } from "node:path"

/** Why a file cannot be read or written. */
export class Problem extends Data.TaggedError("DataFileProblem")<{
  readonly message: string
  /** Whether it would also occur with another draft. */
  readonly isFinal: boolean
}> {}

/** The draft does not have the current state. */
export const outdated: Problem = new Problem({ message: "the draft is outdated", isFinal: false })

/** A problem that is not about a file, such as a value that cannot be written as JSON. */
export const ofDefect = (defect: unknown): Problem => problemOf(defect)

/** The file to replace. */
export interface Target {
  readonly path: string
  /** The permissions of the file that was found. */
  readonly mode: number | undefined
}

/** A file that was found. */
export interface Found {
  readonly bytes: Stream.Stream<Uint8Array, Problem>
  /** Changes with the content of the file. */
  readonly stamp: string
}

/**
 * Finds a file, also through a symbolic link; `found` is null if it does not exist. Fails if it could not be read and
 * replaced.
 */
export const find = (name: string): Effect.Effect<{ readonly target: Target; readonly found: Found | null }, Problem> =>
  attempt(async () => {
    const path = await realpath(name).catch((cause: unknown) => {
      if (codeOf(cause) === "ENOENT") return null
      throw cause
    })
    if (path === null) {
      await access(dirname(name), constants.W_OK)
      return { target: { path: resolve(name), mode: undefined }, found: null }
    }
    const stats = await stat(path)
    await access(dirname(path), constants.W_OK)
    await access(path, constants.R_OK | constants.W_OK)
    if (!stats.isFile()) throw new Error("not a file")
    const found: Found = {
      bytes: Stream.suspend(() =>
        Stream.fromAsyncIterable<Uint8Array, Problem>(createReadStream(path), (cause) => problemOf(cause))
      ),
      stamp: stampOf(stats)
    }
    return { target: { path, mode: stats.mode & 0o777 }, found }
  })

/** Whether the file is still there, with the content that was found. */
export const isUnchanged = ({ path }: Target, { stamp }: Found): Effect.Effect<boolean> =>
  Effect.orElseSucceed(
    attempt(async () => stampOf(await stat(path)) === stamp),
    () => false
  )

const stampOf = ({ ino, mtimeMs, size }: Stats): string => `${ino} ${mtimeMs} ${size}`

/** A file that is written beside the target, and replaces it when it is complete. */
export interface TemporaryFile {
  /** The length of what it was created with. */
  readonly copiedLength: number
  readonly append: (text: string) => Effect.Effect<void, Problem>
  /** Flushes what was appended to the disk. */
  readonly sync: Effect.Effect<void, Problem>
  /** Replaces the other file. */
  readonly commit: Effect.Effect<void, Problem>
  readonly discard: Effect.Effect<void>
}

export const create = ({ mode, path }: Target): Effect.Effect<TemporaryFile, Problem> =>
  Effect.suspend(() => {
    const temporary = temporaryOf(path)
    return Effect.map(
      attempt(() => open(temporary, "wx", mode)),
      (file) => temporaryFile(path, temporary, file, 0)
    )
  })

/** Creates a copy of the file that was found, which has a JSON array, without the end of the array. */
export const copy = ({ path }: Target, found: Found): Effect.Effect<TemporaryFile, Problem> =>
  Effect.suspend(() => {
    const temporary = temporaryOf(path)
    const removed = Effect.ignore(attempt(() => rm(temporary, { force: true })))
    return Effect.zipRight(
      attempt(() => copyFile(path, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)),
      attempt(async () => {
        if (stampOf(await stat(path)) !== found.stamp) throw new Error("changed since it was loaded")
        const length = await lengthOfItems(temporary)
        await truncate(temporary, length)
        return temporaryFile(path, temporary, await open(temporary, "a"), length)
      }).pipe(Effect.onError(() => removed))
    )
  })

/** The length of a file with a JSON array up to its last item. */
const lengthOfItems = async (path: string): Promise<number> => {
  const file = await open(path, "r")
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, 4096))
    await file.read(tail, 0, tail.length, size - tail.length)
    // One character for each byte.
    const items = /^([^]*\})\s*\]\s*$/.exec(tail.toString("latin1"))?.[1]
    if (items === undefined) throw new Error("not the end of an array")
    return size - tail.length + items.length
  } finally {
    await file.close()
  }
}

// Mutable: the names of all temporary files that this process made.
const made = new Set<string>()

/** The start of the names of the temporary files of processes on this machine, or in this container. */
const prefixOf = (path: string): string => `${path}.${hostname()}.`

const temporaryOf = (path: string): string => {
  const temporary = `${prefixOf(path)}${process.pid}.${randomUUID().slice(0, 8)}.tmp`
  made.add(temporary)
  return temporary
}

const temporaryFile = (path: string, temporary: string, file: FileHandle, copiedLength: number): TemporaryFile => {
  const closed = Effect.ignore(attempt(() => file.close()))
  const discard = Effect.zipRight(closed, Effect.ignore(attempt(() => rm(temporary, { force: true }))))
  // Another machine can have the same name and use the same folder.
  const isOwn = attempt(async () => {
    if ((await stat(temporary)).ino !== (await file.stat()).ino) throw new Error("replaced by another process")
  })
  return {
    copiedLength,
    append: (text) => attempt(() => file.writeFile(text)),
    sync: attempt(() => file.sync()),
    commit: attempt(() => file.sync()).pipe(
      Effect.zipRight(isOwn),
      Effect.zipRight(closed),
      Effect.zipRight(attempt(() => rename(temporary, path), true)),
      Effect.onError(() => discard)
    ),
    discard
  }
}

/** Removes the temporary files of processes that were killed. */
export const removeAbandoned = ({ path }: Target): Effect.Effect<void> =>
  Effect.ignore(
    attempt(async () => {
      const [folder, prefix] = [dirname(path), basename(prefixOf(path))]
      for (const name of await readdir(folder)) {
        const pid = name.startsWith(prefix) ? /^(\d+)\.[0-9a-f]+\.tmp$/.exec(name.slice(prefix.length))?.[1] : undefined
        const temporary = resolve(folder, name)
        if (pid === undefined || made.has(temporary)) continue
        // In a container, the emulator often has the same process id each time.
        if (Number(pid) === process.pid || !isRunning(Number(pid))) await rm(temporary, { force: true })
      }
    })
  )

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return codeOf(cause) !== "ESRCH"
  }
}

const codeOf = (cause: unknown): unknown => (Predicate.hasProperty(cause, "code") ? cause.code : undefined)

const problemOf = (cause: unknown, isFinal = false): Problem =>
  new Problem({ message: cause instanceof Error ? cause.message : String(cause), isFinal })

const attempt = <A>(run: () => Promise<A>, isFinal = false): Effect.Effect<A, Problem> =>
  Effect.tryPromise({ try: run, catch: (cause) => problemOf(cause, isFinal) })
