import type { AnyDeclaration } from "./Declaration.js"

/**
 * All casts that code derived from declarations needs. A loop over declarations sees them as `AnyDeclaration`: the
 * compiler cannot relate a value computed in the loop to the declaration it came from. The types that callers name here
 * are computed from the declarations themselves (`ServiceOf`, `EndpointsOf`), and the tests of each operation check the
 * values against them.
 */

/** Makes one object from the entries of each declaration. The caller states its type: the loop cannot infer it. */
export const derive = <D extends AnyDeclaration, Result>(
  declarations: Readonly<Record<string, D>>,
  entries: (declaration: D, key: string) => Readonly<Record<string, unknown>>
): Result => Object.assign({}, ...Object.entries(declarations).map(([key, one]) => entries(one, key))) as Result

/** Path parameters from the arguments of a method. Untyped code can pass any value: the path's encoder checks it. */
export const pathOf = (names: ReadonlyArray<string>, args: ReadonlyArray<unknown>): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name, i) => [name, args[i]])) as Record<string, string>

/** The customers that a call writes. `AnyDeclaration` hides the type of the input, which the method's type ensures. */
export const writtenBy =
  ({ writes }: AnyDeclaration) =>
  (input: { readonly path: unknown; readonly params: unknown }): ReadonlyArray<string> =>
    writes === null ? [] : writes(input as never)
