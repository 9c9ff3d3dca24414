import * as Schema from "effect/Schema"
import type { Claim } from "../../webhooks/WebhookStore.js"

/** How long a claim lasts, in milliseconds: longer than a message may be handled. */
export const claimFor = 60_000

const Entries = <A, I>(value: Schema.Schema<A, I>) => Schema.Array(Schema.Tuple(Schema.String, value))

/** The records as JSON. */
export const Stored = Schema.Struct({
  /** Until when a message is remembered, and whether it was handled. */
  messages: Entries(Schema.Struct({ until: Schema.Number, isDone: Schema.Boolean })),
  /** As of when something is known. */
  subjects: Entries(Schema.Number)
})

/** The records of handled messages. Mutable: only synchronous code changes them. */
export interface MemoryRecords {
  readonly claim: (messageId: string, now: number) => Claim
  readonly done: (messageId: string, now: number) => void
  readonly release: (messageId: string) => void
  readonly isNews: (subject: string, at: number) => boolean
  readonly known: (subject: string, at: number) => void
  readonly stored: () => typeof Stored.Type
  readonly restore: (stored: typeof Stored.Type) => void
  /** How often they were changed. */
  readonly changes: number
}

export const make = (capacity: number, keepFor: number): MemoryRecords => {
  const messages = new Map<string, { readonly until: number; readonly isDone: boolean }>()
  const subjects = new Map<string, number>()
  let changes = 0

  /** The newest are last in a map. */
  const put = <A>(map: Map<string, A>, key: string, value: A) => {
    changes++
    map.delete(key)
    map.set(key, value)
    for (const oldest of map.keys()) {
      if (map.size <= capacity) return
      map.delete(oldest)
    }
  }

  return {
    claim: (messageId, now) => {
      const found = messages.get(messageId)
      if (found !== undefined && now < found.until) return found.isDone ? "Done" : "Busy"
      put(messages, messageId, { until: now + claimFor, isDone: false })
      return "Claimed"
    },
    done: (messageId, now) => put(messages, messageId, { until: now + keepFor, isDone: true }),
    release: (messageId) => {
      changes++
      messages.delete(messageId)
    },
    isNews: (subject, at) => at > (subjects.get(subject) ?? -Infinity),
    known: (subject, at) => {
      if (at > (subjects.get(subject) ?? -Infinity)) put(subjects, subject, at)
    },
    stored: () => ({ messages: Array.from(messages), subjects: Array.from(subjects) }),
    restore: (stored) => {
      for (const [id, record] of stored.messages) messages.set(id, record)
      for (const [subject, at] of stored.subjects) subjects.set(subject, at)
    },
    get changes() {
      return changes
    }
  }
}
