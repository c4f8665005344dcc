import { setTimeout as pause } from "node:timers/promises";

import { isIdle } from "./tables.ts";
import type { TestInstance } from "./rekey.ts";

const PATIENCE_MS = 10_000;

/** The worker has nothing left to do for the instance: from now on its tables change only through what a test does. */
export async function untilQuiet(of: TestInstance): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isIdle(of))) {
    if (Date.now() > deadline) throw new Error("The worker did not come to rest");
    await pause(10);
  }
}
