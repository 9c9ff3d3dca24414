import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { ImportSourceError } from "../CustomerImport.js"
import * as SourceError from "../internal/import/SourceError.js"
import * as Format from "../internal/jobs/source/Format.js"
import type { OpenSource } from "../internal/jobs/source/OpenSource.js"

/** A file in the folder that all runners share. */
export const Folder = Schema.TaggedStruct("Folder", {
  /** Relative to the folder. */
  path: Schema.String,
  format: Format.Format
}).annotations({ title: "Folder" })

/** Without the value, which the messages of a schema contain otherwise. */
const masked = { message: () => "Expected a redacted string" }

const SecretText = Schema.transform(
  Schema.String.annotations(masked),
  Schema.RedactedFromSelf(Schema.String).annotations(masked),
  { strict: true, decode: (text) => Redacted.make(text), encode: (secret) => Redacted.value(secret) }
)

/** A file behind an HTTP(S) URL, such as a presigned URL of object storage. */
export const Url = Schema.TaggedStruct("Url", {
  /** A secret: its query can be a signature. It is stored as a string, and masked elsewhere. */
  url: SecretText,
  format: Format.Format
}).annotations({ title: "Url" })

/** Rows of a database. What they are is told to each runner under this name. */
export const Rows = Schema.TaggedStruct("Rows", { name: Schema.String }).annotations({ title: "Rows" })

/** Where the rows of an import job are. */
export const Source = Schema.Union(Folder, Url, Rows).annotations({ title: "Source" })

export type Source = typeof Source.Type

/** A source for messages, without its secrets. */
export const show = (source: Source): string => {
  switch (source._tag) {
    case "Folder":
      return source.path
    case "Url":
      return Option.match(parseUrl(source.url), { onNone: () => "the URL", onSome: showUrl })
    case "Rows":
      return source.name
  }
}

export const parseUrl = (url: Redacted.Redacted): Option.Option<URL> =>
  Option.liftThrowable(() => new URL(Redacted.value(url)))()

/** The origin and path: the query can be a signature. */
export const showUrl = ({ origin, pathname }: URL): string => `${origin}${pathname}`

/** Opens the sources of a kind. A runner has a list of them. */
export interface Opener<R> {
  readonly _tag: Source["_tag"]
  /** Of an opener for one name only: the name. */
  readonly name: string | null
  /** Null if the source is of another kind. */
  readonly open: (source: Source) => Effect.Effect<OpenSource, ImportSourceError, R> | null
}

/** What the openers of a list need. */
export type Requirements<O> = O extends Opener<infer R> ? R : never

/** Opens a source with the first of the openers that takes it. Fails with `Invalid` if none does. */
export const openers =
  <O extends Opener<unknown>>(list: ReadonlyArray<O>) =>
  (source: Source): Effect.Effect<OpenSource, ImportSourceError, Requirements<O>> => {
    for (const opener of list) {
      const opening = opener.open(source)
      // The compiler cannot infer a union of requirements from a list, so `Opener<unknown>` stands for it.
      if (opening !== null) return opening as Effect.Effect<OpenSource, ImportSourceError, Requirements<O>>
    }
    const known = list.map(({ _tag, name }) => (name === null ? _tag : `${_tag} ${name}`)).join(", ")
    const message =
      `source: Expected a source that this runner opens (${known === "" ? "none" : known}), ` +
      `found ${source._tag} ${show(source)}`
    return Effect.fail(SourceError.at("Invalid", message))
  }
