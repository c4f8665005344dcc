/** Runs the work when its turn comes, and gives back what it gives. */
export type FairLine = <T>(crowd: string, work: () => Promise<T>) => Promise<T>;

interface Limits {
  /** How many are served at once. */
  readonly atOnce: number;
  /** How many may wait of one crowd. */
  readonly longest: number;
}

/**
 * A line in which everybody waits behind their own crowd alone: crowds are served in turn, however long each is.
 * @param refuse what is thrown to whom there is no more room for.
 */
export function fairLine({ atOnce, longest }: Limits, refuse: () => Error): FairLine {
  /** Whose turn is next stands first. */
  const waiting = new Map<string, (() => void)[]>();
  let served = 0;

  function enter(crowd: string): Promise<void> | undefined {
    if (served < atOnce) {
      served += 1;
      return undefined;
    }
    const own = waiting.get(crowd) ?? [];
    if (own.length >= longest) throw refuse();
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(crowd, [...own, resolve]);
    return promise;
  }

  function leave(): void {
    const [first] = waiting;
    if (!first) {
      served -= 1;
      return;
    }
    const [crowd, [begin, ...others]] = first;
    waiting.delete(crowd);
    if (others.length > 0) waiting.set(crowd, others);
    begin?.();
  }

  return async (crowd, work) => {
    await enter(crowd);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
