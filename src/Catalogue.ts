/**
 * The features and currencies that a program checks, declared once. A check of an id that is not declared does not
 * compile, and neither does a check that the type of a feature cannot answer. Without a declaration, the API answers a
 * misspelled id with a denial.
 *
 * A catalogue is a plain value: a program can have one for each environment. It adds types and no work: its checks are
 * those of `Entitlements` and `Customers`.
 *
 * @module
 * @since 0.1.0
 */
// Why a value and not an interface that users augment: augmentation is global, so two environments, a library and its
// user, or a test with features of its own would share one list; it needs a declaration file's syntax; and nothing of it
// exists at run time, to decode an id from outside or to seed an emulator. A type parameter of the service would be lost
// at its tag, which has one type for all. Literals alone would not know which checks a feature can answer.
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as Customers from "./Customers.js"
import * as Entitlements from "./Entitlements.js"
import type { CheckCreditEntitlement, CheckFeatureEntitlement, Entitlement } from "./schemas/Entitlement.js"
import type { StiggError } from "./StiggError.js"

/**
 * The type of a feature, which decides what a check of it can ask: `requestedUsage` of a `NUMBER`, `requestedValues` of
 * an `ENUM`.
 *
 * @example
 * import type { Catalogue } from "effect-stigg"
 *
 * const isMetered = (type: Catalogue.FeatureType): boolean => type === "NUMBER"
 * console.log(isMetered("BOOLEAN")) // false
 *
 * @category models
 * @since 0.1.0
 */
export type FeatureType = "BOOLEAN" | "NUMBER" | "ENUM"

/**
 * The ids of features with their types.
 *
 * @example
 * import type { Catalogue } from "effect-stigg"
 *
 * const features = { "feature-sso": "BOOLEAN", "feature-seats": "NUMBER" } satisfies Catalogue.Features
 *
 * @category models
 * @since 0.1.0
 */
export type Features = Readonly<Record<string, FeatureType>>

/**
 * The checks of a catalogue: its parameters are those of `Entitlements.check`, for the declared ids only.
 *
 * @example
 * import type { Catalogue } from "effect-stigg"
 *
 * type Check = Catalogue.CheckParams<{ readonly "feature-sso": "BOOLEAN"; readonly "feature-seats": "NUMBER" }, "tokens">
 *
 * const checks: ReadonlyArray<Check> = [
 *   { featureId: "feature-sso" },
 *   { featureId: "feature-seats", requestedUsage: 1 },
 *   { currencyId: "tokens", requestedUsage: 50 }
 * ]
 * console.log(checks.length) // 3
 *
 * @category models
 * @since 0.1.0
 */
export type CheckParams<Declared extends Features, Currency extends string> =
  | FeatureCheck<keyof Declared & string, "requestedUsage" | "requestedValues">
  | FeatureCheck<keyof OfType<Declared, "NUMBER">, "requestedValues">
  | FeatureCheck<keyof OfType<Declared, "ENUM">, "requestedUsage">
  | CreditCheck<Currency>

// The keys of a mapped type have no name of their own, so the messages of the compiler list the ids.
type OfType<Declared extends Features, Type extends FeatureType> = {
  readonly [Id in keyof Declared & string as Declared[Id] extends Type ? Id : never]: Type
}

// A check of no id at all would only lengthen the messages of the compiler.
type FeatureCheck<Id extends string, Never extends keyof CheckFeatureEntitlement> = [Id] extends [never]
  ? never
  : Omit<CheckFeatureEntitlement, "featureId" | Never> & { readonly featureId: Id } & {
      readonly [Key in Never]?: never
    }

type CreditCheck<Currency extends string> = [Currency] extends [never]
  ? never
  : Omit<CheckCreditEntitlement, "currencyId"> & { readonly currencyId: Currency }

/**
 * The service `Entitlements` with checks of the declared ids only.
 *
 * @example
 * import { Effect, Option } from "effect"
 * import { Catalogue } from "effect-stigg"
 *
 * const features = Catalogue.make({ features: { "feature-sso": "BOOLEAN" } })
 *
 * const program = Effect.map(
 *   features.entitlements,
 *   ({ peek }) => (id: string) => Option.exists(peek(id, { featureId: "feature-sso" }), ({ isGranted }) => isGranted)
 * )
 *
 * @category models
 * @since 0.1.0
 */
export interface Checks<Params> extends Omit<Entitlements.Service, "check" | "peek" | "require"> {
  /** See `check` of `Entitlements.Service`. */
  readonly check: (customerId: string, params: Params) => Effect.Effect<Entitlements.Answer, StiggError>
  /** See `peek` of `Entitlements.Service`. */
  readonly peek: (customerId: string, params: Params) => Option.Option<Entitlements.Answer>
  /** See `require` of `Entitlements.Service`. */
  readonly require: (
    customerId: string,
    params: Params
  ) => Effect.Effect<Entitlements.Answer, Entitlements.EntitlementDeniedError | StiggError>
}

