import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type { EnvironmentOpener } from "./Environment.js"
import type { SourceOpener } from "./Source.js"
import type { TargetOpener } from "./Target.js"

/**
 * What the sources, targets and environments of a runner need: the services that its layer asks for.
 *
 * @example
 * import type { FileSystem, HttpClient, Path } from "@effect/platform"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const sources = [CustomerJobs.folder("/mnt/imports"), CustomerJobs.url()]
 * type Needed = CustomerJobs.Needs<(typeof sources)[number]>
 * const isAll = (needed: Needed): FileSystem.FileSystem | Path.Path | HttpClient.HttpClient => needed
 * console.log(isAll)
 *
 * @category models
 * @since 0.1.0
 */
export type Needs<Source, Target = never, Environment = never> =
  | (Source extends SourceOpener<infer R> ? R : never)
  | (Target extends TargetOpener<infer R> ? R : never)
  | (Environment extends EnvironmentOpener<unknown, infer R> ? R | FileSystem.FileSystem | Path.Path : never)

/**
 * The errors of the layers of a runner's environments.
 *
 * @example
 * import { Config } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const production = CustomerJobs.fromEnvironment({
 *   name: "production",
 *   layer: Stigg.layerConfig({ apiKey: Config.redacted("PRODUCTION_API_KEY") }),
 *   spool: "/mnt/spool"
 * })
 * const tagOf = (error: CustomerJobs.EnvironmentError<typeof production>) => error._tag
 * console.log(tagOf)
 *
 * @category models
 * @since 0.1.0
 */
export type EnvironmentError<Environment> = Environment extends EnvironmentOpener<infer E, unknown> ? E : never
