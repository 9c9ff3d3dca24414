import type { Measured } from "./measure.js"
import { ofBound, time } from "./measure.js"

/** One table of all measurements. With a peer, two columns more. */
export const table = (rows: ReadonlyArray<Measured>): string => {
  const hasPeer = rows.some(({ ofPeer }) => ofPeer !== null)
  const header = ["what", "way", "wall, median", "min to max", "ratio", "CPU", "ratio", "bound"]
  const lines = rows.map((row, index) => {
    const isFirst = rows[index - 1]?.what !== row.what
    const { bound, boundOf, boundOfPeer, cpu, cpuRatio, ofPeer, ratio, wall } = row
    return [
      ...[isFirst ? `${row.what}, ${row.unit}` : "", row.way],
      ...[time(wall.median), `${time(wall.min)} to ${time(wall.max)}`, isFirst ? "1" : ratio.toFixed(2)],
      ...[time(cpu.median), isFirst ? "1" : cpuRatio.toFixed(2)],
      bound === null ? "" : `${bound}${boundOf === "cpu" ? " (CPU)" : ""}`,
      ...(hasPeer ? [ofPeer?.toFixed(2) ?? "", boundOfPeer?.toString() ?? ""] : []),
      bound === null && boundOfPeer === null ? "" : ofBound(row) <= 1 ? "yes" : "no"
    ]
  })
  const columns = [...header, ...(hasPeer ? ["of the peer", "bound"] : []), "kept"]
  const rule = columns.map((_, index) => (index < 2 ? "---" : "--:"))
  return [columns, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n")
}
