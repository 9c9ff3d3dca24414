/**
 * The types of the events that the emulator sends to webhooks.
 *
 * @module
 * @since 0.1.0
 */

/**
 * The types of all events that the emulator sends.
 *
 * @example
 * import { WebhookEvent } from "effect-stigg/testing"
 *
 * console.log(WebhookEvent.all.includes("customer.created")) // true
 *
 * @category models
 * @since 0.1.0
 */
export const all = [
  "customer.created",
  "customer.updated",
  "customer.deleted",
  "customer.payment_failed",
  "payment_method.attached",
  "payment_method.detached",
  "entitlements.updated",
  "entitlement.usage_exceeded",
  "measurement.reported",
  "promotionalEntitlement.granted",
  "promotionalEntitlement.revoked",
  "promotionalEntitlement.ends_soon",
  "promotionalEntitlement.expired",
  "credit.grant.created",
  "credit.grant.expired",
  "credit_balance.low",
  "credit_balance.depleted",
  "subscription.created",
  "subscription.updated",
  "subscription.canceled",
  "subscription.expired_non_recurring",
  "trial.started",
  "trial.ends_soon",
  "trial.converted",
  "trial.expired"
] as const

/**
 * The type of an event that the emulator sends, such as `"entitlements.updated"`. `all` lists them.
 *
 * @example
 * import type { WebhookEvent } from "effect-stigg/testing"
 *
 * const type: WebhookEvent.WebhookEvent = "trial.expired"
 * console.log(type)
 *
 * @category models
 * @since 0.1.0
 */
export type WebhookEvent = (typeof all)[number]
