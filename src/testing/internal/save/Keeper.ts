import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { InvalidSave } from "../../Saved.js"
import type { Instance } from "../world/Instance.js"
import * as DataFile from "./DataFile.js"
import * as Draft from "./Draft.js"
import * as SavedText from "./SavedText.js"

/** When a draft is written, and when it is written anew. */
export interface Sizes {
  /** The most records that stay unwritten for long. Ten thousand are about 0.1 seconds of work. */
  readonly unwritten: number
  /** How many records of a draft can be outdated, in addition to as many as there are customers. */
  readonly outdated: number
}

/**
 * Keeps the state of an instance in a file: loads it, if it exists, and replaces it as a whole when the scope closes, if
 * the returned effect has run by then.
 *
 * What is much to write is written before, to a draft of the file. So the end takes the same time for each size of the
 * state. A change after which there is much to write starts that. A start, a reset, a seed and a load wait for it.
 */
export const make = (options: {
  readonly instance: Instance
  readonly path: string
  readonly sizes?: Sizes | undefined
  /** Runs if the file cannot be written in the end. */
  readonly onLost: (problem: DataFile.Problem) => Effect.Effect<void>
}): Effect.Effect<Effect.Effect<void>, DataFile.Problem | InvalidSave, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const { instance, onLost, path, sizes = { unwritten: 10_000, outdated: 100_000 } } = options
      const file = yield* DataFile.find(path)
      yield* DataFile.removeAbandoned(path)
      const loaded = file === null ? null : yield* restore(SavedText.load(instance, file.bytes))
      const isCopied = loaded !== null && loaded.isCurrent && loaded.customers > sizes.unwritten
      // Mutable: the draft for the end, a shorter one that will take its place, whether none can be written before the
      // end, and whether the file is replaced then.
      let current =
        file !== null && isCopied
          ? yield* Draft.fromCopy(instance, path, file, loaded.records)
          : new Draft.Draft(instance, path)
      let next: Draft.Draft | null = null
      let isBroken = false
      let isKept = false

      const latch = yield* Effect.makeLatch(false)
      const mutex = yield* Effect.makeSemaphore(1)
      const isMuch = ({ unwritten }: Draft.Draft) => unwritten.size > sizes.unwritten
      const isLong = ({ outdated, unwritten }: Draft.Draft) => outdated > unwritten.customers + sizes.outdated

      const watch = () => {
        const changed = (change: (unwritten: Draft.Draft["unwritten"]) => void) => {
          change(current.unwritten)
          if (next !== null) change(next.unwritten)
          if (!isBroken && isMuch(current)) latch.unsafeOpen()
        }
        instance.world.watcher = { changed: (entry) => changed((unwritten) => unwritten.changed(entry)) }
        instance.idempotency.onStored = (key) => changed((unwritten) => unwritten.answered(key))
      }

      const use = (draft: Draft.Draft) =>
        Effect.uninterruptible(
          Effect.suspend(() => {
            const former = current
            current = draft
            return former.discard
          })
        )

      const discardNext = Effect.uninterruptible(
        Effect.suspend(() => {
          const former = next
          next = null
          return former?.discard ?? Effect.void
        })
      )

      /** Begins a draft with nothing in it. */
      const restart = Effect.suspend(() => use(new Draft.Draft(instance, path))).pipe(
        Effect.zipRight(discardNext),
        Effect.zipRight(Effect.sync(watch))
      )

      /** Writes until there is not much to write. */
      const catchUp = Effect.gen(function* () {
        while (!isBroken) {
          if (!current.isCurrent) yield* restart
          else if (isMuch(current)) yield* current.drain
          else if (next !== null && isMuch(next)) yield* next.step
          else if (next !== null) {
            const shorter = next
            next = null
            yield* use(shorter)
          } else if (isLong(current)) next = new Draft.Draft(instance, path)
          else break
        }
        yield* current.sync
      }).pipe(
        Effect.catchAll((problem) => {
          isBroken = true
          return Effect.zipRight(
            restart,
            Effect.logWarning(`data: ${path}: ${problem}. The state is written at the end only, which takes longer.`)
          )
        }),
        mutex.withPermits(1)
      )

      const finish = discardNext.pipe(
        Effect.zipRight(Effect.suspend(() => (current.isCurrent ? current.commit : Effect.fail("outdated")))),
        // It is of a world that was replaced, or has a problem that may be over.
        Effect.catchAll(() =>
          Effect.zipRight(
            restart,
            Effect.suspend(() => current.commit)
          )
        ),
        Effect.onError(() => Effect.suspend(() => current.discard)),
        Effect.catchAll(onLost),
        mutex.withPermits(1)
      )

      watch()
      instance.settled = catchUp
      // Added before the server listens and before the fiber that writes, so it runs after both.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => {
          instance.settled = Effect.void
          return isKept ? finish : Effect.zipRight(discardNext, current.discard)
        })
      )
      yield* restore(catchUp)
      yield* latch.await.pipe(
        Effect.zipRight(latch.close),
        Effect.zipRight(catchUp),
        Effect.forever,
        Effect.interruptible,
        Effect.forkScoped
      )
      return Effect.sync(() => void (isKept = true))
    })
  )
