import { readFileSync } from "node:fs"
import { relative } from "node:path"
import ts from "typescript"
import { root, sources } from "../docs/extraction.js"

/** What `src` uses of Effect 3, read from its syntax tree: parsing all of it takes half a second, type-checking ten. */

/** One use of an export of Effect. */
export interface Use {
  /** The path from the project's root. */
  readonly file: string
  /** Such as `effect/Effect`. */
  readonly module: string
  /** Such as `catchAll`. */
  readonly name: string
  /** Whether only its type is used. */
  readonly isType: boolean
  /** Where its name starts and ends in the file. */
  readonly start: number
  readonly end: number
}

const isEffect = (module: string): boolean => /^(effect|@effect\/[a-z-]+)(\/|$)/.test(module)

/** What a local name stands for: a module, or one of its exports. */
interface Binding {
  readonly module: string
  readonly name: string | null
}

/** Records the names that an import declares. Reports an import that this cannot follow. */
const bind = (file: string, declaration: ts.ImportDeclaration, bindings: Map<string, Binding>): void => {
  if (!ts.isStringLiteral(declaration.moduleSpecifier) || !isEffect(declaration.moduleSpecifier.text)) return
  const module = declaration.moduleSpecifier.text
  const named = declaration.importClause?.namedBindings
  if (named === undefined) throw new Error(`${file} imports ${module} in a way that is not counted`)
  if (ts.isNamespaceImport(named)) {
    bindings.set(named.name.text, { module, name: null })
    return
  }
  for (const { name, propertyName } of named.elements) {
    bindings.set(name.text, { module, name: (propertyName ?? name).text })
  }
}

/** Whether an identifier is a reference, not the name of a property, a member, or an import. */
const isReference = (node: ts.Identifier): boolean => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isQualifiedName(parent)) return parent.left === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  return !(
    ts.isImportSpecifier(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isNamedTupleMember(parent) ||
    ts.isJSDocLink(parent)
  )
}

/** Whether an identifier declares a name of its own, which would hide the imported one. */
const isDeclared = (node: ts.Identifier): boolean => {
  const { parent } = node
  return (
    ((ts.isVariableDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isTypeParameterDeclaration(parent) ||
      ts.isClassDeclaration(parent) ||
      ts.isInterfaceDeclaration(parent) ||
      ts.isTypeAliasDeclaration(parent)) &&
      parent.name === node) ||
    (ts.isBindingElement(parent) && parent.name === node)
  )
}

/** Whether a node names a type: also in `implements`, and in the `extends` of an interface. */
const isTypePosition = ({ parent }: ts.Node): boolean => {
  if (ts.isTypeReferenceNode(parent)) return true
  if (!ts.isExpressionWithTypeArguments(parent) || !ts.isHeritageClause(parent.parent)) return false
  return parent.parent.token === ts.SyntaxKind.ImplementsKeyword || ts.isInterfaceDeclaration(parent.parent.parent)
}

const usesOf = (file: string): ReadonlyArray<Use> => {
  const source = ts.createSourceFile(file, readFileSync(root + file, "utf8"), ts.ScriptTarget.ES2022, true)
  const bindings = new Map<string, Binding>()
  for (const statement of source.statements) if (ts.isImportDeclaration(statement)) bind(file, statement, bindings)

  const uses: Array<Use> = []
  const use = (module: string, name: string, node: ts.Identifier, isType: boolean): void => {
    uses.push({ file, module, name, isType, start: node.getStart(source), end: node.end })
  }
  const visit = (node: ts.Node): void => {
    const binding = ts.isIdentifier(node) ? bindings.get(node.text) : undefined
    if (ts.isIdentifier(node) && binding !== undefined) {
      const at = `${file}:${source.getLineAndCharacterOfPosition(node.pos).line + 1}`
      if (isDeclared(node)) throw new Error(`${at} hides the import ${node.text}: its uses cannot be counted`)
      const { parent } = node
      if (isReference(node)) {
        if (binding.name !== null) use(binding.module, binding.name, node, isTypePosition(node))
        else if (ts.isPropertyAccessExpression(parent) && ts.isIdentifier(parent.name)) {
          use(binding.module, parent.name.text, parent.name, isTypePosition(parent))
        } else if (ts.isQualifiedName(parent)) {
          use(binding.module, parent.right.text, parent.right, isTypePosition(outermost(parent)))
        } else if (!isTypePosition(node)) {
          // In a type, such as `Record<string, string>`, the name is the global one: a namespace is no type.
          throw new Error(`${at} uses the module ${binding.module} as a value: its uses cannot be counted`)
        }
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return uses
}

/** `Schema.Schema` in `Schema.Schema.Any`. */
const outermost = (node: ts.QualifiedName): ts.QualifiedName =>
  ts.isQualifiedName(node.parent) ? outermost(node.parent) : node

/** Every use of Effect 3 in `src`. */
export const uses: ReadonlyArray<Use> = sources.map((file) => relative(root, root + file)).flatMap(usesOf)
