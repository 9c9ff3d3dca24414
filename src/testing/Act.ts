/**
 * Changes that reach a customer from outside of the customers API: usage, subscriptions, plans, credits and payments.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Issue from "../internal/failure/Issue.js"
import * as ActSchema from "./internal/world/acts/ActSchema.js"
import type { Moment } from "./Seed.js"

/**
 * Usage of a feature or of credits, as a report to `POST /api/v1/usage` would count it. A `DELTA` that leads below zero
 * sets the usage to 0.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const report: Act.ReportUsage = { type: "reportUsage", customerId: "customer-acme", of: "feature-seats", value: 1 }
 * console.log(report.value)
 *
 * @category models
 * @since 0.1.0
 */
export interface ReportUsage {
  readonly type: "reportUsage"
  readonly customerId: string
  /** The id of a numeric feature, or of a currency. */
  readonly of: string
  /** The amount to add, in the feature's unit or in credits; with `SET`, the new total, from 0. At most 2^53 - 1. */
  readonly value: number
  /** `DELTA` adds, `SET` replaces the usage of the current period. Defaults to `DELTA`. */
  readonly updateBehavior?: "DELTA" | "SET" | undefined
  /** A resource of the customer. By default the usage is of the whole customer. */
  readonly resourceId?: string | null | undefined
}

/**
 * A subscription to a plan. With the plan that the customer has a running trial of, the trial becomes a subscription.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const trial: Act.Subscribe = {
 *   type: "subscribe",
 *   customerId: "customer-acme",
 *   planId: "plan-pro",
 *   endDate: { in: "14 days" },
 *   isTrial: true
 * }
 * console.log(trial.planId)
 *
 * @category models
 * @since 0.1.0
 */
export interface Subscribe {
  readonly type: "subscribe"
  readonly customerId: string
  readonly planId: string
  /** The resource to subscribe, which is created if it does not exist. By default the whole customer subscribes. */
  readonly resourceId?: string | null | undefined
  /** Defaults to the emulator's current time. */
  readonly startDate?: Moment | string | undefined
  /** When the subscription ends. Required for a trial; otherwise it does not end by default. */
  readonly endDate?: Moment | string | null | undefined
  /** Whether the subscription is a trial, which ends at `endDate`. Defaults to false. */
  readonly isTrial?: boolean | undefined
}

/**
 * The end of a subscription or of a trial.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const leave: Act.Unsubscribe = { type: "unsubscribe", customerId: "customer-acme", planId: "plan-pro" }
 * console.log(leave.planId)
 *
 * @category models
 * @since 0.1.0
 */
export interface Unsubscribe {
  readonly type: "unsubscribe"
  readonly customerId: string
  readonly planId: string
  readonly resourceId?: string | null | undefined
  /** When the plan's entitlements end. Defaults to the emulator's current time. */
  readonly endDate?: Moment | string | undefined
}

/**
 * New limits of a plan, for all its subscribers at once. A feature or currency that the plan does not have is added to
 * it; what is not named stays.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const fewer: Act.ChangePlan = {
 *   type: "changePlan",
 *   planId: "plan-pro",
 *   features: [{ featureId: "feature-seats", usageLimit: 5 }]
 * }
 * console.log(fewer.planId)
 *
 * @category models
 * @since 0.1.0
 */
export interface ChangePlan {
  readonly type: "changePlan"
  readonly planId: string
  readonly features?: ReadonlyArray<PlanFeature> | undefined
  readonly credits?: ReadonlyArray<{ readonly currencyId: string; readonly amount: number }> | undefined
}

/**
 * A feature in a {@link ChangePlan}. An omitted field keeps its value. Limits are of numeric features, and values
 * of enum features.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const unlimited: Act.PlanFeature = { featureId: "feature-seats", hasUnlimitedUsage: true }
 * console.log(unlimited.featureId)
 *
 * @category models
 * @since 0.1.0
 */
export interface PlanFeature {
  readonly featureId: string
  readonly usageLimit?: number | null | undefined
  readonly hasUnlimitedUsage?: boolean | undefined
  readonly hasSoftLimit?: boolean | undefined
  readonly resetPeriod?: "YEAR" | "MONTH" | "WEEK" | "DAY" | "HOUR" | null | undefined
  readonly resetAccordingTo?: string | null | undefined
  /** The allowed values of an enum feature. */
  readonly values?: ReadonlyArray<string> | undefined
}

