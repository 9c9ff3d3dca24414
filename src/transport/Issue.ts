import * as Array from "effect/Array"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as AST from "effect/SchemaAST"
import * as Excerpt from "./Excerpt.js"
import type { Redaction } from "./Redaction.js"

/** What a schema found wrong, and where. */
export interface Issue {
  /** Such as `customers[3].email`; empty at the root. */
  readonly path: string
  readonly message: string
}

const maxPath = 200
const maxMessage = 400
const maxQuoted = 100

/**
 * The first leaf of an issue, in the words of `ParseResult.ArrayFormatter`. The formatter itself recurses into the issue
 * and into the value that it quotes, so it gets the leaf alone, and a stand-in for its value.
 */
export const first = (issue: ParseResult.ParseIssue, redact?: Redaction["text"]): Issue => {
  const path: Array<PropertyKey> = []
  const found = (message: string): Issue => ({
    path: Excerpt.line(formatPath(path), maxPath, redact),
    message: Excerpt.line(message, maxMessage, redact)
  })
  const standIn = (value: unknown): unknown => {
    if (Predicate.isString(value)) return Excerpt.line(value, maxQuoted, redact)
    if (Array.isArray(value)) return { toString: () => "an array" }
    return Predicate.isFunction(value) || Predicate.isObject(value) ? { toString: () => "an object" } : value
  }
  for (let at = issue; ;) {
    const message = annotatedMessage(at)
    if (message !== null) return found(message)
    switch (at._tag) {
      case "Pointer":
        path.push(...Array.ensure(at.path))
        at = at.issue
        break
      case "Composite":
        // Never empty.
        at = Array.ensure(at.issues)[0] as ParseResult.ParseIssue
        break
      case "Refinement":
      case "Transformation":
        at = at.issue
        break
      default: {
        const leaf = at._tag === "Type" ? new ParseResult.Type(at.ast, standIn(at.actual), at.message) : at
        return found(ParseResult.ArrayFormatter.formatIssueSync(leaf)[0]?.message ?? "is not what the schema says")
      }
    }
  }
}

/** What the schema's own `message` annotation says of an issue; null where it says nothing, or leaves it to the leaf. */
const annotatedMessage = (issue: ParseResult.ParseIssue): string | null => {
  switch (issue._tag) {
    case "Pointer":
    case "Missing":
    case "Unexpected":
    case "Forbidden":
      return null
    default: {
      const annotation = Option.getOrNull(AST.getMessageAnnotation(issue.ast))
      const told = annotation === null ? null : annotation(issue)
      if (told === null || Predicate.isString(told)) return hasLeaf(issue) ? null : told
      if (!("override" in told) || !Predicate.isString(told.message)) return null
      return told.override || !hasLeaf(issue) ? told.message : null
    }
  }
}

/** Whether the formatter leaves the wording to what is below, unless the annotation overrides it. */
const hasLeaf = (issue: ParseResult.ParseIssue): boolean =>
  issue._tag === "Composite" ||
  (issue._tag === "Refinement" && issue.kind === "From") ||
  (issue._tag === "Transformation" && issue.kind !== "Transformation")

/** `["customers", 3, "email"]` as `customers[3].email`. */
const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    ""
  )
