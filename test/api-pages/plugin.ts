/**
 * What the API pages show in addition to the docstrings: the errors of each operation, from its declaration, and the tag
 * of each error.
 */
import type { Application, CommentDisplayPart, ProjectReflection, Reflection } from "typedoc"
import {
  CommentTag,
  Converter,
  DeclarationReflection,
  IntrinsicType,
  IndexEvent,
  ReflectionFlag,
  ReflectionKind
} from "typedoc"
import { StiggError } from "../../src/StiggError.js"
import type { Method } from "../operations/methods.js"
import { everyError, services } from "../operations/methods.js"

const memberOf = (parent: DeclarationReflection | ProjectReflection, name: string, kind: ReflectionKind) => {
  const found = parent.children?.find((child) => child.name === name && child.kindOf(kind))
  if (found === undefined) throw new Error(`${parent.name} has no ${name}`)
  return found
}

/** The tag of an error class; undefined for any other reflection. */
const tags = new Map<DeclarationReflection, string>()

const text = (text: string): CommentDisplayPart => ({ kind: "text", text })
const code = (text: string): CommentDisplayPart => ({ kind: "code", text: `\`${text}\`` })

/** A row for each class: its tag, with a link to its page, and the first paragraph of its comment. */
const table = (
  project: ProjectReflection,
  classes: ReadonlyArray<{ readonly name: string; readonly _tag: string }>
) => [
  text("\n\n| error | when |\n| --- | --- |\n"),
  ...classes.flatMap(({ _tag, name }): ReadonlyArray<CommentDisplayPart> => {
    const target = memberOf(memberOf(project, "StiggError", ReflectionKind.Module), name, ReflectionKind.Class)
    const when = (target.comment?.getShortSummary(true) ?? []).map((part) => ({
      ...part,
      text: part.text.replaceAll("\n", " ")
    }))
    return [
      text("| "),
      { kind: "inline-tag", tag: "@linkcode", text: _tag, target },
      text(" | "),
      ...when,
      text(" |\n")
    ]
  }),
  text("\n")
]

const errorsOf = (project: ProjectReflection, { errors }: Method) =>
  new CommentTag("@errors", [
    ...(errors.length === 0
      ? []
      : table(
          project,
          StiggError.members.filter(({ _tag }) => errors.includes(_tag))
        )),
    text("<details><summary>Errors of every operation</summary>"),
    ...table(project, everyError),
    text("</details>")
  ])

/** Whether a constructor is that of a `Context.Tag`, which cannot be called. */
const isOfTag = (constructor: Reflection): boolean => {
  const type = constructor instanceof DeclarationReflection && constructor.signatures?.[0]?.parameters?.[0]?.type
  return type instanceof IntrinsicType && type.name === "never"
}

export const load = (app: Application): void => {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    // Every field is readonly, and every variable constant.
    reflection.setFlag(ReflectionFlag.Readonly, false)
    reflection.setFlag(ReflectionFlag.Const, false)
    if (!reflection.kindOf(ReflectionKind.Class)) return
    const symbol = context.getSymbolFromReflection(reflection)
    const tag = symbol && context.checker.getDeclaredTypeOfSymbol(symbol).getProperty("_tag")
    const type = tag && context.checker.getTypeOfSymbol(tag)
    if (type?.isStringLiteral() === true) tags.set(reflection, type.value)
  })

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const service of services) {
      const methods = memberOf(
        memberOf(project, service.module, ReflectionKind.Module),
        "Service",
        ReflectionKind.Interface
      )
      for (const method of service.methods) {
        const { comment } = memberOf(methods, method.name, ReflectionKind.Property | ReflectionKind.Method)
        comment?.blockTags.push(errorsOf(project, method))
      }
    }
    for (const [reflection, tag] of tags) {
      reflection.comment?.summary.push(text("\n\nIts tag is "), code(tag), text("."))
      // The base of an error class is a computed type, which repeats the fields.
      delete reflection.extendedTypes
    }
    for (const constructor of project.getReflectionsByKind(ReflectionKind.Constructor)) {
      if (isOfTag(constructor)) project.removeReflection(constructor)
    }
  })

  // A search for a tag finds its class first.
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event) => {
    event.searchFieldWeights["tag"] = 10
    event.searchResults.forEach((result, i) => {
      const tag = result.isDeclaration() ? tags.get(result) : undefined
      if (tag !== undefined) event.searchFields[i] = { ...event.searchFields[i], tag }
    })
  })
}