/**
 * Credits for a customer, in addition to those that it has.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const gift: Act.GrantCredits = {
 *   type: "grantCredits",
 *   customerId: "customer-acme",
 *   currencyId: "currency-ai-credits",
 *   amount: 100
 * }
 * console.log(gift.amount)
 *
 * @category models
 * @since 0.1.0
 */
export interface GrantCredits {
  readonly type: "grantCredits"
  readonly customerId: string
  readonly currencyId: string
  /** Above 0, and at most 2^53 - 1. */
  readonly amount: number
  readonly resourceId?: string | null | undefined
  /** Defaults to the emulator's current time. */
  readonly startDate?: Moment | string | undefined
  /** When the credits expire. By default they do not. */
  readonly endDate?: Moment | string | null | undefined
}

/**
 * Credits that a customer uses up. They can be overdrawn.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const spend: Act.SpendCredits = {
 *   type: "spendCredits",
 *   customerId: "customer-acme",
 *   currencyId: "currency-ai-credits",
 *   amount: 5
 * }
 * console.log(spend.amount)
 *
 * @category models
 * @since 0.1.0
 */
export interface SpendCredits {
  readonly type: "spendCredits"
  readonly customerId: string
  readonly currencyId: string
  /** Above 0, and at most 2^53 - 1. */
  readonly amount: number
  readonly resourceId?: string | null | undefined
}

/**
 * A failed payment. An invoice stays open, and the latest invoice of its contract requires action.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const failed: Act.FailPayment = { type: "failPayment", customerId: "customer-acme", invoiceId: "in_1Acme" }
 * console.log(failed.customerId)
 *
 * @category models
 * @since 0.1.0
 */
export interface FailPayment {
  readonly type: "failPayment"
  readonly customerId: string
  /** The open invoice whose payment failed. By default the payment is of no invoice, and no invoice changes. */
  readonly invoiceId?: string | undefined
  /** Why it failed, for the event. Defaults to `Your card was declined.` */
  readonly reason?: string | undefined
}

/**
 * The payment of an open invoice.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const paid: Act.PayInvoice = { type: "payInvoice", customerId: "customer-acme", invoiceId: "in_1Acme" }
 * console.log(paid.invoiceId)
 *
 * @category models
 * @since 0.1.0
 */
export interface PayInvoice {
  readonly type: "payInvoice"
  readonly customerId: string
  readonly invoiceId: string
}

/**
 * A change from outside of the customers API. Create one with {@link reportUsage}, {@link subscribe} or another
 * constructor of this module, and perform it with `Emulator.act`.
 *
 * @example
 * import { Act } from "effect-stigg/testing"
 *
 * const acts: ReadonlyArray<Act.Act> = [
 *   Act.subscribe({ customerId: "customer-acme", planId: "plan-pro" }),
 *   Act.reportUsage({ customerId: "customer-acme", of: "feature-seats", value: 3 })
 * ]
 * console.log(acts.length)
 *
 * @category models
 * @since 0.1.0
 */
export type Act =
  ReportUsage | Subscribe | Unsubscribe | ChangePlan | GrantCredits | SpendCredits | FailPayment | PayInvoice

/**
 * Decodes an {@link Act}, such as the JSON of a request. It rejects unknown types and fields, and values out of range.
 * Whether the customer, plan or feature exists is checked when the act is performed.
 *
 * @example
 * import { Schema } from "effect"
 * import { Act } from "effect-stigg/testing"
 *
 * const isAct = Schema.is(Schema.encodedSchema(Act.Act))
 * console.log(isAct({ type: "payInvoice", customerId: "customer-acme", invoiceId: "in_1Acme" })) // true
 *
 * @category models
 * @since 0.1.0
 */
export const Act = ActSchema.ActSchema

/**
 * An act is invalid: a field is missing or out of range, or names something that does not exist. Nothing was changed.
 *
 * @example
 * import { Effect } from "effect"
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const joined = Emulator.act(Act.subscribe({ customerId: "customer-acme", planId: "plan-x" })).pipe(
 *   Effect.catchTag("StiggInvalidActError", ({ message }) => Effect.log(message)) // planId: unknown plan plan-x
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidAct extends Schema.TaggedError<InvalidAct>("effect-stigg/InvalidAct")("StiggInvalidActError", {
  /** The path to the invalid value, such as `features.0.featureId`; `act` for the whole. */
  path: Schema.String,
  /** The path and the problem. */
  message: Schema.String
}) {}

const decodeAct = Schema.decodeUnknown(Act)

