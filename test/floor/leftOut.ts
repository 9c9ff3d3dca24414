import { dirname, join } from "node:path/posix"
import ts from "typescript"

/** The source file that a relative import names. */
const target = (from: string, specifier: string): string => join(dirname(from), specifier).replace(/\.js$/, ".ts")

/**
 * The files that need a package: they import it, or they import another such file or name its path, as a test does that
 * starts it as a process. Takes the text of each file by its path.
 */
export const needing = (packages: ReadonlySet<string>, texts: ReadonlyMap<string, string>): ReadonlySet<string> => {
  const files = Array.from(texts, ([path, text]) => ({
    path,
    text,
    imports: ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName)
  }))
  const isOf = (specifier: string) =>
    [...packages].some((name) => specifier === name || specifier.startsWith(`${name}/`))

  const found = new Set<string>()
  const next = () =>
    files.filter(
      ({ imports, path, text }) =>
        !found.has(path) &&
        (imports.some((specifier) => isOf(specifier) || found.has(target(path, specifier))) ||
          [...found].some((file) => text.includes(`"${file}"`)))
    )
  for (let files = next(); files.length > 0; files = next()) for (const { path } of files) found.add(path)
  return found
}
