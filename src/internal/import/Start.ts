/** Where reading starts in a source: the number of the next row, and where it is. */
export interface Start {
  readonly row: number
  readonly line: number
  readonly column: number
  readonly byte: number
}

export const first: Start = { row: 1, line: 1, column: 1, byte: 0 }
