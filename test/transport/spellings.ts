import * as FastCheck from "effect/FastCheck"

const each = (text: string, spell: (character: string) => string) => Array.from(text, spell).join("")

const code = (character: string) => character.charCodeAt(0)
const hex = (character: string, digits: number) => code(character).toString(16).padStart(digits, "0")
const bytes = (text: string, encoding: BufferEncoding, spell: (byte: string) => string) =>
  Array.from(Buffer.from(text, encoding), (byte) => spell(byte.toString(16).padStart(2, "0"))).join("")

const isPlain = (character: string) => /[0-9A-Za-z]/.test(character)
const unlessPlain = (spell: (character: string) => string) => (character: string) =>
  isPlain(character) ? character : spell(character)

const json = (text: string) => JSON.stringify(text).slice(1, -1)
const beyondAscii = (text: string, spell: (character: string) => string) => text.replace(/[^\x20-\x7e]/g, spell)

const names: Readonly<Record<string, string>> = {
  ...{ '"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt", "/": "sol", "=": "equals", "+": "plus" },
  ...{ "@": "commat", ":": "colon", "#": "num", "%": "percnt", "\\": "bsol", "{": "lcub", "[": "lbrack", _: "lowbar" },
  ...{ é: "eacute", É: "Eacute", ß: "szlig", ÿ: "yuml", "\u00a0": "nbsp", "½": "frac12", "¡": "iexcl", "÷": "divide" }
}

/** How servers, gateways, and languages encode text. */
export const spellings: Readonly<Record<string, (text: string) => string>> = {
  raw: (text) => text,
  json,
  "json with escaped slashes": (text) => json(text).replaceAll("/", "\\/"),
  "json in ASCII": (text) => beyondAscii(json(text), (character) => `\\u${hex(character, 4)}`),
  "json in ASCII and capitals": (text) =>
    beyondAscii(json(text), (character) => `\\u${hex(character, 4).toUpperCase()}`),
  "json without HTML": (text) => json(text).replace(/[<>&'=+]/g, (character) => `\\u${hex(character, 4)}`),
  "json, every character": (text) => each(text, (character) => `\\u${hex(character, 4)}`),
  "code points": (text) =>
    each(
      text,
      unlessPlain((character) => `\\u{${hex(character, 2)}}`)
    ),
  "bytes in a log": (text) =>
    each(
      text,
      unlessPlain((character) => `\\x${hex(character, 2).toUpperCase()}`)
    ),
  "html by name": (text) => each(text, (character) => (names[character] ? `&${names[character]};` : character)),
  "html in decimal": (text) =>
    each(
      text,
      unlessPlain((character) => `&#${code(character)};`)
    ),
  "html in decimal with zeros": (text) => each(text, (character) => `&#${String(code(character)).padStart(4, "0")};`),
  "html in hex": (text) =>
    each(
      text,
      unlessPlain((character) => `&#x${hex(character, 2)};`)
    ),
  "html in capital hex": (text) => each(text, (character) => `&#X${hex(character, 4).toUpperCase()};`),
  url: encodeURIComponent,
  "url in lower case": (text) => encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase()),
  "url, every byte": (text) => bytes(text, "utf8", (byte) => `%${byte.toUpperCase()}`),
  "url in Latin-1": (text) => bytes(text, "latin1", (byte) => `%${byte}`),
  form: (text) => new URLSearchParams({ a: text }).toString().slice(2)
}

/** Like {@link spellings}, for encodings that are not decoded further. */
export const base64s: Readonly<Record<string, (text: string) => string>> = Object.fromEntries(
  (["utf8", "latin1"] as const).flatMap((encoding) =>
    (["base64", "base64url"] as const).flatMap((alphabet) =>
      ["", ":", "user:"].map((before) => [
        `${alphabet} of ${encoding} after "${before}"`,
        (text: string) => Buffer.from(`${before}${text}`, encoding).toString(alphabet)
      ])
    )
  )
)

/** Characters that a header can contain. */
const character = FastCheck.oneof(
  FastCheck.integer({ min: 0x20, max: 0x7e }),
  FastCheck.integer({ min: 0xa0, max: 0xff })
).map((point) => String.fromCharCode(point))

/** Keys: common ones, and ones with any characters that a header can contain. */
export const key = (minLength: number, maxLength: number): FastCheck.Arbitrary<string> =>
  FastCheck.oneof(
    FastCheck.array(FastCheck.constantFrom(..."abcXYZ0189"), { minLength, maxLength }),
    FastCheck.array(FastCheck.constantFrom(..."abcXYZ0189+/-_="), { minLength, maxLength }),
    FastCheck.array(FastCheck.oneof(character, FastCheck.constantFrom(..." \\/\"'&%+=é<")), { minLength, maxLength })
  )
    .map((characters) => characters.join(""))
    // Mostly spaces is not a realistic key.
    .filter((text) => text.trim().replace(/[\s+]+/g, " ").length >= minLength)

/** One encoding, or one inside another, such as HTML in JSON. */
export const nested: FastCheck.Arbitrary<ReadonlyArray<string>> = FastCheck.array(
  FastCheck.constantFrom(...Object.keys(spellings)),
  { minLength: 1, maxLength: 2 }
)
