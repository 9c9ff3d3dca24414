import * as Either from "effect/Either"
import * as Option from "effect/Option"

/** What is wrong with a JSON text, and where: in characters from its start, counted from 0. */
export interface JsonIssue {
  readonly message: string
  readonly offset: number
}

/** Reads a JSON text. `JSON.parse` says what is wrong in words that differ from engine to engine, mostly without a place. */
export const parse = (text: string): Either.Either<unknown, JsonIssue> => {
  const parsed = parseJson(text)
  return Option.isSome(parsed) ? Either.right(parsed.value) : Either.left(fault(text))
}

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const space = /[ \t\r\n]*/y
const scalar =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y

/** Walks a text that is no JSON up to where it stops being some. Without recursion: a line can nest a million deep. */
const fault = (json: string): JsonIssue => {
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
  /** After a value: where its container goes on, or the end. */
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
        else return broken(json, at, expected, match)
        break
      case "a name":
      case "a name or '}'":
        if (expected !== "a name" && eat("}")) {
          stack.pop()
          afterValue()
        } else if (json[at] === '"' && match(scalar) !== null) expected = "':'"
        else return broken(json, at, expected, match)
        break
      case "':'":
        if (!eat(":")) return broken(json, at, expected, match)
        expected = "a value"
        break
      case "',' or '}'":
      case "',' or ']'":
        if (eat(",")) expected = stack.at(-1) === "{" ? "a name" : "a value"
        else if (eat(stack.at(-1) === "{" ? "}" : "]")) {
          stack.pop()
          afterValue()
        } else return broken(json, at, expected, match)
        break
      default:
        return broken(json, at, expected, match)
    }
  }
}

const broken = (json: string, at: number, expected: string, match: (pattern: RegExp) => string | null): JsonIssue => {
  // A string that does not end, or holds what no string may: the fault is where its valid part ends.
  const valid = json[at] === '"' && expected !== "':'" ? match(text) : null
  const offset = at + (valid?.length ?? 0)
  const found = json[offset]
  const wanted = valid === null || valid === "" ? expected : "the rest of a string"
  return { message: `Expected ${wanted}, found ${found === undefined ? "the end" : JSON.stringify(found)}`, offset }
}
