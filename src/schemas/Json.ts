import type * as DateTime from "effect/DateTime"
import type { JsonRecord } from "./Dictionary.js"

/**
 * The JSON of a request from which a value `A` is written: a `DateTime.Utc` is a string, everything else is as it is.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const json: Schemas.RequestJson<Schemas.LinkIntegration> = {
 *   id: "stripe-eu",
 *   syncedEntityId: "cus_1",
 *   vendorIdentifier: "STRIPE"
 * }
 * console.log(json.id)
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
      : { readonly [K in keyof A]: RequestJson<A[K]> }

/**
 * The JSON of a response from which a value `A` is read. A key whose value can be null, or is a list or a record of
 * strings, may be missing there, or null: the API leaves out what it has nothing to say about.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const json: Schemas.ResponseJson<Schemas.Pagination> = { next: "018f3c" }
 * console.log(json.next)
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
        : { readonly [K in RequiredKeys<A>]: ResponseJson<A[K]> } & {
            readonly [K in Exclude<keyof A, RequiredKeys<A>>]?: ResponseJson<A[K]> | null | undefined
          }

/** What this SDK knows no shape for is written as it came. */
interface Raw {
  readonly raw: JsonRecord
}

type Scalar = string | number | boolean | DateTime.Utc

/** An open enum is any string on the wire; a literal, such as a discriminator, stays itself. */
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
