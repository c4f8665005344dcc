/** How many do their work at once: enough to find two that get in each other's way, and to lose no time. */
const WIDTH = 8;

/** The work has been done on each item. @returns what it gave, in the order of the items. */
export async function inParallel<T, R>(items: Iterable<T>, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...items].entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  return results;
}
