import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** How the time of an instance differs from the program's: it is shifted, or it stands still. Times in milliseconds. */
export type Shift = { readonly offset: number } | { readonly pausedAt: number }

/** The clock of one instance. It follows the program's `Clock`, which a `TestClock` drives in tests. */
export interface InstanceClock {
  readonly shift: Effect.Effect<Shift>
  /** Milliseconds since the epoch. */
  readonly now: Effect.Effect<number>
  readonly set: (millis: number) => Effect.Effect<void>
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  /** Restores what {@link shift} returned. */
  readonly restore: (shift: Shift) => Effect.Effect<void>
  /** Runs an effect in the time of the instance. Only the current time differs: `sleep` takes the program's time. */
  readonly within: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Shows the time of the program. */
export const unshifted: Shift = { offset: 0 }

/**
 * Creates a clock that shows the program's time.
 *
 * @param moved runs after it was set, paused, resumed or restored
 */
export const make = (moved: Effect.Effect<void> = Effect.void): InstanceClock => {
  // Mutable: the control of the time moves it.
  let shift: Shift = unshifted
  const at = (base: Clock.Clock): number =>
    "pausedAt" in shift ? shift.pausedAt : base.unsafeCurrentTimeMillis() + shift.offset
  const set = (millis: number) =>
    Clock.clockWith((base) =>
      Effect.sync(() => {
        shift = "pausedAt" in shift ? { pausedAt: millis } : { offset: millis - base.unsafeCurrentTimeMillis() }
      })
    ).pipe(Effect.zipRight(moved))
  // All requests of a program have the same clock, so one is kept.
  let last: { readonly base: Clock.Clock; readonly shifted: Clock.Clock } | undefined
  const shifted = (base: Clock.Clock): Clock.Clock => {
    if (last?.base !== base) last = { base, shifted: new ShiftedClock(base, () => at(base)) }
    return last.shifted
  }
  return {
    shift: Effect.sync(() => shift),
    now: Clock.clockWith((base) => Effect.sync(() => at(base))),
    set,
    pause: Clock.clockWith((base) =>
      Effect.sync(() => {
        shift = { pausedAt: at(base) }
      })
    ).pipe(Effect.zipRight(moved)),
    resume: Clock.clockWith((base) =>
      Effect.sync(() => {
        if ("pausedAt" in shift) shift = { offset: shift.pausedAt - base.unsafeCurrentTimeMillis() }
      })
    ).pipe(Effect.zipRight(moved)),
    restore: (restored) =>
      Effect.sync(() => {
        shift = restored
      }).pipe(Effect.zipRight(moved)),
    within: (effect) =>
      Effect.suspend(() =>
        shift === unshifted ? effect : Clock.clockWith((base) => Effect.withClock(effect, shifted(base)))
      )
  }
}

class ShiftedClock implements Clock.Clock {
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  readonly currentTimeMillis = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos: Effect.Effect<bigint>

  constructor(
    private readonly base: Clock.Clock,
    readonly unsafeCurrentTimeMillis: () => number
  ) {
    this.currentTimeNanos = base.currentTimeNanos
  }

  unsafeCurrentTimeNanos(): bigint {
    return this.base.unsafeCurrentTimeNanos()
  }

  sleep(duration: Parameters<Clock.Clock["sleep"]>[0]): Effect.Effect<void> {
    return this.base.sleep(duration)
  }
}
