import ts from "typescript"
import { root } from "../docs/extraction.js"

/** Checks modules, by name, as one program of this project. Returns the compiler's errors in one of them. */
export const compile = (modules: ReadonlyMap<string, string>): ((name: string) => ReadonlyArray<string>) => {
  const fileOf = (name: string) => `${root}test/operations/${name.replaceAll(/[^\w]+/g, "-")}.snippet.ts`
  const snippets = new Map(Array.from(modules, ([name, code]) => [fileOf(name), code] as const))
  if (snippets.size < modules.size) throw new Error("Two snippets have the same file name")
  const json: unknown = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config
  const options = { ...ts.parseJsonConfigFileContent(json, ts.sys, root).options, noUnusedLocals: false }
  const onDisk = ts.createCompilerHost(options)
  const program = ts.createProgram([...snippets.keys()], options, {
    ...onDisk,
    fileExists: (file) => snippets.has(file) || onDisk.fileExists(file),
    readFile: (file) => snippets.get(file) ?? onDisk.readFile(file),
    getSourceFile: (file, languageVersion, ...rest) => {
      const text = snippets.get(file)
      return text === undefined
        ? onDisk.getSourceFile(file, languageVersion, ...rest)
        : ts.createSourceFile(file, text, languageVersion)
    }
  })
  return (name) => {
    const source = program.getSourceFile(fileOf(name))
    if (source === undefined) throw new Error(`No snippet has the name ${name}`)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")
    )
  }
}
