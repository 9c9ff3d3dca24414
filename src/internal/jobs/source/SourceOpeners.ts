import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { ImportSourceError } from "../../../CustomerImport.js"
import type { Needs } from "../../../jobs/Needs.js"
import type { OpenSource, Source, SourceOpener } from "../../../jobs/Source.js"
import * as SourceError from "../../import/SourceError.js"

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

/** Opens a source with the first of the openers that takes it. Fails with `Invalid` if none does. */
export const openers =
  <O extends SourceOpener<unknown>>(list: ReadonlyArray<O>) =>
  (source: Source): Effect.Effect<OpenSource, ImportSourceError, Needs<O>> => {
    for (const opener of list) {
      const opening = opener.open(source)
      // The compiler cannot infer a union of requirements from a list, so `SourceOpener<unknown>` stands for it.
      if (opening !== null) return opening as Effect.Effect<OpenSource, ImportSourceError, Needs<O>>
    }
    const known = list.map(({ _tag, name }) => (name === null ? _tag : `${_tag} ${name}`)).join(", ")
    const message =
      `source: Expected a source that this runner opens (${known === "" ? "none" : known}), ` +
      `found ${source._tag} ${show(source)}`
    return Effect.fail(SourceError.at("Invalid", message))
  }
