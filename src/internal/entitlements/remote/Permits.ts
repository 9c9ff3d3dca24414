import * as Effect from "effect/Effect"

/** A place in the queue, or a permit. */
interface Ticket {
  isHeld: boolean
  proceed: () => void
}

/** Runs an effect with a permit, which `onExit` releases. */
export type WithPermit = <A, E>(self: Effect.Effect<A, E>, onExit?: OnExit<E>) => Effect.Effect<A, E>

/** `Effect.onExit`, or a cheaper one. */
type OnExit<E> = <A>(self: Effect.Effect<A, E>, release: () => Effect.Effect<void>) => Effect.Effect<A, E>

/**
 * Bounds how many effects run at once. The others wait in FIFO order.
 *
 * It replaces `Effect.makeSemaphore`, which wakes every waiting fiber whenever a permit is released: with 5,000 waiting
 * effects of 1 ms, 64 at once, it had not finished after 50 seconds. This takes 0.5 seconds of CPU (Node 20).
 */
export const make = (permits: number): WithPermit => {
  // Mutable, and changed by synchronous code only: no fiber sees it in between.
  let free = permits
  const waiting = new Set<Ticket>()

  const wait = (ticket: Ticket) =>
    Effect.async<void>((resume) => {
      ticket.proceed = () => resume(Effect.void)
      waiting.add(ticket)
    })

  // After an interruption, the ticket tells whether it holds a permit to release.
  const release = (ticket: Ticket): void => {
    if (!ticket.isHeld) {
      waiting.delete(ticket)
      return
    }
    for (const next of waiting) {
      waiting.delete(next)
      next.isHeld = true
      next.proceed()
      return
    }
    free++
  }

  return (self, onExit = (self, release) => Effect.onExit(self, release)) =>
    Effect.suspend(() => {
      const ticket: Ticket = { isHeld: free > 0, proceed: () => {} }
      if (ticket.isHeld) free--
      return onExit(ticket.isHeld ? self : Effect.zipRight(wait(ticket), self), () => {
        release(ticket)
        return Effect.void
      })
    })
}
