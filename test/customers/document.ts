import type { Body, Node } from "../schemas/document.js"
import { paths } from "../schemas/document.js"

const schemaOf = (body: typeof Body.Type | undefined): Node | null => body?.content?.["application/json"].schema ?? null

/** An operation as the API's document describes it. */
export interface DocumentedOperation {
  readonly id: string
  readonly method: string
  readonly path: string
  /** The names of its query parameters. Nested ones are in brackets. */
  readonly query: ReadonlyArray<string>
  readonly body: Node | null
  readonly status: number
  readonly response: Node | null
}

/** Every operation of the API's document. */
export const documented: ReadonlyArray<DocumentedOperation> = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => {
    const [status = "200"] = Object.keys(operation.responses).filter((code) => code.startsWith("2"))
    return {
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      query: (operation.parameters ?? [])
        .filter((one) => one.in === "query")
        .flatMap(({ name, schema }) => {
          const nested = Object.keys(schema.properties ?? {})
          return nested.length === 0 ? [name] : nested.map((inner) => `${name}[${inner}]`)
        }),
      body: schemaOf(operation.requestBody),
      status: Number(status),
      response: schemaOf(operation.responses[status])
    }
  })
)
