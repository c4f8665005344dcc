/** One page of a list that is read by id, so that nobody is skipped or repeated when rows come meanwhile. */
export interface PageById<T> {
  readonly items: readonly T[];
  /** What to read on from; null on the last page. */
  readonly nextCursor: string | null;
}

/** @returns the page of what was found, of which one more was asked for than the page holds: it says whether there is a next. */
export function pageById<T extends { readonly id: string }>(found: readonly T[], limit: number): PageById<T> {
  const items = found.slice(0, limit);
  return { items, nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}
