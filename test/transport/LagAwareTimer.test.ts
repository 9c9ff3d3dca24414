import { afterEach, describe, expect, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LagAwareTimer from "../../src/internal/transport/LagAwareTimer.js"

const block = (millis: number) => {
  const end = performance.now() + millis
  while (performance.now() < end);
}

/** The wall time until a timer fired. Infinite if it did not fire within `patience`. */
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

describe("a timer that accounts for event loop lag", () => {
  it.live("fires after its delay if the event loop is on time", () =>
    Effect.gen(function* () {
      expect(yield* fired(60, () => {})).toBeGreaterThanOrEqual(59)
    })
  )

  it.live("is extended by the time during which the event loop was blocked", () =>
    Effect.gen(function* () {
      expect(yield* fired(50, () => block(300))).toBeGreaterThanOrEqual(300 + 30)
    })
  )

  it.live("is extended if the event loop is blocked repeatedly", () =>
    Effect.gen(function* () {
      const blocks = { left: 10 }
      const again = () => {
        block(40)
        if (--blocks.left > 0) setTimeout(again)
      }
      // A plain timer fires after the third block. Each block extends the delay by all but one heartbeat.
      expect(yield* fired(100, again)).toBeGreaterThanOrEqual(300)
    })
  )

  it.live("lets data that arrived during a block be read before it fires", () =>
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

  it.live("does not fire when canceled, and other timers are not affected", () =>
    Effect.gen(function* () {
      const cancel = LagAwareTimer.start(30, () => expect.unreachable())
      const other = yield* Effect.fork(fired(90, () => {}))
      cancel()
      cancel()
      expect(yield* other).toBeGreaterThanOrEqual(89)
    })
  )

  it.live("counts the lag also if other timers start all the time", () =>
    Effect.gen(function* () {
      const time = yield* fired(60, () => {
        const others = Array.from({ length: 20 }, () => {
          block(10)
          return LagAwareTimer.start(1000, () => {})
        })
        others.forEach((cancel) => cancel())
      })
      expect(time).toBeGreaterThanOrEqual(200 + 40)
    })
  )

  describe("whose heartbeat is canceled from outside, as a Worker does at the end of a request,", () => {
    afterEach(() => vi.restoreAllMocks())

    /** Spies on timers. The result cancels those with the delay of a heartbeat. */
    const spied = () => {
      const timers = vi.spyOn(globalThis, "setTimeout")
      const cancel = () =>
        timers.mock.calls.forEach(([, delay], i) => {
          const result = timers.mock.results[i]
          if (delay === 5 && result?.type === "return") clearTimeout(result.value)
        })
      return { timers, cancel }
    }

    it.live("fires nevertheless", () =>
      Effect.gen(function* () {
        const { cancel } = spied()
        const time = yield* fired(60, cancel)
        expect(time).toBeGreaterThanOrEqual(59)
        expect(time).toBeLessThan(Infinity)
      })
    )

    it.live("fires on time if it starts while no heartbeat is left", () =>
      Effect.gen(function* () {
        const once = Effect.gen(function* () {
          const { cancel } = spied()
          const abandoned = LagAwareTimer.start(60_000, () => {})
          cancel()
          block(20)
          const time = yield* fired(60, () => {})
          abandoned()
          vi.restoreAllMocks()
          return time
        })
        const times = yield* Effect.replicateEffect(once, 5)
        expect(Math.min(...times)).toBeGreaterThanOrEqual(59)
        // A busy machine fires a timer later, which the timer takes for lag, but not each time.
        expect(Math.min(...times)).toBeLessThan(110)
      })
    )
  })
})
