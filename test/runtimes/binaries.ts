import { existsSync, readFileSync } from "node:fs"
import { arch, platform } from "node:process"
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** The folder whose `package.json` has the versions of the runtimes. */
const folder = fileURLToPath(new URL(".", import.meta.url))

/**
 * The binaries, in the packages of this platform. The main packages copy or download them by install scripts, which do
 * not run here.
 */
const binaries = {
  "node-22": `node-22-${platform}-${arch}/bin/node`,
  "node-24": `node-24-${platform}-${arch}/bin/node`,
  bun: `@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}/bin/bun`,
  deno: `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}/deno`,
  workerd: `@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}/bin/workerd`
}

export const path = (binary: keyof typeof binaries): string => `${folder}node_modules/${binaries[binary]}`

const Lock = Schema.parseJson(
  Schema.Struct({
    packages: Schema.Record({ key: Schema.String, value: Schema.Struct({ integrity: Schema.optional(Schema.String) }) })
  })
)

const lock = (file: string) => Schema.decodeUnknownSync(Lock)(readFileSync(`${folder}${file}`, "utf8")).packages

/** Whether what is installed is what the lock file says. */
const isInstalled = (): boolean => {
  const installed = "node_modules/.package-lock.json"
  const needed = [installed, ...Object.values(binaries).map((file) => `node_modules/${file}`)]
  if (!needed.every((file) => existsSync(`${folder}${file}`))) return false
  const locked = lock("package-lock.json")
  return Object.entries(lock(installed)).every(([name, { integrity }]) => locked[name]?.integrity === integrity)
}

export const install = Effect.suspend(() =>
  isInstalled()
    ? Effect.void
    : Command.make("npm", "ci").pipe(
        Command.workingDirectory(folder),
        Command.stdout("inherit"),
        Command.stderr("inherit"),
        Command.exitCode,
        Effect.flatMap((code) => (code === 0 ? Effect.void : Effect.fail(new Error(`npm ci ended with ${code}`))))
      )
)
