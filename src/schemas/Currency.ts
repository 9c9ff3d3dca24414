import * as Schema from "effect/Schema"
import type { ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { responseStruct } from "./internal/ResponseStruct.js"

/**
 * An ISO 4217 currency code in lower case, such as `"usd"`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const known: Schemas.Currency = "usd"
 * const unknown: Schemas.Currency = "something new"
 * console.log(known, unknown) // usd something new
 *
 * @category currency
 * @since 0.1.0
 */
export type Currency = Extract<typeof Currency.Type, string>

/**
 * Accepts any string, so a currency that the API adds later still decodes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.Currency)
 * console.log(decode("usd"), decode("xyz")) // usd xyz
 *
 * @category currency
 * @since 0.1.0
 */
export const Currency = openEnum(
  "Currency",
  "usd",
  "aed",
  "all",
  "amd",
  "ang",
  "aud",
  "awg",
  "azn",
  "bam",
  "bbd",
  "bdt",
  "bgn",
  "bif",
  "bmd",
  "bnd",
  "bsd",
  "bwp",
  "byn",
  "bzd",
  "brl",
  "cad",
  "cdf",
  "chf",
  "cny",
  "czk",
  "dkk",
  "dop",
  "dzd",
  "egp",
  "etb",
  "eur",
  "fjd",
  "gbp",
  "gel",
  "gip",
  "gmd",
  "gyd",
  "hkd",
  "hrk",
  "htg",
  "idr",
  "ils",
  "inr",
  "isk",
  "jmd",
  "jpy",
  "kes",
  "kgs",
  "khr",
  "kmf",
  "krw",
  "kyd",
  "kzt",
  "lbp",
  "lkr",
  "lrd",
  "lsl",
  "mad",
  "mdl",
  "mga",
  "mkd",
  "mmk",
  "mnt",
  "mop",
  "mro",
  "mvr",
  "mwk",
  "mxn",
  "myr",
  "mzn",
  "nad",
  "ngn",
  "nok",
  "npr",
  "nzd",
  "pgk",
  "php",
  "pkr",
  "pln",
  "qar",
  "ron",
  "rsd",
  "rub",
  "rwf",
  "sar",
  "sbd",
  "scr",
  "sek",
  "sgd",
  "sle",
  "sll",
  "sos",
  "szl",
  "thb",
  "tjs",
  "top",
  "try",
  "ttd",
  "tzs",
  "uah",
  "uzs",
  "vnd",
  "vuv",
  "wst",
  "xaf",
  "xcd",
  "yer",
  "zar",
  "zmw",
  "clp",
  "djf",
  "gnf",
  "ugx",
  "pyg",
  "xof",
  "xpf"
)

/**
 * An amount of money in major units of the currency, such as dollars: 49 is $49.00.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const price: Schemas.Money = { amount: 49.5, currency: "usd" }
 * console.log(`${price.amount} ${price.currency}`) // 49.5 usd
 *
 * @category currency
 * @since 0.1.0
 */
export interface Money {
  /** In major units of the currency: 49.5 is $49.50. */
  readonly amount: number
  readonly currency: Currency
}

/**
 * Decodes an amount of money. `amount` must be finite, and any currency string passes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.Money)({ amount: 49.5, currency: "usd" }))
 * // { amount: 49.5, currency: "usd" }
 *
 * @category currency
 * @since 0.1.0
 */
export const Money: Schema.Schema<Money, ResponseJson<Money>> = responseStruct<Money>("Money", {
  amount: Schema.Finite,
  currency: Currency
})