/**
 * Declared features and currencies, and the checks of them.
 *
 * @example
 * import { Catalogue } from "effect-stigg"
 * import { StiggTest } from "effect-stigg/testing"
 *
 * const catalogue = Catalogue.make({ features: { "feature-sso": "BOOLEAN" }, currencies: ["currency-tokens"] })
 *
 * // The emulator of the tests has the same features as the program.
 * const StiggEmulated = StiggTest.layer({ seed: { features: catalogue.features, currencies: catalogue.currencies } })
 *
 * @category models
 * @since 0.1.0
 */
export interface Catalogue<Declared extends Features, Currency extends string> {
  /** The declared features, as the seed of an emulator takes them. */
  readonly features: ReadonlyArray<{ readonly id: keyof Declared & string; readonly type: FeatureType }>
  /** The declared currencies, as the seed of an emulator takes them. */
  readonly currencies: ReadonlyArray<{ readonly id: Currency }>
  /** Decodes the id of a declared feature, for an id that comes from outside. */
  readonly FeatureId: Schema.Schema<keyof Declared & string>
  /** Decodes the id of a declared currency. */
  readonly CurrencyId: Schema.Schema<Currency>
  /** See `Entitlements.check`. */
  readonly check: (
    customerId: string,
    params: CheckParams<Declared, Currency>
  ) => Effect.Effect<Entitlements.Answer, StiggError, Entitlements.Entitlements>
  /** See `Entitlements.require`. */
  readonly require: (
    customerId: string,
    params: CheckParams<Declared, Currency>
  ) => Effect.Effect<Entitlements.Answer, Entitlements.EntitlementDeniedError | StiggError, Entitlements.Entitlements>
  /** See `Entitlements.peek`. */
  readonly peek: (
    customerId: string,
    params: CheckParams<Declared, Currency>
  ) => Effect.Effect<Option.Option<Entitlements.Answer>, never, Entitlements.Entitlements>
  /** The check by the API, without a cache: see `checkEntitlement` of `Customers`. */
  readonly checkEntitlement: (
    customerId: string,
    params: CheckParams<Declared, Currency>
  ) => Effect.Effect<Entitlement, StiggError, Customers.Customers>
  /** The service `Entitlements`, for code that keeps it, for example to call `peek` outside of any fiber. */
  readonly entitlements: Effect.Effect<Checks<CheckParams<Declared, Currency>>, never, Entitlements.Entitlements>
}

/**
 * Declares the features that a program checks, with their types, and the currencies.
 *
 * @example
 * import { Effect } from "effect"
 * import { Catalogue } from "effect-stigg"
 *
 * const catalogue = Catalogue.make({
 *   features: { "feature-sso": "BOOLEAN", "feature-seats": "NUMBER", "feature-regions": "ENUM" },
 *   currencies: ["currency-tokens"]
 * })
 *
 * const addSeat = (customerId: string) =>
 *   catalogue.require(customerId, { featureId: "feature-seats", requestedUsage: 1 }).pipe(Effect.as("added"))
 *
 * // `featureId: "feature-seat"` does not compile, and neither does a `requestedUsage` of "feature-sso".
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <const Declared extends Features, const Currency extends string = never>(declared: {
  readonly features: Declared
  readonly currencies?: ReadonlyArray<Currency>
}): Catalogue<Declared, Currency> => {
  const { currencies = [] } = declared
  const features: Readonly<Record<keyof Declared & string, FeatureType>> = declared.features
  return {
    features: Record.collect(features, (id, type) => ({ id, type })),
    currencies: currencies.map((id) => ({ id })),
    FeatureId: Schema.Literal(...Record.keys(features)),
    CurrencyId: Schema.Literal(...currencies),
    check: Entitlements.check,
    require: Entitlements.require,
    peek: Entitlements.peek,
    checkEntitlement: (customerId, params) =>
      Effect.flatMap(Customers.Customers, (customers) => customers.checkEntitlement(customerId, params)),
    entitlements: Entitlements.Entitlements
  }
}

/**
 * The ids of the features of a catalogue.
 *
 * @example
 * import { Catalogue } from "effect-stigg"
 *
 * const catalogue = Catalogue.make({ features: { "feature-sso": "BOOLEAN" } })
 *
 * const titles: Readonly<Record<Catalogue.FeatureId<typeof catalogue>, string>> = { "feature-sso": "Single sign-on" }
 * console.log(titles["feature-sso"]) // Single sign-on
 *
 * @category models
 * @since 0.1.0
 */
export type FeatureId<C extends { readonly features: ReadonlyArray<{ readonly id: string }> }> =
  C["features"][number]["id"]

/**
 * The fallbacks of the features and currencies of a catalogue, for the options of `Entitlements`. There, a misspelled
 * id is a fallback that never applies.
 *
 * @example
 * import { Catalogue, Entitlements } from "effect-stigg"
 *
 * const catalogue = Catalogue.make({ features: { "feature-sso": "BOOLEAN" } })
 *
 * const EntitlementsLive = Entitlements.layer({
 *   fallbacks: { "feature-sso": true } satisfies Catalogue.Fallbacks<typeof catalogue>
 * })
 *
 * @category models
 * @since 0.1.0
 */
export type Fallbacks<
  C extends {
    readonly features: ReadonlyArray<{ readonly id: string }>
    readonly currencies: ReadonlyArray<{ readonly id: string }>
  }
> = { readonly [Id in C["features"][number]["id"] | C["currencies"][number]["id"]]?: Entitlements.Fallback }
