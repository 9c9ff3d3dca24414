import { describe, expect, it } from "@effect/vitest"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as api from "effect-stigg"
import ts from "typescript"
import { all } from "../../src/internal/operations/groups.js"
import { comparison, comparisons, read } from "./extraction.js"

// That the forms compile, with the options they name, is tested with the examples.

const forms = comparisons.flatMap((row) => row.forms)

/** `paymentMethod` as the client for Ruby spells it. */
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const Recorded = Schema.parseJson(
  Schema.Record({
    key: Schema.Literal("typescript", "ruby"),
    value: Schema.Struct({
      client: Schema.String,
      operations: Schema.Array(Schema.Struct({ operation: Schema.String }))
    })
  })
)

const recorded = Schema.decodeUnknownSync(Recorded)(read("test/testing/official-clients.requests.json"))

/** The names of the properties that a type of a source file declares. */
const propertiesOf = (file: string, type: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const visit = (node: ts.Node): void => {
    if (ts.isPropertySignature(node)) found.push(node.name.getText())
    else ts.forEachChild(node, visit)
  }
  for (const statement of ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, true).statements) {
    if (
      (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) &&
      statement.name.text === type
    ) {
      visit(statement)
    }
  }
  if (found.length === 0) throw new Error(`${file} does not declare ${type}`)
  return found
}

describe(`${comparison}`, () => {
  it.each(all.map(({ name }) => name))("has %s of each client in one row", (operation) => {
    const row = comparisons.find((one) => one.forms.some((form) => form.startsWith(`${operation}(`)))
    expect(row?.typescript).toContain(`client.v1.${operation}(`)
    expect(row?.ruby).toContain(`stigg.v1.${snakeCase(operation)}(`)
  })

  it("has every operation of which a client's request is recorded, and the versions of the clients", () => {
    for (const { client, operations } of [recorded.typescript, recorded.ruby]) {
      const missing = operations.filter(({ operation }) => !forms.some((form) => form.startsWith(`${operation}(`)))
      expect(missing).toEqual([])
      expect(read(comparison)).toContain(`\`${/^\S+ [\d.a-z-]+\d/.exec(client)?.[0]}\``)
    }
  })

  it.each([
    ["src/StiggClient.ts", "ApiKeyCredentials"],
    ["src/StiggClient.ts", "UserTokenCredentials"],
    ["src/StiggClient.ts", "ConnectionOptions"],
    ["src/StiggClient.ts", "RequestParams"],
    ["src/RetryPolicy.ts", "CallOptions"],
    ["src/RetryPolicy.ts", "Options"],
    ["src/RetryPolicy.ts", "Budget"],
    ["src/RequestOptions.ts", "Options"],
    ["src/RequestOptions.ts", "CallOptions"]
  ])("has every option of %s %s", (file, type) => {
    const isNamed = (option: string) => forms.some((form) => new RegExp(`[{ ]${option}(:| }|,)`).test(form))
    expect(propertiesOf(file, type).filter((option) => !isNamed(option))).toEqual([])
  })

  it("has every class of errors", () => {
    const classes = Object.entries(api.StiggError)
      .filter(([, value]) => Predicate.hasProperty(value, "prototype") && value.prototype instanceof Error)
      .map(([name]) => `StiggError.${name}`)
    expect(classes).not.toEqual([])
    expect(classes.filter((name) => !forms.includes(name))).toEqual([])
  })
})
