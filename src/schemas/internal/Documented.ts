import * as Schema from "effect/Schema"

/**
 * A string of a response with what the API's document says of it. Only a JSON Schema has it: decoding accepts any
 * string.
 */
const documented = (rules: {
  readonly format?: "email" | "uuid"
  readonly maxLength?: number
}): Schema.Schema<string> => Schema.String.annotations({ jsonSchema: { type: "string", ...rules } })

export const text = documented({ maxLength: 255 })
export const email = documented({ format: "email", maxLength: 255 })
export const uuid = documented({ format: "uuid" })
