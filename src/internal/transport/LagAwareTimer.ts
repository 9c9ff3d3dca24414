/**
 * Timers that measure how long the other side takes, and exclude the time in which this process is busy.
 *
 * A process that is starting, or shares its cores with others, runs its timers late and reads its sockets even later: a
 * plain timer would time out while the response is already in the socket's buffer. So while any timer is pending, a
 * heartbeat measures the lag of the event loop, and each timer is extended by the lag.
 *
 * The heartbeat can be canceled from outside: it belongs to the call that started it, and a Worker cancels the timers of
 * a request when the request ends. Without a heartbeat, all time would count as lag, and no timer would fire. So a timer
 * that finds no heartbeat starts another one.
 */

/** The interval of the heartbeat, in milliseconds. */
const interval = 5

/** How late the platform's timers are on an idle process, in milliseconds. */
const tolerance = 1

// Mutable module state, because the lag is that of the process.
let pending = 0
let heartbeat: ReturnType<typeof setTimeout> | undefined
let beatAt = 0
let lost = 0

const beat = (): void => {
  const now = performance.now()
  lost += overdue(now)
  beatAt = now
  heartbeat = setTimeout(beat, interval)
}

const restart = (): void => {
  clearTimeout(heartbeat)
  beatAt = performance.now()
  heartbeat = setTimeout(beat, interval)
}

/** How late the next heartbeat already is, in milliseconds. */
const overdue = (now: number): number => Math.max(0, now - beatAt - interval - tolerance)

/**
 * Calls back after `millis` milliseconds, not counting the lag of the event loop. Returns a function that cancels it.
 * As with any timer, `millis` may be at most 2^31 - 1.
 */
export const start = (millis: number, onTime: () => void): (() => void) => {
  const startedAt = performance.now()
  if (pending++ === 0) restart()
  const late = overdue(startedAt)
  const lostBefore = lost + late
  const end = () => {
    if (--pending === 0) clearTimeout(heartbeat)
  }
  // The heartbeat that was overdue at the last look. It is due before the next one: if it is still the last one then, it
  // is canceled. It is not replaced before that, because in a busy process the lag would not be counted.
  let awaited = late > 0 ? beatAt : null
  const elapse = () => {
    if (beatAt === awaited) restart()
    const now = performance.now()
    const late = overdue(now)
    awaited = late > 0 ? beatAt : null
    const left = millis - (now - startedAt - (lost + late - lostBefore))
    // The extension also lets the event loop read what has arrived meanwhile.
    if (left > tolerance) timer = setTimeout(elapse, left)
    else {
      timer = undefined
      end()
      onTime()
    }
  }
  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(elapse, millis)
  return () => {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    end()
  }
}
