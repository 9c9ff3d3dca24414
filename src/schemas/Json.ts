import type * as DateTime from "effect/DateTime"
import type { JsonRecord } from "./Dictionary.js"

/**
 * The request JSON that a value `A` encodes to: a `DateTime.Utc` becomes a string, other values stay the same.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const json: Schemas.RequestJson<Schemas.LinkIntegration> = {
 *   id: "stripe-eu",
 *   syncedEntityId: "cus_1",
 *   vendorIdentifier: "STRIPE"
 * }
 * console.log(json.id) // stripe-eu
 *
 * @category wire format
 * @since 0.1.0
 */
export type RequestJson<A> = RequestValue<Exclude<A, null | undefined>> | Extract<A, null | undefined>

type RequestValue<A> = [A] extends [Scalar]
  ? ScalarJson<A>
  : A extends ReadonlyArray<infer Item>
    ? ReadonlyArray<RequestJson<Item>>
    : string extends keyof A
      ? A
      : RequestObject<A>

// An alias of its own, because editors show its name where they would list the fields of a mapped type.
type RequestObject<A> = { readonly [K in keyof A]: RequestJson<A[K]> }

/**
 * The response JSON that a value `A` decodes from. A key may be missing or null if its value is nullable, a list or a
 * record of strings, because the API omits empty values.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const json: Schemas.ResponseJson<Schemas.Pagination> = { next: "018f3c" }
 * console.log(json.next) // 018f3c
 *
 * @category wire format
 * @since 0.1.0
 */
export type ResponseJson<A> = ResponseValue<Exclude<A, null | undefined>> | Extract<A, null | undefined>

type ResponseValue<A> = [A] extends [Scalar]
  ? ScalarJson<A>
  : A extends ReadonlyArray<infer Item>
    ? ReadonlyArray<ResponseJson<Item>>
    : string extends keyof A
      ? A
      : A extends Raw
        ? JsonRecord
        : ResponseObject<A>

type ResponseObject<A> = { readonly [K in RequiredKeys<A>]: ResponseJson<A[K]> } & {
  readonly [K in Exclude<keyof A, RequiredKeys<A>>]?: ResponseJson<A[K]> | null | undefined
}

/** A value whose shape this SDK does not know: encoded as its `raw` JSON. */
interface Raw {
  readonly raw: JsonRecord
}

type Scalar = string | number | boolean | DateTime.Utc

/** An open enum is any string on the wire. A literal, such as a discriminator, keeps its type. */
type ScalarJson<A> = [A] extends [DateTime.Utc] ? string : [string] extends [A] ? string : A

/** The keys that are neither nullable, nor a list, nor a record of strings. */
type RequiredKeys<A> = {
  [K in keyof A]-?: null extends A[K]
    ? never
    : A[K] extends ReadonlyArray<unknown>
      ? never
      : A[K] extends Scalar
        ? K
        : string extends keyof A[K]
          ? never
          : K
}[keyof A]
