import { describe, expect, it } from "@effect/vitest"
import ts from "typescript"
import { all } from "../../src/internal/operations/groups.js"
import { read } from "../docs/extraction.js"
import { publicModules } from "../package/manifest.js"
import { everyError, services } from "./methods.js"

/** The docstring of each method of a service, without line breaks. Fields that are services themselves have no entry. */
const docstringsOf = (module: string): Readonly<Record<string, string>> => {
  const [, file = ""] = publicModules.find(([name]) => name === `./${module}`) ?? []
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, true)
  const service = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === "Service")
  const members = Array.from(service?.members ?? []).filter(ts.isPropertySignature)
  const methods = members.flatMap((member) => {
    if (member.type === undefined || !ts.isFunctionTypeNode(member.type)) return []
    const docs = ts.getJSDocCommentsAndTags(member).map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "")
    return [[member.name.getText(), docs.join(" ").replace(/\s+/g, " ")] as const]
  })
  return Object.fromEntries(methods)
}

/** The errors that a docstring names, without those of every operation. */
const errorsIn = (docstring: string): ReadonlyArray<string> => {
  const tags = new Set(Array.from(docstring.matchAll(/`(Stigg\w+Error)`/g), ([, tag]) => tag ?? ""))
  for (const { _tag } of everyError) tags.delete(_tag)
  return [...tags]
}

it("the services have every operation", () => {
  const covered = services.flatMap(({ methods }) => methods.flatMap(({ operations }) => operations))
  expect([...new Set(covered)].sort()).toEqual(all.map(({ name }) => name).sort())
})

describe.each(services)("the docstrings of $module", ({ methods, module }) => {
  const docstrings = docstringsOf(module)

  it("belong to the declared methods", () => {
    expect(Object.keys(docstrings).sort()).toEqual(methods.map(({ name }) => name).sort())
  })

  it.each(methods.filter(({ formOf }) => formOf === null))(
    "name the errors that $name declares",
    ({ errors, name }) => {
      expect([...errorsIn(docstrings[name] ?? "")].sort()).toEqual([...errors].sort())
    }
  )

  it.each(methods.filter(({ formOf }) => formOf !== null))("refer from $name to $formOf", ({ formOf, name }) => {
    expect(docstrings[name]).toMatch(new RegExp(`^Like \`${formOf}\`, `))
  })
})
