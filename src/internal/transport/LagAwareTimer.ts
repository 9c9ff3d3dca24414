/**
 * Timers that measure how long the other side took, and not how long this process was busy.
 *
 * A process that starts cold, or shares two cores with three others, runs its timers late and reads its sockets later
 * still: a plain timer gives up on an answer that has been in the socket's buffer all along. So while any timer is
 * pending, a heartbeat measures the lag of the event loop, and each timer gives the time that the process lost back.
 */

/** Milliseconds between two heartbeats. */
const interval = 5

/** Timers of the platform are late by up to this much on an idle process. */
const tolerance = 1

// Mutable, and module-wide: the lag belongs to the process.
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

/** How late the next heartbeat is already. */
const overdue = (now: number): number => Math.max(0, now - beatAt - interval - tolerance)

/**
 * Calls back after so many milliseconds in which the event loop was on time, unless it is cancelled by then. The delay
 * may be no longer than 2^31 - 1, as with any timer.
 */
export const start = (millis: number, onTime: () => void): (() => void) => {
  const startedAt = performance.now()
  if (pending++ === 0) {
    beatAt = startedAt
    heartbeat = setTimeout(beat, interval)
  }
  const lostBefore = lost + overdue(startedAt)
  const end = () => {
    if (--pending === 0) clearTimeout(heartbeat)
  }
  const elapse = () => {
    const now = performance.now()
    const left = millis - (now - startedAt - (lost + overdue(now) - lostBefore))
    // The time given back also lets the event loop read what has arrived meanwhile.
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
