import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ImportSourceError } from "../../../CustomerImport.js"
import type { Needs } from "../../../jobs/Needs.js"
import type { OpenSource, Source, SourceOpener } from "../../../jobs/Source.js"
import * as SourceOpeners from "./SourceOpeners.js"

/** The sources that this runner can read. */
export interface OpenSources {
  readonly open: (source: Source) => Effect.Effect<OpenSource, ImportSourceError>
}

export const OpenSources = Context.GenericTag<OpenSources>("effect-stigg/internal/OpenSources")

export const layer = <O extends SourceOpener<unknown>>(
  list: ReadonlyArray<O>
): Layer.Layer<OpenSources, never, Needs<O>> =>
  Layer.effect(
    OpenSources,
    Effect.map(Effect.context<Needs<O>>(), (context) => ({
      open: (source) => Effect.provide(SourceOpeners.openers(list)(source), context)
    }))
  )
