import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ImportSourceError } from "../../../CustomerImport.js"
import type { Opener, Requirements, Source } from "../../../jobs/Source.js"
import * as JobSource from "../../../jobs/Source.js"
import type { OpenSource } from "./OpenSource.js"

/** The sources that this runner can read. */
export interface OpenSources {
  readonly open: (source: Source) => Effect.Effect<OpenSource, ImportSourceError>
}

export const OpenSources = Context.GenericTag<OpenSources>("effect-stigg/internal/OpenSources")

export const layer = <O extends Opener<unknown>>(
  list: ReadonlyArray<O>
): Layer.Layer<OpenSources, never, Requirements<O>> =>
  Layer.effect(
    OpenSources,
    Effect.map(Effect.context<Requirements<O>>(), (context) => ({
      open: (source) => Effect.provide(JobSource.openers(list)(source), context)
    }))
  )
