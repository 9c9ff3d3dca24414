import * as Schema from "effect/Schema"

/** A path below a root that the runner was told: no part leads out of it, on any system. */
export const RelativePath = Schema.String.pipe(
  Schema.maxLength(500),
  Schema.filter((path) => path.split("/").every(isName), {
    message: () =>
      "Expected a path such as exports/2026-06-13, without an empty part, `.`, `..` or any of `\\ : * ? < > |`"
  })
)

/** Also control characters, which hide something. */
const forbidden = /[\\:*?"<>|\u0000-\u001f]/

const isName = (part: string): boolean => part !== "" && part !== "." && part !== ".." && !forbidden.test(part)
