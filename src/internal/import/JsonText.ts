import * as Either from "effect/Either"
import * as Option from "effect/Option"

/** A syntax error in a JSON text. `offset` is in characters, counted from 0. */
export interface JsonIssue {
  readonly message: string
  readonly offset: number
}

/**
 * Parses a JSON text. The error says what was expected and where: the messages of `JSON.parse` differ between engines,
 * and most lack a position.
 *
 * `jsonc-parser` would be a runtime dependency, and overflows the stack on a line of 200,000 open brackets.
 */
export const parse = (text: string): Either.Either<unknown, JsonIssue> => {
  const parsed = parseJson(text)
  return Option.isSome(parsed) ? Either.right(parsed.value) : Either.left(findIssue(text))
}

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const space = /[ \t\r\n]*/y
const scalar =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y

/** Finds the first syntax error. It does not recurse, because a line can nest a million levels deep. */
const findIssue = (json: string): JsonIssue => {
  const stack: Array<"{" | "["> = []
  let at = 0
  let expected = "a value"
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    const found = pattern.exec(json)
    if (found === null) return null
    at += found[0].length
    return found[0]
  }
  const eat = (character: string): boolean => {
    if (json[at] !== character) return false
    at += 1
    return true
  }
  /** Sets what may follow a value: more of its container, or the end. */
  const afterValue = () => {
    const top = stack.at(-1)
    expected = top === undefined ? "the end" : top === "{" ? "',' or '}'" : "',' or ']'"
  }
  for (;;) {
    match(space)
    switch (expected) {
      case "a value":
      case "a value or ']'":
        if (expected !== "a value" && eat("]")) {
          stack.pop()
          afterValue()
        } else if (eat("{")) {
          stack.push("{")
          expected = "a name or '}'"
        } else if (eat("[")) {
          stack.push("[")
          expected = "a value or ']'"
        } else if (match(scalar) !== null) afterValue()
        else return issueAt(json, at, expected, match)
        break
      case "a name":
      case "a name or '}'":
        if (expected !== "a name" && eat("}")) {
          stack.pop()
          afterValue()
        } else if (json[at] === '"' && match(scalar) !== null) expected = "':'"
        else return issueAt(json, at, expected, match)
        break
      case "':'":
        if (!eat(":")) return issueAt(json, at, expected, match)
        expected = "a value"
        break
      case "',' or '}'":
      case "',' or ']'":
        if (eat(",")) expected = stack.at(-1) === "{" ? "a name" : "a value"
        else if (eat(stack.at(-1) === "{" ? "}" : "]")) {
          stack.pop()
          afterValue()
        } else return issueAt(json, at, expected, match)
        break
      default:
        return issueAt(json, at, expected, match)
    }
  }
}

const issueAt = (json: string, at: number, expected: string, match: (pattern: RegExp) => string | null): JsonIssue => {
  // In a malformed string, the error is where the valid part ends.
  const valid = json[at] === '"' && expected !== "':'" ? match(text) : null
  const offset = at + (valid?.length ?? 0)
  const found = json[offset]
  const wanted = valid === null || valid === "" ? expected : "the rest of a string"
  return { message: `Expected ${wanted}, found ${found === undefined ? "the end" : JSON.stringify(found)}`, offset }
}
