import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import type * as Pagination from "../../Pagination.js"
import type * as Schemas from "../../Schemas.js"
import * as StiggError from "../../StiggError.js"
import { customers as group } from "../operations/CustomerOperations.js"
import * as WalkPlan from "./WalkPlan.js"
import * as List from "../transport/List.js"

/** The new customers of a page, and the plan after that page. */
export interface Step {
  readonly customers: ReadonlyArray<Schemas.Customer>
  readonly plan: WalkPlan.WalkPlan
}

type Page = Pagination.Page<Schemas.Customer>

/** The list of the customers, with errors that a caller may have added. */
export interface Customers<E> {
  readonly listPage: (params: Schemas.ListCustomers) => Effect.Effect<Page, E>
}

/**
 * Fetches the windows of a plan. Each worker requests a page and waits until it is taken before it requests the next,
 * so it is one page ahead of the consumer. The plan advances only when a page is taken: a step never marks a page as
 * done that was not emitted.
 */
export const walk = <E>(
  customers: Customers<E>,
  initial: WalkPlan.WalkPlan,
  filter: { readonly email?: string | undefined; readonly name?: string | undefined }
): Stream.Stream<Step, E | StiggError.StiggError> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const plan = yield* Ref.make(initial)
      const planChanged = yield* Ref.make(yield* Deferred.make<void>())
      const steps = yield* Queue.unbounded<Effect.Effect<Step, Option.Option<E | StiggError.StiggError>>>()

      /** Wakes the idle workers. */
      const wakeIdle = Effect.gen(function* () {
        const next = yield* Deferred.make<void>()
        yield* Deferred.succeed(yield* Ref.getAndSet(planChanged, next), void 0)
      })

      const request = (piece: WalkPlan.Piece) =>
        customers.listPage({
          ...filter,
          limit: initial.pageSize,
          ...(piece.from === null && piece.until === null ? {} : { createdAt: rangeOf(piece) }),
          ...(piece.after === null ? {} : { after: piece.after })
        })

      /** Emits a page, and returns the rest of the piece once the page is taken; null if nothing is left. */
      const emit = (worker: number, piece: WalkPlan.Piece, page: Page) =>
        Effect.gen(function* () {
          const next = page.pagination.next === "" ? null : page.pagination.next
          const taken = yield* Deferred.make<WalkPlan.Piece | null>()
          yield* Queue.offer(
            steps,
            Effect.gen(function* () {
              const fresh = WalkPlan.fresh(piece, page.data)
              const after = yield* Ref.updateAndGet(plan, (plan) =>
                WalkPlan.advance(plan, worker, piece, { customers: page.data, fresh, next })
              )
              yield* Deferred.succeed(taken, after.walking.get(worker) ?? null)
              yield* wakeIdle
              return { customers: fresh, plan: after }
            })
          )
          return yield* Deferred.await(taken)
        })

      /** The cursor of an interrupted run may have expired. The piece then starts over. */
      const firstRequest = (piece: WalkPlan.Piece) => {
        const requested = Effect.map(request(piece), (page) => ({ piece, page }))
        return piece.after === null || !piece.isDivisible
          ? requested
          : Effect.catchIf(
              requested,
              (error) => error instanceof StiggError.BadRequestError,
              () =>
                Effect.gen(function* () {
                  const restarted = WalkPlan.restarted(piece)
                  return { piece: restarted, page: yield* request(restarted) }
                })
            )
      }

      const walkPiece = (worker: number, taken: WalkPlan.Piece) =>
        Effect.gen(function* () {
          let { page, piece } = yield* firstRequest(taken)
          // A loop, because a piece can have thousands of pages and recursion would keep a frame for each.
          for (;;) {
            if (WalkPlan.isCycle(piece, page.pagination.next)) return yield* List.repeatedCursor(group.operations.list)
            const rest = yield* emit(worker, piece, page)
            if (rest === null) return
            piece = rest
            page = yield* request(piece)
          }
        })

      /** Fetches a piece, or waits for one. Returns false when all work is done. */
      const work = (worker: number) =>
        Effect.gen(function* () {
          const next = yield* Ref.get(planChanged)
          const piece = yield* Ref.modify(plan, (plan) => WalkPlan.take(plan, worker))
          if (piece !== null) yield* walkPiece(worker, piece)
          else if (WalkPlan.isDone(yield* Ref.get(plan))) return false
          else yield* Deferred.await(next)
          return true
        })

      const workers = Array.from({ length: initial.workers }, (_, number) => number)
      yield* Effect.forEach(workers, (worker) => Effect.repeat(work(worker), { while: (more) => more }), {
        concurrency: "unbounded",
        discard: true
      }).pipe(
        Effect.exit,
        Effect.flatMap((exit) =>
          Queue.offer(
            steps,
            Exit.match(exit, {
              onFailure: (cause) => Effect.failCause(Cause.map(cause, Option.some)),
              onSuccess: () => Effect.fail(Option.none())
            })
          )
        ),
        // Interruptible, so that the end of the stream stops the workers even inside an uninterruptible region.
        Effect.interruptible,
        Effect.forkScoped
      )
      return Stream.repeatEffectOption(Effect.flatten(Queue.take(steps)))
    })
  )

const rangeOf = ({ from, until }: WalkPlan.Window): Schemas.TimestampRange => ({
  ...(from === null ? {} : { gte: DateTime.unsafeMake(from) }),
  ...(until === null ? {} : { lt: DateTime.unsafeMake(until) })
})

/** The plan of an export that starts now. */
export const begin = (options: Omit<Parameters<typeof WalkPlan.make>[0], "now">): Effect.Effect<WalkPlan.WalkPlan> =>
  Effect.map(Clock.currentTimeMillis, (now) => WalkPlan.make({ ...options, now }))
