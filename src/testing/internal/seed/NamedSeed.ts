import * as Either from "effect/Either"
import * as Excerpt from "../../../internal/failure/Excerpt.js"
import * as Seed from "../../Seed.js"

/** The names of seeds, for messages and help. */
export const names = "demo or random:<customers>[:<seed>]"

const prefix = "random:"

/** Whether a text is meant to be the name of a seed, and not that of a file. */
export const isName = (text: string): boolean => text === "demo" || text.startsWith(prefix)

/** The seed with a name, or what is wrong with the name. */
export const of = (name: string): Either.Either<Seed.Input, string> => {
  if (name === "demo") return Either.right(Seed.demo)
  if (!name.startsWith(prefix)) return Either.left(`unknown seed ${Excerpt.line(name, 100)}, expected ${names}`)
  const [customers = "", seed = "0", ...rest] = name.slice(prefix.length).split(":")
  if (!/^\d{1,7}$/.test(customers)) {
    return Either.left(`expected a number of customers from 0 to 9999999 after random:, got ${quoted(customers)}`)
  }
  if (!/^\d{1,9}$/.test(seed) || rest.length > 0) {
    return Either.left(
      `expected a seed from 0 to 999999999 after random:${customers}:, got ${quoted([seed, ...rest].join(":"))}`
    )
  }
  return Either.right(Seed.random({ customers: Number(customers), seed: Number(seed) }))
}

const quoted = (text: string): string => (text === "" ? "nothing" : Excerpt.line(text, 100))
