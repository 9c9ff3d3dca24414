import ts from "typescript"
import { root, sources, read } from "../docs/extraction.js"
import { stepOf, steps } from "./order.js"
import { changeOf, counterpart, targetsOf } from "./report.js"
import { uses } from "./uses.js"

/** What a port leaves to do by hand: the errors of `src` against Effect 4, after what a script can change. */

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The imports of a file, redirected to Effect 4. */
const imports = (file: string, text: string): ReadonlyArray<Edit> =>
  ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return []
    const { moduleSpecifier } = statement
    const module = counterpart(moduleSpecifier.text)
    return module === null
      ? []
      : [{ start: moduleSpecifier.getStart() + 1, end: moduleSpecifier.end - 1, text: module }]
  })

/** The names that have another name in the same module. */
const renames = (file: string): ReadonlyArray<Edit> =>
  uses
    .filter((use) => use.file === file)
    .flatMap((use) => {
      const change = changeOf(use)
      if (change?.kind !== "renamed") return []
      const [target] = targetsOf(use.module, use.name, change)
      return target !== undefined && target[0] === counterpart(use.module)
        ? [{ start: use.start, end: use.end, text: target[1] }]
        : []
    })

const ported = (file: string): string => {
  const text = read(file)
  return [...imports(file, text), ...renames(file)]
    .sort((a, b) => b.start - a.start)
    .reduce((done, edit) => done.slice(0, edit.start) + edit.text + done.slice(edit.end), text)
}

/** The number of errors of each step, and the most frequent messages. Effect 4 is installed in `folder`. */
export const compile = (folder: string): string => {
  const files = new Map<string, string>(sources.map((file) => [`${folder}/${file}`, ported(file)]))
  const { options: own } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config,
    ts.sys,
    root
  )
  const options: ts.CompilerOptions = {
    ...own,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noUnusedLocals: false,
    typeRoots: [`${root}node_modules/@types`],
    // Effect 4 is found from the folder, the other dependencies from here.
    paths: Object.fromEntries(
      ["csv-parse", "csv-stringify", "ioredis", "undici"].flatMap((name) => [
        [name, [`${root}node_modules/${name}`]],
        [`${name}/*`, [`${root}node_modules/${name}/*`]]
      ])
    )
  }
  const onDisk = ts.createCompilerHost(options)
  const host: ts.CompilerHost = {
    ...onDisk,
    fileExists: (file) => files.has(file) || onDisk.fileExists(file),
    readFile: (file) => files.get(file) ?? onDisk.readFile(file),
    directoryExists: (path) => path.startsWith(`${folder}/src`) || ts.sys.directoryExists(path),
    getSourceFile: (file, languageVersion, ...rest) => {
      const text = files.get(file)
      return text === undefined
        ? onDisk.getSourceFile(file, languageVersion, ...rest)
        : ts.createSourceFile(file, text, languageVersion, true)
    }
  }
  const program = ts.createProgram([...files.keys()], options, host)
  const errors = ts.getPreEmitDiagnostics(program).flatMap(({ code, file, messageText }) => {
    const path = file?.fileName.slice(folder.length + 1)
    return path !== undefined && sources.includes(path)
      ? [
          {
            file: path,
            message: `TS${code} ${ts.flattenDiagnosticMessageText(messageText, "\n").split("\n")[0] ?? ""}`
          }
        ]
      : []
  })
  const messages = new Map<string, number>()
  for (const { message } of errors) messages.set(message, (messages.get(message) ?? 0) + 1)
  return [
    `${errors.length} errors in ${new Set(errors.map(({ file }) => file)).size} of ${sources.length} files`,
    ...steps.map(({ name }) => `${name}: ${errors.filter(({ file }) => stepOf(file) === name).length}`),
    "",
    ...[...messages]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 25)
      .map(([message, times]) => `${times} ${message}`)
  ].join("\n")
}