/**
 * Decodes an act. Fails with {@link InvalidAct} (`StiggInvalidActError`) for the first invalid value.
 *
 * @example
 * import { Effect } from "effect"
 * import { Act } from "effect-stigg/testing"
 *
 * const reason = Act.decode({ type: "payInvoice", customerId: "customer-acme" }).pipe(
 *   Effect.flip,
 *   Effect.map(({ path }) => path) // invoiceId
 * )
 * void Effect.runPromise(reason)
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: unknown): Effect.Effect<typeof Act.Type, InvalidAct> =>
  Effect.mapError(decodeAct(input), ({ issue }) => {
    const [leaf] = Issue.leaves(issue)
    const path = Issue.dotted(leaf?.path ?? [])
    return new InvalidAct({
      path: path === "" ? "act" : path,
      message: `${path === "" ? "act" : path}: ${leaf?.message ?? "does not match the schema"}`
    })
  })

/**
 * Reports usage of a feature or of credits: see {@link ReportUsage}.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const used = Emulator.act(
 *   Act.reportUsage({ customerId: "customer-acme", of: "feature-seats", value: 20, updateBehavior: "SET" })
 * )
 * console.log(used)
 *
 * @category constructors
 * @since 0.1.0
 */
export const reportUsage = (options: Omit<ReportUsage, "type">): ReportUsage => ({ type: "reportUsage", ...options })

/**
 * Subscribes a customer to a plan: see {@link Subscribe}.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const trial = Emulator.act(
 *   Act.subscribe({ customerId: "customer-acme", planId: "plan-pro", isTrial: true, endDate: { in: "14 days" } })
 * )
 * console.log(trial)
 *
 * @category constructors
 * @since 0.1.0
 */
export const subscribe = (options: Omit<Subscribe, "type">): Subscribe => ({ type: "subscribe", ...options })

/**
 * Ends a subscription: see {@link Unsubscribe}.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const left = Emulator.act(Act.unsubscribe({ customerId: "customer-acme", planId: "plan-pro" }))
 * console.log(left)
 *
 * @category constructors
 * @since 0.1.0
 */
export const unsubscribe = (options: Omit<Unsubscribe, "type">): Unsubscribe => ({ type: "unsubscribe", ...options })

/**
 * Changes the limits of a plan: see {@link ChangePlan}.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const fewer = Emulator.act(
 *   Act.changePlan({ planId: "plan-pro", features: [{ featureId: "feature-seats", usageLimit: 5 }] })
 * )
 * console.log(fewer)
 *
 * @category constructors
 * @since 0.1.0
 */
export const changePlan = (options: Omit<ChangePlan, "type">): ChangePlan => ({ type: "changePlan", ...options })

/**
 * Grants credits: see {@link GrantCredits}.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const gift = Emulator.act(
 *   Act.grantCredits({ customerId: "customer-acme", currencyId: "currency-ai-credits", amount: 100 })
 * )
 * console.log(gift)
 *
 * @category constructors
 * @since 0.1.0
 */
export const grantCredits = (options: Omit<GrantCredits, "type">): GrantCredits => ({
  type: "grantCredits",
  ...options
})

/**
 * Spends credits: see {@link SpendCredits}.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const spent = Emulator.act(
 *   Act.spendCredits({ customerId: "customer-acme", currencyId: "currency-ai-credits", amount: 5 })
 * )
 * console.log(spent)
 *
 * @category constructors
 * @since 0.1.0
 */
export const spendCredits = (options: Omit<SpendCredits, "type">): SpendCredits => ({
  type: "spendCredits",
  ...options
})

/**
 * Fails a payment: see {@link FailPayment}.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const failed = Emulator.act(Act.failPayment({ customerId: "customer-acme", invoiceId: "in_1Acme" }))
 * console.log(failed)
 *
 * @category constructors
 * @since 0.1.0
 */
export const failPayment = (options: Omit<FailPayment, "type">): FailPayment => ({ type: "failPayment", ...options })

/**
 * Pays an invoice: see {@link PayInvoice}.
 *
 * @example
 * import { Act, Emulator } from "effect-stigg/testing"
 *
 * const paid = Emulator.act(Act.payInvoice({ customerId: "customer-acme", invoiceId: "in_1Acme" }))
 * console.log(paid)
 *
 * @category constructors
 * @since 0.1.0
 */
export const payInvoice = (options: Omit<PayInvoice, "type">): PayInvoice => ({ type: "payInvoice", ...options })
