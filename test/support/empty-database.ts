import { readConfig } from "../../src/config.ts";
import { type Foundation, layFoundation } from "../../src/foundation.ts";
import { emptyEnvironment } from "./program.ts";

/** @returns what server and command line stand on, over a database of its own in which there is no instance yet. Close it. */
export async function openEmptyDatabase(): Promise<Foundation> {
  return layFoundation(readConfig({ ...(await emptyEnvironment()), LOG_LEVEL: "silent" }));
}
