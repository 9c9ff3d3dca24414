/**
 * The promotional entitlements of a customer: entitlements granted in addition to its plan.
 *
 * @module
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type { Page } from "../Pagination.js"
import type {
  GrantPromotionalEntitlement,
  ListPromotionalEntitlements,
  PromotionalEntitlement
} from "../schemas/PromotionalEntitlement.js"
import { StiggClient } from "../StiggClient.js"
import type { StiggError } from "../StiggError.js"
import * as Client from "../internal/operations/Client.js"
import * as operations from "../internal/operations/groups.js"

/**
 * The operations on a customer's promotional entitlements.
 *
 * @example
 * import { Effect } from "effect"
 * import { PromotionalEntitlements } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const grants = yield* PromotionalEntitlements.PromotionalEntitlements
 *   const [grant] = yield* grants.create("customer-acme", [{ featureId: "feature-sso", period: "1 month" }])
 *   return grant?.endDate
 * })
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /**
   * Grants one or more entitlements. A grant replaces an existing grant of the same feature. Fails with
   * `StiggNotFoundError` if the customer does not exist, and with `StiggConflictError` if the API refuses the grant, for
   * example because the entitlement belongs to a feature group.
   */
  readonly create: (
    id: string,
    grants: ReadonlyArray<GrantPromotionalEntitlement>
  ) => Effect.Effect<ReadonlyArray<PromotionalEntitlement>, StiggError>
  /**
   * Streams all grants, with 100 per request unless `limit` is set. Fails with `StiggNotFoundError` if the customer does
   * not exist.
   */
  readonly list: (id: string, params?: ListPromotionalEntitlements) => Stream.Stream<PromotionalEntitlement, StiggError>
  /** Like `list`, as a stream of pages. */
  readonly listPages: (
    id: string,
    params?: ListPromotionalEntitlements
  ) => Stream.Stream<Page<PromotionalEntitlement>, StiggError>
  /** Like `list`, but returns one page, of 20 grants unless `limit` is set. */
  readonly listPage: (
    id: string,
    params?: ListPromotionalEntitlements
  ) => Effect.Effect<Page<PromotionalEntitlement>, StiggError>
  /**
   * Revokes the grant of a feature. Fails with `StiggNotFoundError` if there is none. With `attempts` above 1, an earlier
   * attempt may have revoked it.
   */
  readonly revoke: (id: string, featureId: string) => Effect.Effect<PromotionalEntitlement, StiggError>
}

/**
 * The service for a customer's promotional entitlements. It is also the field `promotionalEntitlements` of `Customers`.
 *
 * @example
 * import { Effect } from "effect"
 * import { PromotionalEntitlements } from "effect-stigg"
 *
 * const program = Effect.flatMap(PromotionalEntitlements.PromotionalEntitlements, (grants) =>
 *   grants.revoke("customer-acme", "feature-sso")
 * )
 *
 * @category tags
 * @since 0.1.0
 */
export class PromotionalEntitlements extends Context.Tag("effect-stigg/PromotionalEntitlements")<
  PromotionalEntitlements,
  Service
>() {}

/**
 * Provides the service on top of a client.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import { PromotionalEntitlements, StiggClient } from "effect-stigg"
 *
 * const PromotionalEntitlementsLive = PromotionalEntitlements.layer.pipe(
 *   Layer.provide(StiggClient.layer({ apiKey: Redacted.make("server-key") }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<PromotionalEntitlements, never, StiggClient> = Layer.effect(
  PromotionalEntitlements,
  Effect.map(StiggClient, (client) => {
    const methods = Client.make<Service, "create">()(operations.promotionalEntitlements, client)
    return PromotionalEntitlements.of({
      ...methods,
      create: (id, grants) => methods.create(id, { promotionalEntitlements: grants })
    })
  })
)
