import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ImportSourceError } from "../../../CustomerImport.js"
import type { OpenSource } from "./OpenSource.js"

export const Source = Schema.TaggedStruct("Folder", { path: Schema.String })

export type Source = typeof Source.Type

/** The sources that this runner can read. */
export interface OpenSources {
  readonly open: (source: Source) => Effect.Effect<OpenSource, ImportSourceError>
}

export const OpenSources = Context.GenericTag<OpenSources>("effect-stigg/internal/OpenSources")
