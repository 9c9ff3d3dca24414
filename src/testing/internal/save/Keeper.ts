import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"
import type { InvalidSave } from "../../Saved.js"
import * as Instance from "../world/Instance.js"
import * as DataFile from "./DataFile.js"
import * as Draft from "./Draft.js"
import * as SavedText from "./SavedText.js"

/** When a draft is written, and when it is compacted. */
export interface Sizes {
  /** How much can stay unwritten, as a number of small customers. Writing 10,000 takes about 0.1 seconds. */
  readonly unwritten: number
  /** By how many characters the outdated records of a draft can exceed the current ones. */
  readonly outdated: number
}

export const defaultSizes: Sizes = { unwritten: 10_000, outdated: 64 * 1024 * 1024 }

/**
 * Keeps the state of an instance in a file: loads it, if it exists, and replaces it as a whole when the scope closes, if
 * the returned effect has run by then. A large file stays as it is if nothing has changed.
 *
 * Most of a large state is written to a draft in the background, so that the end only has to write the rest. Writing
 * starts when there is more to write than `sizes.unwritten`.
 */
export const make = (options: {
  readonly instance: Instance.Instance
  readonly path: string
  readonly sizes?: Sizes | undefined
  /** Runs if the file cannot be written in the end. */
  readonly onLost: (problem: DataFile.Problem) => Effect.Effect<void>
}): Effect.Effect<Effect.Effect<void>, DataFile.Problem | InvalidSave, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const { instance, onLost, path, sizes = defaultSizes } = options
      const { found, target } = yield* DataFile.find(path)
      const latch = Effect.unsafeMakeLatch(false)
      const wake = () => void latch.unsafeOpen()
      const changed = () => {
        if (!isBroken && isBehind(current)) wake()
      }
      const newDraft = () => new Draft.Draft(instance, target, changed)
      const loaded = found === null ? null : yield* restore(SavedText.load(instance, found.bytes))
      const isCopied = loaded !== null && loaded.isByLine && loaded.customers > sizes.unwritten
      // Mutable: the draft for the end, a shorter one that will take its place, whether none can be written before the
      // end, whether a draft can be compacted, whether the file is replaced then, and what waits for the writer.
      let current =
        found !== null && isCopied
          ? yield* Draft.fromCopy(instance, target, changed, found, loaded.usedLength)
          : newDraft()
      let next: Draft.Draft | null = null
      let isBroken = false
      let isCompacting = true
      let isKept = false
      let caughtUp = Deferred.unsafeMake<void>(FiberId.none)

      const isBehind = ({ unwritten }: Draft.Draft) => unwritten.weight > sizes.unwritten

      const discardAll = Effect.suspend(() => Effect.zipRight(current.discard, next?.discard ?? Effect.void))

      /** Begins again with nothing written. */
      const restart = Effect.uninterruptible(
        Effect.zipRight(
          discardAll,
          Effect.sync(() => {
            current = newDraft()
            next = null
          })
        )
      )

      const replaceCurrent = (draft: Draft.Draft) =>
        Effect.uninterruptible(
          Effect.suspend(() => {
            const former = current
            current = draft
            next = null
            return former.discard
          })
        )

      const compact = (shorter: Draft.Draft) =>
        isBehind(shorter) ? shorter.step : Effect.zipRight(shorter.drain, replaceCurrent(shorter))

      /** Keeps the current draft, which is complete: the disk may be too small for a second one. */
      const giveUp = ({ message }: DataFile.Problem) =>
        Effect.uninterruptible(
          Effect.suspend(() => {
            const former = next
            isCompacting = false
            next = null
            return Effect.zipRight(
              former?.discard ?? Effect.void,
              Effect.logWarning(`data: ${path}: ${message}. The file keeps its outdated records.`)
            )
          })
        )

      const write = Effect.gen(function* () {
        while (!isBroken) {
          if (!current.isCurrent) yield* restart
          else if (isBehind(current)) yield* current.drain
          else if (next !== null) yield* Effect.catchAll(compact(next), giveUp)
          else if (isCompacting && current.excessLength > sizes.outdated) next = newDraft()
          else break
        }
        yield* current.sync
      }).pipe(Effect.catchAllDefect(DataFile.ofDefect))

      // Completes what waits for the writer even if the writer is interrupted.
      const round = Effect.uninterruptibleMask((restore) =>
        Effect.suspend(() => {
          const done = caughtUp
          caughtUp = Deferred.unsafeMake(FiberId.none)
          return restore(write).pipe(
            Effect.catchAll(({ message }) => {
              isBroken = true
              const warning = `data: ${path}: ${message}. The state will be written only at the end, which takes longer.`
              return Effect.zipRight(restart, Effect.logWarning(warning))
            }),
            Effect.ensuring(Deferred.succeed(done, undefined))
          )
        })
      )

      const writer = latch.await.pipe(Effect.zipRight(latch.close), Effect.zipRight(round))

      const commit = Effect.suspend(() => (current.isCurrent ? current.commit : DataFile.outdated)).pipe(
        Effect.catchAllDefect(DataFile.ofDefect)
      )

      const finish = Effect.suspend(() => next?.discard ?? Effect.void).pipe(
        Effect.zipRight(commit),
        // The draft is of a replaced world, or could not be written. Try once more from scratch.
        Effect.catchIf(
          ({ isFinal }) => !isFinal,
          () => Effect.zipRight(restart, commit)
        ),
        Effect.tapError(() => current.discard),
        Effect.catchAll(onLost)
      )

      // Added before the server listens and before the fiber that writes, so it runs after both.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => {
          instance.keeper = Instance.noKeeper
          Deferred.unsafeDone(caughtUp, Effect.void)
          return isKept ? finish : discardAll
        })
      )
      instance.keeper = {
        worldReplaced: wake,
        settled: Effect.suspend(() => {
          const done = caughtUp
          return Effect.zipRight(latch.open, Deferred.await(done))
        })
      }
      yield* Effect.forkScoped(Effect.interruptible(Effect.forever(writer)))
      yield* restore(instance.keeper.settled)
      return Effect.zipRight(
        Effect.sync(() => void (isKept = true)),
        DataFile.removeAbandoned(target)
      )
    })
  )
