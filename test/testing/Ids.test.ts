import { describe, expect, it } from "@effect/vitest"
import * as Ids from "../../src/testing/internal/world/Ids.js"

const serials = [0, 1, 2, 99, 1000, 123_456, 4_294_967_295]

describe("an id", () => {
  const ids = Ids.make(42)

  it.each(serials)("is a UUID from which the serial %i can be decoded", (serial) => {
    const uuid = ids.uuid("customers", serial)
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(ids.serial("customers", uuid)).toBe(serial)
    expect(ids.serial("customers", uuid.toUpperCase())).toBe(serial)
  })

  it("is decoded only by its own list and seed, and only in its exact form", () => {
    const uuid = ids.uuid("customers", 7)
    expect(ids.serial("integrations", uuid)).toBe(undefined)
    expect(Ids.make(43).serial("customers", uuid)).toBe(undefined)
    for (let i = 0; i < uuid.length; i++) {
      const other = uuid[i] === "0" ? "1" : "0"
      const changed = `${uuid.slice(0, i)}${other}${uuid.slice(i + 1)}`
      if (changed !== uuid) expect(ids.serial("customers", changed)).toBe(undefined)
    }
  })

  it("is unique", () => {
    const all = Array.from({ length: 10_000 }, (_, serial) => ids.uuid("customers", serial))
    expect(new Set(all).size).toBe(all.length)
  })
})
