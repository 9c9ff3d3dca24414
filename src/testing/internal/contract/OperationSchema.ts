import * as Schema from "effect/Schema"
import * as operations from "../../../internal/operations/groups.js"
import type { Operation } from "../../Operation.js"
import * as Nearest from "./Nearest.js"

const names = operations.all.map(({ name }) => name)

/** The name of an operation. Another one is refused with the names near it. */
export const OperationSchema: Schema.Schema<Operation> = Schema.Literal(...names).annotations({
  message: Nearest.message("operation", names)
})
