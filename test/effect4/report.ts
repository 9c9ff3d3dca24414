import type { Change } from "./changes.js"
import { changes } from "./changes.js"
import { isExported, isModule, names } from "./names.js"
import { stepOf, steps } from "./order.js"
import type { Use } from "./uses.js"
import { uses } from "./uses.js"

/** The tables of `src/docs/effect-4.md`. */

export type Kind = Change["kind"] | "same"

const kinds: ReadonlyArray<readonly [Kind, string]> = [
  ["same", "keep their name"],
  ["renamed", "have another name"],
  ["reshaped", "keep their name, with other parameters or another meaning"],
  ["rewritten", "have a counterpart of another form"],
  ["gone", "have no counterpart"]
]

/** The module and the name of a target in `changes.ts`. */
const targetOf = (module: string, to: string): readonly [string, string] => {
  const dot = to.lastIndexOf(".")
  return dot === -1 ? [counterpart(module) ?? "", to] : [to.slice(0, dot), to.slice(dot + 1)]
}

export const counterpart = (module: string): string | null => changes[module]?.to ?? null

export const changeOf = ({ module, name }: Use): Change | undefined => {
  const names = changes[module]?.names ?? {}
  return Object.hasOwn(names, name) ? names[name] : undefined
}

/** What becomes of a use; null if neither Effect 4 nor `changes.ts` has the name. */
export const kindOf = (use: Use): Kind | null => {
  const change = changeOf(use)
  if (change !== undefined) return change.kind
  const module = counterpart(use.module)
  return module !== null && isExported(module, use.name, use.isType) ? "same" : null
}

/** The exports of Effect 4 that an entry of `changes.ts` names. */
export const targetsOf = (module: string, name: string, change: Change): ReadonlyArray<readonly [string, string]> => {
  switch (change.kind) {
    case "renamed":
      return [targetOf(module, change.to)]
    case "reshaped":
      return [targetOf(module, name)]
    case "rewritten":
      return change.to.map((to) => targetOf(module, to))
    case "gone":
      return []
  }
}

/** The modules of Effect 4 whose names `effect-4.names.json` lists. */
export const modulesOfEffect4: ReadonlyArray<string> = [
  ...new Set(
    Object.entries(changes).flatMap(([module, { names: named = {}, to }]) => [
      ...(to === null ? [] : [to]),
      ...Object.entries(named).flatMap(([name, change]) => targetsOf(module, name, change).map(([target]) => target))
    ])
  )
].sort()

/** `Effect.catchAll`. The module's path is added where its last part is not unique. */
const short = (module: string, name: string): string =>
  `${module === "@effect/platform/Runtime" ? "platform/Runtime" : module.replace(/^.*\//, "")}.${name}`

const code = (text: string): string => `\`${text}\``

