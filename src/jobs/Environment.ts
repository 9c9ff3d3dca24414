import type * as Layer from "effect/Layer"
import type { Customers } from "../Customers.js"

/**
 * An environment that a sync can read. A runner has a list of them.
 *
 * @example
 * import { Config } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const named = (name: string, spool: string) =>
 *   CustomerJobs.fromEnvironment({
 *     ...{ name, spool },
 *     layer: Stigg.layerConfig({ apiKey: Config.redacted(`${name.toUpperCase()}_API_KEY`) })
 *   })
 * const environments: ReadonlyArray<ReturnType<typeof named>> = [named("production", "/mnt/spool")]
 * console.log(environments.length)
 *
 * @category environments
 * @since 0.1.0
 */
export interface EnvironmentOpener<E, R> {
  /** The `from` in the payload of a sync. */
  readonly name: string
  /** The customers of the environment. Built when the runner starts, whose layer fails if this one does. */
  readonly layer: Layer.Layer<Customers, E, R>
  /** A folder that all runners share. */
  readonly spool: string
}

/**
 * Names an environment that a sync can read.
 *
 * `spool` is a folder that all runners share. A part is first read into a file there, and then imported from it: the
 * environment changes meanwhile, and only the same rows have the same idempotency keys when a part is begun again. The
 * files hold customers. They are removed when the job is done, and stay if it fails or is cancelled.
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
export const fromEnvironment = <E, R>(options: EnvironmentOpener<E, R>): EnvironmentOpener<E, R> => options
