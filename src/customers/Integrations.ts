/**
 * The integrations of a customer: its links to records in other systems.
 *
 * @module
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type { Page } from "../Pagination.js"
import type { Integration, LinkIntegration, ListIntegrations, UpdateIntegration } from "../schemas/Integration.js"
import { StiggClient } from "../StiggClient.js"
import type { StiggError } from "../StiggError.js"
import * as Client from "../internal/operations/Client.js"
import * as operations from "../internal/operations/groups.js"

/**
 * The operations on a customer's integrations.
 *
 * @example
 * import { Effect } from "effect"
 * import { Integrations } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const integrations = yield* Integrations.Integrations
 *   yield* integrations.link("customer-acme", { id: "stripe-eu", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" })
 *   return yield* integrations.retrieve("customer-acme", "stripe-eu")
 * })
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /**
   * Streams all integrations, with 100 per request unless `limit` is set. Fails with `StiggNotFoundError` if the customer
   * does not exist.
   */
  readonly list: (id: string, params?: ListIntegrations) => Stream.Stream<Integration, StiggError>
  /** Like `list`, as a stream of pages. */
  readonly listPages: (id: string, params?: ListIntegrations) => Stream.Stream<Page<Integration>, StiggError>
  /** Like `list`, but returns one page, of 20 integrations unless `limit` is set. */
  readonly listPage: (id: string, params?: ListIntegrations) => Effect.Effect<Page<Integration>, StiggError>
  /**
   * Links the customer to a record in another system. Fails with `StiggConflictError` if the customer already has an
   * integration with this id, and with `StiggNotFoundError` if the customer does not exist.
   */
  readonly link: (id: string, params: LinkIntegration) => Effect.Effect<Integration, StiggError>
  /** Retrieves an integration. Fails with `StiggNotFoundError` if it does not exist. */
  readonly retrieve: (id: string, integrationId: string) => Effect.Effect<Integration, StiggError>
  /** Points the link to another record. Null clears it. Fails with `StiggNotFoundError` if the link does not exist. */
  readonly update: (
    id: string,
    integrationId: string,
    params: UpdateIntegration
  ) => Effect.Effect<Integration, StiggError>
  /**
   * Removes the link. Fails with `StiggNotFoundError` if it does not exist. With `attempts` above 1, an earlier attempt may
   * have removed it.
   */
  readonly unlink: (id: string, integrationId: string) => Effect.Effect<Integration, StiggError>
}

/**
 * The service for a customer's integrations. It is also the field `integrations` of `Customers`.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { Integrations } from "effect-stigg"
 *
 * const program = Effect.flatMap(Integrations.Integrations, (integrations) =>
 *   Stream.runCollect(integrations.list("customer-acme", { vendorIdentifier: ["STRIPE"] }))
 * )
 *
 * @category tags
 * @since 0.1.0
 */
export class Integrations extends Context.Tag("effect-stigg/Integrations")<Integrations, Service>() {}

/**
 * Provides the service on top of a client.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import { Integrations, StiggClient } from "effect-stigg"
 *
 * const IntegrationsLive = Integrations.layer.pipe(
 *   Layer.provide(StiggClient.layer({ apiKey: Redacted.make("server-key") }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Integrations, never, StiggClient> = Layer.effect(
  Integrations,
  Effect.map(StiggClient, (client) => Integrations.of(Client.make<Service>()(operations.integrations, client)))
)
