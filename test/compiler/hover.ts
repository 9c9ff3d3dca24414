import { beforeAll, describe, expect, it } from "@effect/vitest"
import ts from "typescript"
import * as Schemas from "../../src/Schemas.js"
import { root } from "../docs/extraction.js"
import { add, editor } from "./project.js"

/** What an editor shows of an operation and of its schemas. */

const file = `${root}test/compiler/hover.snippet.ts`

const schemas = Object.keys(Schemas).filter((name) => /^[A-Z]/.test(name))

const snippet = `
import * as Effect from "effect/Effect"
import type * as Customers from "effect-stigg/Customers"
import * as Catalogue from "effect-stigg/Catalogue"
import * as Schemas from "effect-stigg/Schemas"
import { unavailable } from "effect-stigg/StiggError"

const catalogue = Catalogue.make({ features: { sso: "BOOLEAN", seats: "NUMBER" }, currencies: ["tokens"] })
catalogue.check("acme", { featureId: "" })
unavailable((down) => down)
declare const customers: Customers.Service
declare const customer: Schemas.Customer
customers.retrieve("customer-acme")
const found = Effect.map(customers.retrieve("customer-acme"), ({ id }) => id)
customer.billingCurrency
${schemas.map((name) => `Schemas.${name};`).join("\n")}
customer.
`

add(file, snippet)

/** The place after the first occurrence of a text in the snippet. */
const after = (text: string): number => snippet.indexOf(text) + text.length

const hover = (position: number): { readonly shown: string; readonly says: string } => {
  const info = editor.getQuickInfoAtPosition(file, position)
  return { shown: ts.displayPartsToString(info?.displayParts), says: ts.displayPartsToString(info?.documentation) }
}

describe("an editor", () => {
  // The first question makes the compiler read everything.
  beforeAll(() => {
    hover(after("customers.retrieve") - 1)
  }, 60_000)

  it("shows what an operation takes and gives, and what it does", () => {
    const { says, shown } = hover(after("customers.retrieve") - 1)
    expect(shown).toContain("(id: string) => Effect.Effect<Schemas.Customer, StiggError>")
    expect(shown.length).toBeLessThan(120)
    expect(says).toContain("Fails with `StiggNotFoundError`")
  })

  it("goes from an operation to its documentation", () => {
    const [definition] = editor.getDefinitionAtPosition(file, after("customers.retrieve") - 1) ?? []
    expect(definition?.fileName).toBe(`${root}src/Customers.ts`)
    const source = editor.getProgram()?.getSourceFile(`${root}src/Customers.ts`)?.text ?? ""
    const { length = 0, start = 0 } = definition?.textSpan ?? {}
    expect(source.slice(start, start + length)).toBe("retrieve")
    expect(source.slice(0, start)).toMatch(/\*\/\s*readonly $/)
  })

  it("names a customer by its type", () => {
    expect(hover(after("const customer:") - 2).shown).toBe("const customer: Schemas.Customer")
  })

  it("names the errors of a program by their union", () => {
    expect(hover(after("const found") - 1).shown).toBe("const found: Effect.Effect<string, StiggError, never>")
  })

  it("names an open enum by its type", () => {
    expect(hover(after("customer.billingCurrency") - 1).shown).toContain(": Schemas.Currency | null")
  })

  it("completes the fields of a customer, with their types and documentation", () => {
    const fields = editor.getCompletionsAtPosition(file, after("customer.\n") - 1, {})?.entries.map(({ name }) => name)
    expect(fields?.toSorted()).toEqual(
      [
        ...["id", "name", "email", "billingId", "billingCurrency", "couponId", "integrations", "language", "metadata"],
        ...["passthrough", "timezone", "defaultPaymentMethod", "createdAt", "updatedAt", "archivedAt"]
      ].toSorted()
    )
    const details = editor.getCompletionEntryDetails(
      file,
      after("customer.\n") - 1,
      "archivedAt",
      {},
      undefined,
      {},
      undefined
    )
    expect(ts.displayPartsToString(details?.displayParts)).toContain("Customer.archivedAt: Utc | null")
    expect(ts.displayPartsToString(details?.documentation)).toBe("Null unless the customer is archived.")
  })

  it("completes the ids of a catalogue", () => {
    const ids = editor.getCompletionsAtPosition(file, after('featureId: "'), {})?.entries.map(({ name }) => name)
    expect(ids?.toSorted()).toEqual(["seats", "sso"])
  })

  it("names the error that the handler of a group gets", () => {
    expect(hover(after("unavailable((") + 1).shown).toMatch(/^\(parameter\) down: ([A-Za-z]+\.)?Unavailable$/)
  })

  it.each(schemas)("shows the schema %s in a few lines that name its type", (name) => {
    const { says, shown } = hover(after(`Schemas.${name};`) - 1)
    expect(shown).toContain(name)
    // The values of a long enum are worth their lines.
    expect(shown.replace(/("[\w-]+" \| )+/g, "").length).toBeLessThan(200)
    expect(says).not.toBe("")
  })
})
