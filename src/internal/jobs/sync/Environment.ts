import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Customers from "../../../Customers.js"
import type { FileStore } from "../export/FileTarget.js"
import * as FolderTarget from "../export/FolderTarget.js"

/** An environment that a sync can read. */
export interface Environment {
  readonly customers: Customers.Service
  /** Where the parts are kept between reading and writing. */
  readonly spool: FileStore
}

/** An environment under a name. A runner has a list of them. */
export interface EnvironmentOpener<E, R> {
  readonly name: string
  readonly open: Effect.Effect<Environment, E, R | Scope.Scope>
}

/** The errors of a list of environments. */
export type EnvironmentError<O> = O extends EnvironmentOpener<infer E, unknown> ? E : never

/** What a list of environments needs. */
export type EnvironmentRequirements<O> = O extends EnvironmentOpener<unknown, infer R> ? R : never

/**
 * An environment that a sync can read, by a name for the payload of its jobs.
 *
 * `spool` is a folder that all runners share. A part is first read into a file there, and then imported from it: the
 * environment changes meanwhile, and only the same rows have the same idempotency keys when a part is begun again. The
 * files hold customers. They are removed when the job has ended.
 *
 * @example
 * import { Config } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const environments = [
 *   CustomerJobs.fromEnvironment({
 *     name: "production",
 *     layer: Stigg.layerConfig({ apiKey: Config.redacted("PRODUCTION_API_KEY") }),
 *     spool: "/mnt/spool"
 *   })
 * ]
 * console.log(environments.length)
 *
 * @category environments
 * @since 0.1.0
 */
export const fromEnvironment = <E, R>(options: {
  readonly name: string
  readonly layer: Layer.Layer<Customers.Customers, E, R>
  readonly spool: string
}): EnvironmentOpener<E, R | FileSystem.FileSystem | Path.Path> => ({
  name: options.name,
  open: Effect.gen(function* () {
    const services = yield* Layer.build(options.layer)
    return {
      customers: Context.get(services, Customers.Customers),
      spool: yield* FolderTarget.store(options.spool, "stigg-sync")
    }
  })
})

/** Opens a list of environments, until the scope closes. */
export const openAll = <O extends EnvironmentOpener<unknown, unknown>>(
  list: ReadonlyArray<O>
): Effect.Effect<ReadonlyMap<string, Environment>, EnvironmentError<O>, EnvironmentRequirements<O> | Scope.Scope> => {
  const opened = Effect.forEach(list, ({ name, open }) =>
    Effect.map(open, (environment) => [name, environment] as const)
  )
  // The compiler cannot infer a union from a list, so `EnvironmentOpener<unknown, unknown>` stands for it.
  return Effect.map(opened, (entries) => new Map(entries)) as Effect.Effect<
    ReadonlyMap<string, Environment>,
    EnvironmentError<O>,
    EnvironmentRequirements<O> | Scope.Scope
  >
}
