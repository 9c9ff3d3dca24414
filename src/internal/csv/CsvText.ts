import { stringify } from "#csv-stringify"

/** Writes rows as CSV. Each ends in CRLF. */
export const write = (rows: ReadonlyArray<ReadonlyArray<string>>, delimiter: string): string =>
  // The library quotes only what ends a row here, which is CRLF. Other readers end a row at a lone CR or LF too.
  stringify([...rows], { delimiter, record_delimiter: "\r\n", quoted_match: /[\r\n]/ })
