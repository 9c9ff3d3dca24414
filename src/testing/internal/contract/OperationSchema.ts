import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as operations from "../../../internal/operations/groups.js"
import type { Operation } from "../../Operation.js"
import * as Nearest from "./Nearest.js"

/** The name of an operation. Another one is refused with the names near it. */
export const OperationSchema: Schema.Schema<Operation> = Schema.Literal(
  ...operations.all.map(({ name }) => name)
).annotations({
  message: ({ actual }) => ({
    message: Predicate.isString(actual)
      ? Nearest.refusal("operation", actual, names)
      : 'Expected the name of an operation, such as "customers.list"',
    override: true
  })
})

const names: ReadonlyArray<string> = operations.all.map(({ name }) => name)