const groupBy = <A>(all: ReadonlyArray<A>, key: (one: A) => string): ReadonlyArray<readonly [string, Array<A>]> => {
  const groups = new Map<string, Array<A>>()
  for (const one of all) {
    const group = groups.get(key(one))
    if (group === undefined) groups.set(key(one), [one])
    else group.push(one)
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

const count = (all: ReadonlyArray<Use>, kind: Kind): number => all.filter((use) => kindOf(use) === kind).length

/** An empty cell is easier to pass over than a zero. */
const cell = (value: number): string => (value === 0 ? "" : value.toLocaleString("en"))

const percent = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`

const changed = (all: ReadonlyArray<Use>): number => all.length - count(all, "same")

const filesOf = (all: ReadonlyArray<Use>): number => new Set(all.map(({ file }) => file)).size

type Row = ReadonlyArray<string>

const summary = (): ReadonlyArray<Row> => [
  ["names that", "names", "uses", "share"],
  ...kinds.map(([kind, meaning]) => {
    const all = uses.filter((use) => kindOf(use) === kind)
    return [meaning, cell(groupBy(all, nameOf).length), cell(all.length), percent(all.length, uses.length)]
  }),
  ["all", cell(groupBy(uses, nameOf).length), cell(uses.length), ""]
]

const nameOf = ({ module, name }: Use): string => `${module}.${name}`

const byModule = (): ReadonlyArray<Row> => [
  ["Effect 3", "Effect 4", "files", "uses", "same", "renamed", "reshaped", "rewritten", "gone"],
  ...groupBy(uses, ({ module }) => module).map(([module, all]) => [
    code(module),
    counterpart(module) === null ? "none" : module === counterpart(module) ? "" : code(counterpart(module) ?? ""),
    cell(filesOf(all)),
    cell(all.length),
    ...kinds.map(([kind]) => cell(count(all, kind)))
  ])
]

const inEffect4 = (module: string, name: string, change: Change): string => {
  const targets = targetsOf(module, name, change).map(([target, to]) => code(short(target, to)))
  switch (change.kind) {
    case "renamed":
      return targets.join(", ")
    case "reshaped":
    case "gone":
      return change.note
    case "rewritten":
      return [targets.join(", "), change.note].filter((part) => part !== "").join(": ")
  }
}

const byName = (kind: Change["kind"]) => (): ReadonlyArray<Row> => [
  ["Effect 3", kind === "gone" ? "instead" : "Effect 4", "uses", "files"],
  ...groupBy(
    uses.filter((use) => kindOf(use) === kind),
    nameOf
  ).flatMap(([, all]) => {
    const [use] = all
    const change = use === undefined ? undefined : changeOf(use)
    if (use === undefined || change === undefined) return []
    return [
      [code(short(use.module, use.name)), inEffect4(use.module, use.name, change), cell(all.length), cell(filesOf(all))]
    ]
  })
]

const byStep = (): ReadonlyArray<Row> => [
  ["step", "modules", "files", "uses", "change", "renamed", "others", "share"],
  ...steps.map(({ name, paths }, at) => {
    const all = uses.filter(({ file }) => stepOf(file) === name)
    const renamed = count(all, "renamed")
    return [
      `${at + 1}. ${name}`,
      paths.map((path) => code(path.replace(/^src\//, ""))).join(" "),
      cell(filesOf(all)),
      cell(all.length),
      cell(changed(all)),
      cell(renamed),
      cell(changed(all) - renamed),
      percent(changed(all), all.length)
    ]
  })
]

/** The files with the most uses that more than a rename changes. */
const hardest = (): ReadonlyArray<Row> => [
  ["file", "uses", "renamed", "others"],
  ...groupBy(uses, ({ file }) => file)
    .map(([file, all]) => ({
      file,
      all,
      renamed: count(all, "renamed"),
      others: changed(all) - count(all, "renamed")
    }))
    .sort((a, b) => b.others - a.others || (a.file < b.file ? -1 : 1))
    .slice(0, 15)
    .map(({ all, file, others, renamed }) => [
      code(file.replace(/^src\//, "")),
      cell(all.length),
      cell(renamed),
      cell(others)
    ])
]

const version = (): ReadonlyArray<Row> => [
  ["version of Effect 4", "modules used", "files of `src` that use Effect", "files that change"],
  [
    names.version,
    cell(groupBy(uses, ({ module }) => module).length),
    cell(filesOf(uses)),
    cell(filesOf(uses.filter((use) => kindOf(use) !== "same" || use.module !== counterpart(use.module))))
  ]
]

/** The tables by the name of their place in the page. The first row of each is its head. */
export const tables: Readonly<Record<string, () => ReadonlyArray<Row>>> = {
  version,
  summary,
  modules: byModule,
  renamed: byName("renamed"),
  reshaped: byName("reshaped"),
  rewritten: byName("rewritten"),
  gone: byName("gone"),
  order: byStep,
  hardest
}

const escape = (text: string): string => text.replaceAll("|", "\\|")

export const markdown = ([head = [], ...rows]: ReadonlyArray<Row>): string =>
  [head, head.map((title) => (rightAligned.has(title) ? "--:" : "---")), ...rows]
    .map((row) => `| ${row.map(escape).join(" | ")} |`)
    .join("\n")

const rightAligned = new Set([
  "names",
  "uses",
  "files",
  "share",
  "change",
  "others",
  "same",
  "renamed",
  "reshaped",
  "rewritten",
  "gone"
])

export { isModule }
