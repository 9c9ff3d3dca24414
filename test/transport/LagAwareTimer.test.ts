import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LagAwareTimer from "../../src/internal/transport/LagAwareTimer.js"

const block = (millis: number) => {
  const end = performance.now() + millis
  while (performance.now() < end);
}

/** How long a timer took by the clock on the wall; infinite when it did not fire within `patience`. */
const fired = (millis: number, during: () => void, patience = 2000) =>
  Effect.async<number>((resume) => {
    const start = performance.now()
    const limit = setTimeout(() => resume(Effect.succeed(Infinity)), patience)
    LagAwareTimer.start(millis, () => {
      clearTimeout(limit)
      resume(Effect.succeed(performance.now() - start))
    })
    during()
  })

describe("a timer that knows of the event loop's lag", () => {
  it.live("fires after its delay where the event loop is on time", () =>
    Effect.gen(function* () {
      expect(yield* fired(60, () => {})).toBeGreaterThanOrEqual(59)
    })
  )

  it.live("gives the time back in which the event loop was blocked", () =>
    Effect.gen(function* () {
      expect(yield* fired(50, () => block(300))).toBeGreaterThanOrEqual(300 + 30)
    })
  )

  it.live("gives it back where the event loop is blocked again and again", () =>
    Effect.gen(function* () {
      const blocks = { left: 10 }
      const again = () => {
        block(40)
        if (--blocks.left > 0) setTimeout(again)
      }
      // A plain timer fires after the third block. Of each block, all but one heartbeat is given back.
      expect(yield* fired(100, again)).toBeGreaterThanOrEqual(300)
    })
  )

  it.live("reads what arrived during a block before it fires", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      yield* Effect.async<void>((resume) => {
        LagAwareTimer.start(20, () => {
          order.push("timer")
          resume(Effect.void)
        })
        setTimeout(() => setImmediate(() => order.push("answer")), 5)
        block(200)
      })
      expect(order).toEqual(["answer", "timer"])
    })
  )

  it.live("that is cancelled does not fire, and the others keep their time", () =>
    Effect.gen(function* () {
      const cancel = LagAwareTimer.start(30, () => expect.unreachable())
      const other = yield* Effect.fork(fired(90, () => {}))
      cancel()
      cancel()
      expect(yield* other).toBeGreaterThanOrEqual(89)
    })
  )
})
