/** The last values that were added. */
export class Recent<A> {
  // Mutable. Cut only when it is twice as long, so that adding stays cheap.
  private values: Array<A> = []

  constructor(private readonly size: number) {}

  add(value: A): void {
    this.values.push(value)
    if (this.values.length >= 2 * this.size) this.values = this.values.slice(-this.size)
  }

  /** The values, the oldest first. */
  get all(): ReadonlyArray<A> {
    return this.values.slice(-this.size)
  }

  clear(): void {
    this.values = []
  }
}
