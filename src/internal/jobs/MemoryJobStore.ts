import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { JobRecord, PartRecord, Stage } from "./JobRecord.js"
import { addTotals, isEnded, noRows } from "./JobRecord.js"
import type { Created, Execution, NewJob, PartKey, RoundKey, SeriesRecord } from "./JobStore.js"
import { JobStore } from "./JobStore.js"
import { afterRound } from "./RoundEnd.js"

/** Mutable, like the rows of the tables that it stands for. Each operation runs without a yield in between. */
interface Stored {
  job: JobRecord
  parts: Array<{ part: PartRecord; owner: string | null; beat: number }>
  readonly executions: Array<Execution>
  readonly rejects: Map<number, string>
  isBegun: boolean
  isTidy: boolean
}

const make = Effect.sync((): JobStore => {
  const jobs = new Map<string, Stored>()
  const series = new Map<string, SeriesRecord>()

  const view = (stored: Stored): JobRecord => {
    if (stored.job.plan === null || isEnded(stored.job.stage)) return stored.job
    return {
      ...stored.job,
      parts: { done: stored.parts.filter(({ part }) => part.isDone).length, total: stored.parts.length },
      totals: stored.parts.reduce((sum, { part }) => addTotals(sum, part.totals), noRows)
    }
  }
  const find = (id: string) => Option.map(Option.fromNullable(jobs.get(id)), view)
  const current = ({ id, instance, round }: RoundKey): Stored | null => {
    const stored = jobs.get(id)
    if (stored === undefined) return null
    const { job } = stored
    return job.instance === instance && job.round === round && job.stage === "Running" ? stored : null
  }
  const owned = (key: PartKey) => {
    const held = jobs.get(key.id)?.parts[key.part]
    return held?.owner === key.owner ? held : null
  }
  const change = (stored: Stored, to: Partial<JobRecord>) => {
    stored.job = { ...stored.job, beat: stored.job.beat + 1, ...to }
  }
  const end = (stored: Stored, to: { readonly stage: Stage; readonly now: number; readonly result: string | null }) => {
    const { parts, totals } = view(stored)
    change(stored, { stage: to.stage, endedAt: to.now, result: to.result, parts, totals })
    stored.parts = []
  }
  const sorted = () =>
    [...jobs.values()].map(view).sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0))

  const create = ({ id, instance, kind, now, payload }: NewJob): Created => {
    const known = jobs.get(id)
    if (known !== undefined) return { isNew: false, job: view(known) }
    const job: JobRecord = {
      ...{ id, kind, payload, instance, round: 1, beat: 0, desired: "Run", stage: "Running" },
      ...{ source: null, plan: null, total: null, parts: null, totals: noRows, problem: null, result: null },
      ...{ createdAt: now, runningSince: null, rowsBefore: 0, endedAt: null }
    }
    jobs.set(id, { job, parts: [], executions: [], rejects: new Map(), isBegun: false, isTidy: false })
    return { isNew: true, job }
  }

  return {
    create: (job) => Effect.sync(() => create(job)),
    createNext: ({ after, name }, job) =>
      Effect.sync(() => {
        const known = series.get(name)
        if ((known?.lastId ?? null) !== after) return Option.none()
        series.set(name, { lastId: job.id, result: known?.result ?? null })
        return Option.some(create(job))
      }),
    series: (name) => Effect.sync(() => Option.fromNullable(series.get(name))),
    get: (id) => Effect.sync(() => find(id)),
    list: ({ before, limit }) =>
      Effect.sync(() =>
        sorted()
          .filter(
            ({ createdAt, id }) =>
              before === null || createdAt < before.createdAt || (createdAt === before.createdAt && id < before.id)
          )
          .slice(0, limit)
      ),
    running: Effect.sync(() =>
      [...jobs.values()]
        .filter(({ job }) => job.stage === "Running")
        .map(({ isBegun, job: { beat, id, instance, round } }) => ({ id, instance, round, beat, isBegun }))
    ),
    untidy: Effect.sync(() =>
      [...jobs.values()].flatMap(({ executions, isTidy, job: { endedAt, id } }) =>
        isTidy || endedAt === null ? [] : [{ id, endedAt, executions: [...executions] }]
      )
    ),
    tidied: (id) =>
      Effect.sync(() => {
        const stored = jobs.get(id)
        if (stored === undefined) return
        stored.isTidy = true
        stored.executions.length = 0
      }),
    addExecutions: (id, executions) => Effect.sync(() => void jobs.get(id)?.executions.push(...executions)),

    plan: (key, { now, parts, plan, total }) =>
      Effect.sync(() => {
        const stored = current(key)
        if (stored === null) return false
        if (stored.job.plan !== null) return true
        change(stored, { plan, total, runningSince: now })
        stored.parts = parts.map((spec, part) => ({
          part: { part, spec, isDone: false, totals: noRows, output: null },
          ...{ owner: null, beat: 0 }
        }))
        return true
      }),
    openParts: (id) =>
      Effect.sync(() => (jobs.get(id)?.parts ?? []).filter(({ part }) => !part.isDone).map(({ part }) => part.part)),
    parts: (id) => Effect.sync(() => (jobs.get(id)?.parts ?? []).map(({ part }) => part)),
    claim: (key) =>
      Effect.sync(() => {
        const held = current(key)?.parts[key.part]
        if (held === undefined || held.part.isDone) return Option.none()
        held.owner = key.owner
        held.beat += 1
        return Option.some(held.part)
      }),
    wanted: (key) =>
      Effect.sync(() => {
        const stored = current(key)
        return stored === null || owned(key) === null ? null : stored.job.desired
      }),
    record: (key, { isDone, output, rejects, totals }) =>
      Effect.sync(() => {
        const held = owned(key)
        if (held === null || held.part.isDone) return false
        held.part = { ...held.part, totals: addTotals(held.part.totals, totals), isDone, output }
        const stored = jobs.get(key.id)
        for (const { reject, row } of rejects) stored?.rejects.set(row, reject)
        return true
      }),
    beat: (key) =>
      Effect.sync(() => {
        const stored = current(key)
        if (stored === null) return
        change(stored, {})
        stored.isBegun = true
      }),
    beatPart: (key) =>
      Effect.sync(() => {
        const held = owned(key)
        if (held !== null) held.beat += 1
      }),
    partBeats: (id) =>
      Effect.sync(() =>
        (jobs.get(id)?.parts ?? [])
          .filter(({ part }) => !part.isDone)
          .map(({ beat, part }) => ({ part: part.part, beat }))
      ),
    note: (key, problem) =>
      Effect.sync(() => {
        const stored = current(key)
        if (stored !== null) change(stored, { problem })
      }),
    halt: (key, { desired, problem }) =>
      Effect.sync(() => {
        const stored = current(key)
        if (stored === null || stored.job.desired === "Cancel" || stored.job.desired === "Fail") return
        change(stored, { desired, problem })
      }),
    endRound: (key, now) =>
      Effect.sync(() => {
        const stored = current(key)
        if (stored === null) return { _tag: "Superseded" }
        const next = afterRound(view(stored))
        if (next._tag === "Paused") change(stored, { stage: "Paused" })
        if (next._tag === "Ended") end(stored, { stage: next.stage, now, result: null })
        return next
      }),
    complete: (key, { now, result }) =>
      Effect.sync(() => {
        const stored = current(key)
        if (stored === null) return false
        end(stored, { stage: "Done", now, result })
        for (const [name, { lastId }] of series) if (lastId === key.id) series.set(name, { lastId, result })
        return true
      }),
    nextRound: (key) =>
      Effect.sync(() => {
        const stored = current(key)
        if (stored === null) return Option.none()
        change(stored, { round: key.round + 1 })
        stored.isBegun = false
        return Option.some({ ...key, round: key.round + 1 })
      }),

    pause: (id) =>
      Effect.sync(() => {
        const stored = jobs.get(id)
        if (stored?.job.stage === "Running" && stored.job.desired === "Run") {
          change(stored, { desired: "Pause", problem: null })
        }
        return find(id)
      }),
    cancel: (id, now) =>
      Effect.sync(() => {
        const stored = jobs.get(id)
        if (stored !== undefined && !isEnded(stored.job.stage)) {
          const isPaused = stored.job.stage === "Paused"
          change(stored, { desired: "Cancel" })
          if (isPaused) end(stored, { stage: "Cancelled", now, result: null })
        }
        return find(id)
      }),
    resume: (id, now, options) =>
      Effect.sync(() => {
        const stored = jobs.get(id)
        if (options !== undefined && stored !== undefined && !isEnded(stored.job.stage)) change(stored, options)
        if (stored?.job.stage === "Running" && stored.job.desired === "Pause") {
          change(stored, { desired: "Run", problem: null })
        }
        if (stored?.job.stage !== "Paused") return { job: find(id), begin: Option.none() }
        const { instance, plan, round } = stored.job
        change(stored, {
          ...{ stage: "Running", desired: "Run", problem: null, round: round + 1 },
          ...{ runningSince: plan === null ? null : now, rowsBefore: view(stored).totals.rows }
        })
        stored.isBegun = false
        return { job: find(id), begin: Option.some({ id, instance, round: round + 1 }) }
      }),

    rejects: (id, { after, limit }) =>
      Effect.sync(() =>
        [...(jobs.get(id)?.rejects ?? [])]
          .filter(([row]) => row > after)
          .sort(([a], [b]) => a - b)
          .slice(0, limit)
          .map(([row, reject]) => ({ row, reject }))
      ),
    removeEnded: (before) =>
      Effect.sync(() => {
        const ended = [...jobs.values()].filter(
          ({ isTidy, job }) => isTidy && job.endedAt !== null && job.endedAt < before
        )
        for (const { job } of ended) jobs.delete(job.id)
        return ended.length
      })
  }
})

export const layer: Layer.Layer<JobStore> = Layer.effect(JobStore, make)
