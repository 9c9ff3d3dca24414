/** An invalid option and the rule that it breaks. */
export interface InvalidOption {
  readonly field: string
  readonly rule: string
}

/** The first field that breaks its rule, or null. */
export const first = (fields: ReadonlyArray<readonly [field: string, rule: string | null]>): InvalidOption | null => {
  for (const [field, rule] of fields) if (rule !== null) return { field, rule: `Expected ${rule}` }
  return null
}

/** The same option, with its group added to the field. */
export const within = (group: string, invalid: InvalidOption | null): InvalidOption | null =>
  invalid === null ? null : { field: `${group}.${invalid.field}`, rule: invalid.rule }
