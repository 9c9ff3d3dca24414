import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Customers from "../../../Customers.js"
import type { EnvironmentOpener } from "../../../jobs/Environment.js"
import type { EnvironmentError, Needs } from "../../../jobs/Needs.js"
import type { FileStore } from "../export/FileTarget.js"
import * as FolderTarget from "../export/FolderTarget.js"

/** An environment that a sync can read. */
export interface Environment {
  readonly customers: Customers.Service
  /** Where the parts are kept between reading and writing. */
  readonly spool: FileStore
}

/** Opens a list of environments, until the scope closes. */
export const openAll = <O extends EnvironmentOpener<unknown, unknown>>(
  list: ReadonlyArray<O>
): Effect.Effect<ReadonlyMap<string, Environment>, EnvironmentError<O>, Needs<never, never, O> | Scope.Scope> => {
  const opened = Effect.forEach(list, ({ layer, name, spool }) =>
    Effect.gen(function* () {
      const services = yield* Layer.build(layer)
      const environment: Environment = {
        customers: Context.get(services, Customers.Customers),
        spool: yield* FolderTarget.store(spool, "stigg-sync")
      }
      return [name, environment] as const
    })
  )
  // The compiler cannot infer a union from a list, so `EnvironmentOpener<unknown, unknown>` stands for it.
  return Effect.map(opened, (entries) => new Map(entries)) as Effect.Effect<
    ReadonlyMap<string, Environment>,
    EnvironmentError<O>,
    Needs<never, never, O> | Scope.Scope
  >
}
