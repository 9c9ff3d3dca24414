/** A text with its escapes decoded, and the original position of each character. */
export interface Decoded {
  readonly text: string
  /** The position in the original text of the character at this index. */
  readonly position: (index: number) => number
}

/** Decodes one level of escapes. A run of white space, or of the `+` of a query, becomes a single space. */
type Decoder = (input: Decoded) => Decoded

/** A text with only its white space collapsed. */
export const undecoded = (text: string): Decoded => collapse({ text, position: (index) => index })

/** Decodes every match of `escape`. `meaning` returns undefined for a match that is not an escape. */
const decoder =
  (escape: RegExp, meaning: (match: RegExpExecArray) => string | undefined): Decoder =>
  (input) => {
    if (input.text.search(escape) < 0) return input
    let text = ""
    const positions: Array<number> = []
    let from = 0
    const copy = (until: number) => {
      text += input.text.slice(from, until)
      for (; from < until; from++) positions.push(input.position(from))
    }
    for (const match of input.text.matchAll(escape)) {
      const decoded = meaning(match)
      if (decoded === undefined) continue
      copy(match.index)
      text += decoded
      positions.push(input.position(match.index))
      from = match.index + match[0].length
    }
    copy(input.text.length)
    positions.push(input.position(input.text.length))
    return { text, position: (index) => positions[index] ?? 0 }
  }

const collapse = decoder(/[\s+]{2,}|[^\S ]|\+/g, () => " ")

const fromHex = (digits: string | undefined) =>
  digits === undefined ? undefined : String.fromCharCode(Number.parseInt(digits, 16))

/** The escapes of JSON and of program code. */
const program = decoder(
  /\\(?:u([0-9a-f]{4})|u\{0*([0-9a-f]{1,6})\}|x([0-9a-f]{2})|([^0-9a-z])|[bfnrtv])/gi,
  ([, unit, point, byte, letter]) => letter ?? fromHex(unit ?? point ?? byte) ?? " "
)

const html = decoder(
  /&(?:#x0*([0-9a-f]{1,6});?|#0*([0-9]{1,7});?|([a-z][a-z0-9]{0,23});)/gi,
  ([, hex, decimal, name]) =>
    decimal === undefined ? (fromHex(hex) ?? entities.get(name ?? "")) : String.fromCharCode(Number(decimal))
)

/** Two bytes that form a UTF-8 character decode to it. Any other byte decodes to the character with its number. */
const url = decoder(/%c([23])%([89ab][0-9a-f])|%([0-9a-f]{2})/gi, ([, lead, continuation, byte]) =>
  lead === undefined || continuation === undefined
    ? fromHex(byte)
    : String.fromCharCode((Number(lead) - 2) * 0x40 + Number.parseInt(continuation, 16))
)

/** One decoder for each kind of escape: program code, HTML, URLs. */
export const decoders: ReadonlyArray<Decoder> = [program, html, url].map((decode) => (input) => collapse(decode(input)))

const latin1 =
  "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro " +
  "para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil " +
  "Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave " +
  "Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml " +
  "igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute " +
  "thorn yuml"

/** The HTML names of the characters that a header can contain, including rare aliases. */
const entities: ReadonlyMap<string, string> = new Map([
  ...latin1.split(" ").map((name, index) => [name, String.fromCharCode(160 + index)] as const),
  ...Object.entries({
    "\t": "Tab",
    "\n": "NewLine",
    "!": "excl",
    '"': "quot QUOT",
    "#": "num",
    $: "dollar",
    "%": "percnt",
    "&": "amp AMP",
    "'": "apos",
    "(": "lpar",
    ")": "rpar",
    "*": "ast midast",
    "+": "plus",
    ",": "comma",
    ".": "period",
    "/": "sol",
    ":": "colon",
    ";": "semi",
    "<": "lt LT",
    "=": "equals",
    ">": "gt GT",
    "?": "quest",
    "@": "commat",
    "[": "lsqb lbrack",
    "\\": "bsol",
    "]": "rsqb rbrack",
    "^": "Hat",
    _: "lowbar UnderBar",
    "`": "grave DiacriticalGrave",
    "{": "lcub lbrace",
    "|": "verbar vert VerticalLine",
    "}": "rcub rbrace",
    "\u00a0": "NonBreakingSpace",
    "¨": "die Dot DoubleDot",
    "©": "COPY",
    "®": "REG circledR",
    "¯": "strns",
    "±": "pm PlusMinus",
    "´": "DiacriticalAcute",
    "·": "centerdot CenterDot",
    "¸": "Cedilla",
    "½": "half",
    Å: "angst",
    "÷": "div"
  }).flatMap(([character, names]) => names.split(" ").map((name) => [name, character] as const))
])
