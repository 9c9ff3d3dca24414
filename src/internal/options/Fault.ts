/** An option that breaks a rule. */
export interface Fault {
  readonly field: string
  readonly rule: string
}

/** The first of these fields that breaks its rule; null if none does. */
export const first = (fields: ReadonlyArray<readonly [field: string, rule: string | null]>): Fault | null => {
  for (const [field, rule] of fields) if (rule !== null) return { field, rule: `Expected ${rule}` }
  return null
}

/** The same fault, its field named from outside the group of options that it belongs to. */
export const within = (group: string, fault: Fault | null): Fault | null =>
  fault === null ? null : { field: `${group}.${fault.field}`, rule: fault.rule }
