import { expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { isDeepStrictEqual } from "node:util"
import * as Decoder from "../../src/schemas/internal/Decoder.js"
import * as SavedSchema from "../../src/testing/internal/save/SavedSchema.js"
import * as StrictDecoder from "../../src/testing/internal/save/StrictDecoder.js"
import { samples } from "../schemas/mutated.js"

const inputs = 3000

it("the decoder of a saved customer agrees with its schema", () => {
  const decode = Schema.decodeUnknownEither(SavedSchema.Customer)
  const fast = StrictDecoder.make(SavedSchema.Customer)
  let refused = 0
  for (const sample of samples(SavedSchema.Customer, inputs)) {
    // What a file can have.
    const text = JSON.stringify(sample ?? null)
    const expected = Either.getOrElse(decode(JSON.parse(text)), () => Decoder.invalid)
    const actual = fast(JSON.parse(text))
    if (actual === Decoder.invalid) refused++
    if (!isDeepStrictEqual(actual, expected)) expect(actual, text).toStrictEqual(expected)
  }
  // Both outcomes were compared.
  expect(refused).toBeGreaterThan(inputs / 100)
  expect(refused).toBeLessThan(inputs / 1.5)
})
