import ts from "typescript"
import { root, sources } from "../docs/extraction.js"

/** The project as the compiler and an editor see it, with files that are not on disk. */

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config,
  ts.sys,
  root
)

const added = new Map<string, string>()

// Mutable: whether the compiler has read the project.
let isRead = false

/** Adds a file that is not on disk. All must be added before the first question. */
export const add = (file: string, text: string): void => {
  if (added.has(file)) throw new Error(`There are two files ${file}`)
  if (isRead) throw new Error(`${file} is too late: the compiler has read the project`)
  added.set(file, text)
}

/** Answers what an editor asks. */
export const editor = ts.createLanguageService({
  // Code can create a value only to show how, without using it.
  getCompilationSettings: () => ({ ...options, noUnusedLocals: false }),
  getCurrentDirectory: () => root,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  // Nothing changes: without this, each question would look for changes.
  getProjectVersion: () => "1",
  getScriptFileNames: () => {
    isRead = true
    return [...added.keys(), ...sources.map((file) => root + file)]
  },
  getScriptVersion: () => "1",
  getScriptSnapshot: (file) => {
    const text = added.get(file) ?? ts.sys.readFile(file)
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
  },
  fileExists: (file) => added.has(file) || ts.sys.fileExists(file),
  readFile: (file) => added.get(file) ?? ts.sys.readFile(file),
  directoryExists: ts.sys.directoryExists
})

/** The project as one program. The first call makes the compiler read everything. */
export const program = (): ts.Program => {
  const found = editor.getProgram()
  if (found === undefined) throw new Error("The compiler has no program")
  return found
}

/** The compiler's errors in a file, each with its line. */
export const errorsIn = (file: string): ReadonlyArray<{ readonly line: number; readonly text: string }> => {
  const source = program().getSourceFile(file)
  if (source === undefined) throw new Error(`${file} is not in the program`)
  return [...program().getSyntacticDiagnostics(source), ...program().getSemanticDiagnostics(source)].map(
    ({ messageText, start }) => ({
      line: source.getLineAndCharacterOfPosition(start ?? 0).line + 1,
      text: ts.flattenDiagnosticMessageText(messageText, "\n")
    })
  )
}

/** Adds modules, by name, in the folder `test/compiler`. Returns what the compiler says about one of them. */
export const compile = (modules: ReadonlyMap<string, string>): ((name: string) => ReadonlyArray<string>) => {
  const fileOf = (name: string) => `${root}test/compiler/${name.replaceAll(/[^\w]+/g, "-")}.snippet.ts`
  for (const [name, code] of modules) add(fileOf(name), code)
  return (name) => errorsIn(fileOf(name)).map(({ text }) => text)
}
