/**
 * Runs the checks against the lowest versions that `peerDependencies` allow: installs them in a temporary copy of the
 * project, type-checks the copy, and runs those of its tests that a peer can change. Arguments go to vitest, such as other
 * tests. `--prepare FOLDER` makes the copy there and only type-checks it, and `--prepared FOLDER` only runs its tests.
 *
 * A version is written once, in `peerDependencies`. The other packages of Effect, which only the tests use, follow from
 * it: each gets its newest version whose own peer dependencies accept the lowest versions. One without such a version is
 * left out, with the tests and examples that need it.
 */
import { execFileSync } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import * as Schema from "effect/Schema"
import * as semver from "semver"
import { needing } from "./leftOut.js"

/** The tests that run: beginnings of their paths, by the peers that they are about. The copy is type-checked as a whole. */
const included: Readonly<Record<string, ReadonlyArray<string>>> = {
  "effect and @effect/platform": [
    ...["test/Customers", "test/customers/", "test/Stigg", "test/R", "test/entitlements/", "test/webhooks/"],
    ...["test/schemas/roundtrip", "test/transport/Telemetry", "test/transport/sockets", "test/CustomerExport.toFiles"],
    ...["test/testing/EmulatorServer", "test/testing/customers", "test/testing/worlds"]
  ],
  "@effect/cluster, @effect/workflow, @effect/rpc, @effect/sql, @effect/experimental": ["test/jobs/"],
  "@effect/experimental and ioredis": ["test/Entitlements"],
  "csv-parse and csv-stringify": ["test/CustomerCsv"],
  undici: ["test/UndiciHttpClient"]
}

/** Those of them whose result does not depend on the peers, each with the reason. */
const excluded: Readonly<Record<string, string>> = {
  "test/jobs/fleet/**": "kills and stops processes; what a job goes on from is tested in process too",
  "test/jobs/{export/folder,source/*}.test.ts": "computes on text and files",
  "test/**/*.browser.test.ts": "tests a page in a browser",
  "test/transport/secrets.test.ts": "attacks with bytes that no peer interprets"
}

const Versions = Schema.Record({ key: Schema.String, value: Schema.String })
const Manifest = Schema.Struct({ peerDependencies: Versions, devDependencies: Versions })
const Published = Schema.Struct({
  version: Schema.String,
  dependencies: Schema.optional(Versions),
  peerDependencies: Schema.optional(Versions)
})
const decodePublished = Schema.decodeUnknownSync(Schema.parseJson(Schema.Union(Schema.Array(Published), Published)))

const Lock = Schema.parseJson(
  Schema.Struct(
    { packages: Schema.Record({ key: Schema.String, value: Schema.Unknown }) },
    { key: Schema.String, value: Schema.Unknown }
  )
)

const root = fileURLToPath(new URL("../..", import.meta.url))
const source = readFileSync(join(root, "package.json"), "utf8")
const manifest = Schema.decodeUnknownSync(Schema.parseJson(Manifest))(source)

const lowest = Object.fromEntries(
  Object.entries(manifest.peerDependencies).map(([name, range]) => {
    const version = semver.minVersion(range)
    if (version === null) throw new Error(`No version satisfies ${name} ${range}`)
    return [name, version.version]
  })
)

const accepts = (peers: Readonly<Record<string, string>>) =>
  Object.entries(peers).every(([name, range]) => {
    const version = lowest[name]
    return version === undefined || semver.satisfies(version, range)
  })

/** The newest version of a package that accepts the lowest versions of the peers, if there is one. */
const companion = (name: string): typeof Published.Type | undefined => {
  // npm takes `*` for the tag `latest`. With the name, a version without dependencies is an object too.
  const fields = ["name", "version", "dependencies", "peerDependencies"]
  const answer = execFileSync("npm", ["view", `${name}@>=0`, ...fields, "--json"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024
  })
  return [decodePublished(answer)]
    .flat()
    .filter(({ peerDependencies }) => peerDependencies?.effect !== undefined && accepts(peerDependencies))
    .sort((a, b) => semver.compare(a.version, b.version))
    .at(-1)
}

