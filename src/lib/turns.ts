/** One place that is held by one at a time. */
export interface Turn {
  /** Resolves when everybody who asked before has let go, or has held the place longer than the patience. */
  take(): Promise<void>;
  /** Lets the next one in. Repeats safely, and does nothing for who never asked. */
  release(): void;
}

/**
 * @param patienceMs how long the one in front may hold the place before the next is let in beside it.
 * @returns what gives turns, first come, first served.
 */
export function takeTurns(patienceMs: number): () => Turn {
  let last: Promise<void> = Promise.resolve();
  return () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return {
      take: async () => {
        const before = last;
        last = promise;
        await orAfter(before, patienceMs);
      },
      release: resolve,
    };
  };
}

async function orAfter(promise: Promise<void>, ms: number): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, over]);
  clearTimeout(timer);
}
