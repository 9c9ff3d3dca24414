/** What all spellings of a type have in common: case, separators and the plural of `credit` differ between documents. */
const keyOf = (type: string): string =>
  type
    .toLowerCase()
    .replace(/[._-]/g, "")
    .replace(/^credits/, "credit")

/** Finds the tag of a type in any of its spellings. */
export const table = <Tag extends string>(
  spellings: Readonly<Record<Tag, ReadonlyArray<string>>>
): ((type: string) => Tag | undefined) => {
  const tags = new Map<string, Tag>()
  for (const tag in spellings) for (const type of spellings[tag]) tags.set(keyOf(type), tag)
  return (type) => tags.get(keyOf(type))
}
