import * as Effect from "effect/Effect"

/** A place in the queue. */
interface Ticket {
  isHeld: boolean
  proceed: () => void
}

/**
 * Runs a bounded number of effects at once; the others wait in the order in which they came.
 *
 * In place of `Effect.makeSemaphore`, which wakes every waiting fiber for each permit that comes back: with 1,000 waiting
 * loads that took 9.9 seconds of CPU in place of 0.9.
 */
export const make = (permits: number): (<A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>) => {
  // Mutable, and changed by synchronous code alone: no fiber sees it half changed.
  let free = permits
  const waiting = new Set<Ticket>()

  const wait = (ticket: Ticket) =>
    Effect.async<void>((resume) => {
      ticket.proceed = () => resume(Effect.void)
      waiting.add(ticket)
    })

  // Wherever an interruption strikes, the ticket tells whether there is a permit to give back.
  const giveBack = (ticket: Ticket) =>
    Effect.sync(() => {
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
    })

  return (self) =>
    Effect.suspend(() => {
      const ticket: Ticket = { isHeld: free > 0, proceed: () => {} }
      if (ticket.isHeld) free--
      return Effect.ensuring(ticket.isHeld ? self : Effect.zipRight(wait(ticket), self), giveBack(ticket))
    })
}
