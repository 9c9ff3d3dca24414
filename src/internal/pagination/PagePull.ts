import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Page } from "../../Pagination.js"
import type { PageParams } from "../../schemas/PageParams.js"
import * as Handoff from "./Handoff.js"

/**
 * An effect that gives one page after another, and fails with none after the last one. The next page is requested as
 * soon as a page has arrived.
 */
export const make = <A, E, R, Params extends PageParams, E2 = never>(
  fetch: (params: Params) => Effect.Effect<Page<A>, E, R>,
  params: Params,
  onRepeat: (cursor: string) => E2
): Effect.Effect<Effect.Effect<Page<A>, Option.Option<E | E2>>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const backwards = params.before !== undefined
    const start = backwards ? params.before : params.after
    const at = (cursor: string): Params => ({
      ...params,
      after: undefined,
      before: undefined,
      [backwards ? "before" : "after"]: cursor
    })

    // One fiber fetches all pages. A fiber or deferred per page would keep its page, and all later ones, in memory
    // until a full garbage collection.
    const wanted = Handoff.make<Params>()
    const fetched = Handoff.make<Exit.Exit<Page<A>, E | E2>>()
    yield* Effect.whileLoop({
      while: () => true,
      body: () => wanted.take.pipe(Effect.flatMap(fetch), Effect.exit, Effect.flatMap(fetched.put)),
      step: () => {}
    }).pipe(
      // The end of the stream interrupts the fetch, even in an uninterruptible region such as a finalizer.
      Effect.interruptible,
      Effect.forkScoped
    )
    yield* wanted.put(params)

    const seen = new Set(start === undefined ? [] : [start])
    let isLast = false
    return Effect.suspend(() =>
      isLast
        ? Effect.fail(Option.none())
        : Effect.flatMap(Effect.mapError(Effect.flatten(fetched.take), Option.some), (page) => {
            const cursor = (backwards ? page.pagination.prev : page.pagination.next) ?? ""
            if (cursor === "") {
              isLast = true
              return Effect.succeed(page)
            }
            // The page with the repeated cursor is valid: it comes before the failure.
            const next = seen.has(cursor) ? fetched.put(Exit.fail(onRepeat(cursor))) : wanted.put(at(cursor))
            seen.add(cursor)
            return Effect.as(next, page)
          })
    )
  })