/** The lowest versions, and the packages without a version for them. */
const resolve = () => {
  // npm would choose newer versions of what the companions need, which need more than the lowest versions of the peers.
  const versions: Record<string, string> = { ...lowest }
  const missing = new Set<string>()
  const pending = Object.keys(manifest.devDependencies)
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (!name.startsWith("@effect/") || name in versions) continue
    const found = companion(name)
    if (found === undefined) {
      missing.add(name)
      continue
    }
    versions[name] = found.version
    pending.push(...Object.keys({ ...found.dependencies, ...found.peerDependencies }))
  }
  for (const [name, version] of Object.entries(versions)) console.log(`${name} ${version}`)
  for (const name of missing) console.log(`${name}: left out, no version accepts the lowest versions of the peers`)
  return { versions, missing }
}

const run = (cwd: string, command: string, ...args: ReadonlyArray<string>) => {
  const started = Date.now()
  execFileSync(command, args, { cwd, stdio: "inherit" })
  console.log(`${[command, ...args.slice(0, 2)].join(" ")}: ${Math.round((Date.now() - started) / 1000)} s`)
}

/** Makes a copy of the project with the lowest versions and type-checks it. */
const prepare = (copy: string): void => {
  const { missing, versions } = resolve()
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !/^(.*\/)?node_modules$|^(dist|\.git|\.tmp)$/.test(relative(root, path))
  })
  const texts = readdirSync(copy, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => [path, readFileSync(join(copy, path), "utf8")] as const)
  for (const path of needing(missing, new Map(texts))) {
    if (path.startsWith("src/")) throw new Error(`${path} needs a package that is left out`)
    console.log(`${path}: left out, needs a package that is`)
    rmSync(join(copy, path))
  }
  const devDependencies = Object.fromEntries(
    Object.entries({ ...manifest.devDependencies, ...versions }).filter(([name]) => !missing.has(name))
  )
  writeFileSync(
    join(copy, "package.json"),
    JSON.stringify({ ...(JSON.parse(source) as object), devDependencies }, null, 2)
  )
  // The other packages keep their locked versions. Locked packages of Effect would conflict with the lowest ones.
  const lock = Schema.decodeUnknownSync(Lock)(readFileSync(join(copy, "package-lock.json"), "utf8"))
  const isFree = (path: string) =>
    path.includes("node_modules/@effect/") ||
    Object.keys(versions).some((name) => path.endsWith(`node_modules/${name}`))
  const packages = Object.fromEntries(Object.entries(lock.packages).filter(([path]) => !isFree(path)))
  writeFileSync(join(copy, "package-lock.json"), JSON.stringify({ ...lock, packages }))
  run(copy, "npm", "install", "--strict-peer-deps", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error")
  // In a third of the time of TypeScript 5. `npm run check` compiles the same files with that one.
  run(copy, "npx", "--yes", "--package=typescript@7", "--", "tsc", "-p", "tsconfig.json")
}

const test = (copy: string, args: ReadonlyArray<string>): void => {
  const exclusions = Object.keys(excluded).flatMap((pattern) => ["--exclude", pattern])
  const chosen = args.length > 0 ? args : Object.values(included).flat()
  run(copy, "npx", "vitest", "run", "--config", "test/vitest.config.ts", ...exclusions, ...chosen)
}

const main = ([flag, folder, ...rest]: ReadonlyArray<string>): void => {
  if (flag === "--prepare" && folder !== undefined) return prepare(folder)
  if (flag === "--prepared" && folder !== undefined) return test(folder, rest)
  const copy = realpathSync(mkdtempSync(join(tmpdir(), "effect-stigg-floor-")))
  try {
    prepare(copy)
    test(copy, process.argv.slice(2))
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
