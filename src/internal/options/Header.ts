import * as Record from "effect/Record"

/** The rule that a header name breaks, or null. A name is a token of RFC 9110. */
export const nameRule = (name: string): string | null =>
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) ? null : "a header name of letters, digits and !#$%&'*+-.^_`|~"

/** The rule that a header value breaks, or null. Control characters and characters outside Latin-1 are invalid. */
export const valueRule = (value: string): string | null =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? null : "a header value without line breaks or characters outside Latin-1"

/** Like {@link valueRule}, for a value that must not be empty. */
export const secretRule = (value: string): string | null => (value === "" ? "a non-empty string" : valueRule(value))

/** Whether a header of this name usually holds a secret, such as `Cookie` or `X-Auth-Token`. */
const isSecretName = (name: string): boolean =>
  /auth|cookie|credential|key|pass|secret|session|signature|token/i.test(name) && !/^idempotency-key$/i.test(name)

/** The values of headers whose names suggest a secret. For `Basic abc`, that includes `abc` by itself. */
export const secrets = (headers: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(headers).flatMap(([name, value]) => {
    if (!isSecretName(name)) return []
    const credentials = /^\s*[!#$%&'*+\-.^_`|~0-9A-Za-z]+ +(\S+)\s*$/.exec(value)?.[1]
    return credentials === undefined ? [value] : [value, credentials]
  })

/** Parses `Name: value` lines. A line without a colon is invalid. */
export const parseLines = (
  lines: string
): { readonly headers: Readonly<Record<string, string>>; readonly problem: string | null } => {
  const headers: Record<string, string> = {}
  for (const [index, line] of lines.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue
    const colon = line.indexOf(":")
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const rule = colon < 0 ? "a `Name: value` pair" : (nameRule(name) ?? valueRule(value))
    // The line may contain a secret, so the message names only its number.
    if (rule !== null) return { headers: {}, problem: `line ${index + 1} is not ${rule}` }
    headers[name] = value
  }
  return { headers, problem: null }
}

/** Headers with their names in lower case. Names are case-insensitive. */
export const lowerCase = (headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Record.mapKeys(headers, (name) => name.toLowerCase())
