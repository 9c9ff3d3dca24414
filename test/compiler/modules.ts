import { relative } from "node:path"
import ts from "typescript"
import type { Example } from "../docs/extraction.js"
import { examples, root } from "../docs/extraction.js"
import { publicModules } from "../package/manifest.js"
import { add, errorsIn, program } from "./project.js"

/** The public modules and the examples of the documentation, as the compiler reads them. */

const nameOf = (example: Example): string => `${root}${example.file}.${example.line}.example.ts`

// Each example is a file of its own, padded with blank lines so that the compiler reports the lines of the page.
for (const example of examples) add(nameOf(example), "\n".repeat(example.line - 1) + example.code)

/** The compiler's errors in an example, each with its position. */
export const complaints = (example: Example): ReadonlyArray<string> =>
  errorsIn(nameOf(example)).map(({ line, text }) => `${example.file}:${line} ${text}`)

const required = ["example", "category", "since"]

/**
 * The exports of a module that lack a description or a tag, each with its position. Includes exports of nested
 * namespaces, unless the namespace is itself a public module.
 */
export const undocumented = (file: string): ReadonlyArray<string> => {
  if (program().getSourceFile(root + file) === undefined) return [`${file} does not exist`]
  return exportsOf(file).flatMap((exported) => {
    return declarationsOf(exported).flatMap((declaration) => {
      const path = relative(root, declaration.getSourceFile().fileName)
      const { line } = declaration.getSourceFile().getLineAndCharacterOfPosition(declaration.getStart())
      const missing = ts.isSourceFile(declaration) ? missingOfModule(declaration) : missingOf(declaration)
      const isHidden = ts.isSourceFile(declaration) && publicModules.every(([, target]) => target !== path)
      return [
        ...(missing.length === 0 ? [] : [`${path}:${line + 1} ${exported.name} lacks ${missing.join(", ")}`]),
        ...(isHidden ? undocumented(path) : [])
      ]
    })
  })
}

const missingOf = (declaration: ts.Declaration): ReadonlyArray<string> => {
  const docs = ts.getJSDocCommentsAndTags(declaration).filter(ts.isJSDoc)
  const tags = docs
    .flatMap((doc) => doc.tags ?? [])
    .flatMap((tag) => {
      const name = tag.tagName.text
      return name === "example" && !isCompiled(tag) ? [] : [name]
    })
  const sentence = docs.some((doc) => (ts.getTextOfJSDocComment(doc.comment) ?? "").trim() !== "")
  return [...(sentence ? [] : ["a sentence"]), ...required.filter((tag) => !tags.includes(tag)).map((tag) => `@${tag}`)]
}

/** Whether the code of an `@example` uses the package and is one of the {@link examples}, which are compiled. */
const isCompiled = (tag: ts.JSDocTag): boolean => {
  const source = tag.getSourceFile()
  const line = source.getLineAndCharacterOfPosition(tag.getStart()).line + 2
  const file = relative(root, source.fileName)
  const found = examples.find((example) => example.file === file && example.line === line)
  return found !== undefined && found.code.includes(' from "effect-stigg')
}

/**
 * A module's first comment documents its namespace. Without `@module`, the API pages would take it for a comment on the
 * first import. The examples are those of its exports.
 */
const missingOfModule = (source: ts.SourceFile): ReadonlyArray<string> => {
  const [first] = ts.getLeadingCommentRanges(source.text, 0) ?? []
  const text = first === undefined ? "" : source.text.slice(first.pos, first.end)
  const isComplete = text.startsWith("/**") && text.includes("@module") && text.includes("@since")
  return isComplete ? [] : ["a comment on the module with @module and @since"]
}

/**
 * The types that an export of a module is declared with and that only an internal module has, each with the export that
 * names it: a user could neither import them nor find their documentation.
 */
export const hiddenTypes = (file: string): ReadonlyArray<string> => {
  const checker = program().getTypeChecker()
  return namesIn(file).flatMap((exported) =>
    declarationsOf(exported).flatMap((declaration) => {
      const own =
        isInternal(declaration) && (ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration))
          ? [`${exported.name} is declared in ${relative(root, declaration.getSourceFile().fileName)}`]
          : []
      const named = typeNamesIn(declaration).flatMap((name) => {
        const symbol = checker.getSymbolAtLocation(name)
        const isHidden = symbol !== undefined && declarationsOf(symbol).some(isInternal) && !isPublic(symbol)
        return isHidden ? [`${exported.name} names ${name.getText()}`] : []
      })
      return [...own, ...named]
    })
  )
}

const exportsOf = (file: string): ReadonlyArray<ts.Symbol> => {
  const checker = program().getTypeChecker()
  const source = program().getSourceFile(root + file)
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  return module === undefined ? [] : checker.getExportsOfModule(module)
}

/** The exports of a module, and those of its namespaces in their place. */
const namesIn = (file: string): ReadonlyArray<ts.Symbol> =>
  exportsOf(file).flatMap((exported) => {
    const [module] = declarationsOf(exported).filter(ts.isSourceFile)
    return module === undefined ? [exported] : namesIn(relative(root, module.fileName))
  })

const resolved = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? program().getTypeChecker().getAliasedSymbol(symbol) : symbol

/** The declarations of a symbol. Of an overloaded function, those of its forms, without the one that has the body. */
const declarationsOf = (symbol: ts.Symbol): ReadonlyArray<ts.Declaration> => {
  const all = resolved(symbol).declarations ?? []
  const isBody = (declaration: ts.Declaration) =>
    all.length > 1 && ts.isFunctionDeclaration(declaration) && declaration.body !== undefined
  return all.filter((declaration) => !isBody(declaration))
}

const isInternal = (declaration: ts.Declaration): boolean =>
  /^src\/.*\binternal\//.test(relative(root, declaration.getSourceFile().fileName))

/** The type parameters of a function are its own. */
const isPublic = (symbol: ts.Symbol): boolean =>
  (symbol.flags & ts.SymbolFlags.TypeParameter) !== 0 ||
  publicModules.some(([, file]) => namesIn(file).some((exported) => resolved(exported) === resolved(symbol)))

/** The names of types in what a declaration shows: not in the body of a function, nor in a value. */
const typeNamesIn = (node: ts.Node): ReadonlyArray<ts.EntityName> => {
  if (ts.isBlock(node)) return []
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
    return [
      ...node.parameters,
      ...(node.typeParameters ?? []),
      ...(node.type === undefined ? [] : [node.type])
    ].flatMap(typeNamesIn)
  }
  if (ts.isVariableDeclaration(node) && node.type !== undefined) return typeNamesIn(node.type)
  const children: Array<ts.EntityName> = ts.isTypeReferenceNode(node) ? [node.typeName] : []
  ts.forEachChild(node, (child) => {
    children.push(...typeNamesIn(child))
  })
  return children
}
