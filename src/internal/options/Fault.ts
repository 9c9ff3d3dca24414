/** An invalid option and the rule that it breaks. */
export interface Fault {
  readonly field: string
  readonly rule: string
}

/** The first field that breaks its rule, or null. */
export const first = (fields: ReadonlyArray<readonly [field: string, rule: string | null]>): Fault | null => {
  for (const [field, rule] of fields) if (rule !== null) return { field, rule: `Expected ${rule}` }
  return null
}

/** The same fault, with the group of options added to its field. */
export const within = (group: string, fault: Fault | null): Fault | null =>
  fault === null ? null : { field: `${group}.${fault.field}`, rule: fault.rule }
