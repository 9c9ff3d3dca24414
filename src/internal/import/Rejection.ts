import type { Reason, Rejected, Row } from "../../CustomerImport.js"

/** What an import reports of a row that it did not import. */
export const reject = (
  row: Row,
  reason: Reason,
  message: string,
  more: Partial<Pick<Rejected, "field" | "duplicateOf" | "error">> = {}
): Rejected => ({
  row: row.number,
  line: row.line,
  column: row.column,
  byte: row.byte,
  value: row.value,
  reason,
  field: null,
  message,
  duplicateOf: null,
  error: null,
  original: row.original ?? null,
  ...more
})
