import * as Array from "effect/Array"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as AST from "effect/SchemaAST"
import * as Excerpt from "./Excerpt.js"
import type { Redaction } from "./Redaction.js"

/** One problem that a schema found, and its path. */
export interface Leaf {
  /** For example `["customers", 3, "email"]`; empty at the root. */
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
}

const maxPath = 200
const maxMessage = 400
const maxQuoted = 100

/**
 * The leaves of an issue, with the order and wording of `ParseResult.ArrayFormatter` and with bounded messages. The
 * formatter recurses into the issue and into the value that it quotes, so it gets one leaf at a time, with a stand-in
 * for the value.
 */
export function* leaves(issue: ParseResult.ParseIssue, redact?: Redaction["text"]): Generator<Leaf> {
  const open: Array<{ readonly at: ParseResult.ParseIssue; readonly trail: Trail | null }> = [
    { at: issue, trail: null }
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { at, trail } = next
    const message = annotatedMessage(at) ?? (isLeaf(at) ? leafMessage(at, redact) : null)
    if (message !== null) yield { path: toPath(trail), message: Excerpt.line(message, maxMessage, redact) }
    else if (at._tag === "Pointer") {
      open.push({ at: at.issue, trail: Array.ensure(at.path).reduce((above, key) => ({ above, key }), trail) })
    } else if (at._tag === "Composite") {
      for (const below of Array.reverse(told(at))) open.push({ at: below, trail })
    } else if (!isLeaf(at)) open.push({ at: at.issue, trail })
  }
}

/** Of a union, without what only says that the value could have been left out. */
const told = (composite: ParseResult.Composite): ReadonlyArray<ParseResult.ParseIssue> => {
  const all = Array.ensure(composite.issues)
  if (!AST.isUnion(composite.ast)) return all
  const others = all.filter((issue) => !(issue._tag === "Type" && AST.isUndefinedKeyword(issue.ast)))
  return others.length === 0 ? all : others
}

/** The keys down to an issue, the last one first. Copying all of them at each step would be quadratic in the depth. */
interface Trail {
  readonly above: Trail | null
  readonly key: PropertyKey
}

const toPath = (trail: Trail | null): ReadonlyArray<PropertyKey> => {
  const path: Array<PropertyKey> = []
  for (let at = trail; at !== null; at = at.above) path.push(at.key)
  return path.reverse()
}

const isLeaf = (issue: ParseResult.ParseIssue) =>
  issue._tag === "Type" || issue._tag === "Missing" || issue._tag === "Unexpected" || issue._tag === "Forbidden"

const leafMessage = (leaf: ParseResult.ParseIssue, redact?: Redaction["text"]): string => {
  const shown = leaf._tag === "Type" ? new ParseResult.Type(leaf.ast, standIn(leaf.actual, redact), leaf.message) : leaf
  return ParseResult.ArrayFormatter.formatIssueSync(shown)[0]?.message ?? "does not match the schema"
}

const standIn = (value: unknown, redact?: Redaction["text"]): unknown => {
  if (Predicate.isString(value)) return Excerpt.line(value, maxQuoted, redact)
  if (Array.isArray(value)) return { toString: () => "an array" }
  return Predicate.isFunction(value) || Predicate.isObject(value) ? { toString: () => "an object" } : value
}

/** The first leaf of an issue, with its path as text, such as `customers[3].email`. */
export const first = (
  issue: ParseResult.ParseIssue,
  redact?: Redaction["text"]
): { readonly path: string; readonly message: string } => {
  for (const { message, path } of leaves(issue, redact)) return { path: pathText(path, redact), message }
  return { path: "", message: "does not match the schema" }
}

/** The schema's `message` annotation; null if it has none, or if the formatter uses the leaf's message instead. */
const annotatedMessage = (issue: ParseResult.ParseIssue): string | null => {
  switch (issue._tag) {
    case "Pointer":
    case "Missing":
    case "Unexpected":
    case "Forbidden":
      return null
    default: {
      const annotation = Option.getOrNull(AST.getMessageAnnotation(issue.ast))
      const own = annotation === null ? null : annotation(issue)
      if (own === null || Predicate.isString(own)) return hasLeaf(issue) ? null : own
      if (!("override" in own) || !Predicate.isString(own.message)) return null
      return own.override || !hasLeaf(issue) ? own.message : null
    }
  }
}

/** Whether the formatter uses the message of the issues below, unless the annotation overrides them. */
const hasLeaf = (issue: ParseResult.ParseIssue): boolean =>
  issue._tag === "Composite" ||
  (issue._tag === "Refinement" && issue.kind === "From") ||
  (issue._tag === "Transformation" && issue.kind !== "Transformation")

/** `["customers", 3, "email"]` as `customers[3].email`, bounded. */
const pathText = (path: ReadonlyArray<PropertyKey>, redact?: Redaction["text"]): string => {
  const text = path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    ""
  )
  return Excerpt.line(text, maxPath, redact)
}

/** `["customers", 3, "email"]` as `customers.3.email`, bounded. */
export const dotted = (path: ReadonlyArray<PropertyKey>): string => Excerpt.line(path.map(String).join("."), maxPath)

const maxText = 2000

/** All leaves of an issue, one per line, bounded. `root` stands for an empty path. */
export const text = (issue: ParseResult.ParseIssue, root: string): string => {
  const lines = Array.map(
    Array.fromIterable(leaves(issue)),
    ({ message, path }) => `${path.length === 0 ? root : dotted(path)}: ${message}`
  )
  return Excerpt.lines(lines.join("\n"), maxText)
}
