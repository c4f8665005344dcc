import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { cleanEnvironment, ROOT } from "./child.ts";
import { freePort } from "./free-port.ts";
import type { TestRekey } from "./rekey.ts";

export interface SecondProcess {
  /** Where it listens; the Host header says for which instance. */
  readonly base: string;
  stop(): Promise<void>;
}

/**
 * A second program runs on the PostgreSQL of the first, with its key and its mail server: what either does, the other knows.
 * It ends with this process at the latest.
 * @param own what its environment says differently.
 * @returns undefined on the embedded database, which only one process may open.
 */
export async function startSecondProcess(
  rekey: TestRekey,
  own: Readonly<Record<string, string>> = {},
): Promise<SecondProcess | undefined> {
  if (!rekey.shareable) return undefined;
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", `--import=${ROOT}/scripts/tsx.mjs`, `${ROOT}/src/main.ts`],
    {
      cwd: ROOT,
      // The origin is that of a first instance, which there is already: a start without one would move it to this port.
      env: { ...cleanEnvironment(), ...rekey.shareable, PORT: String(port), REKEY_ORIGIN: "http://localhost", ...own },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    },
  );
  await untilReady(child);
  return {
    base: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function untilReady(child: ChildProcess): Promise<void> {
  if (!child.stdout) throw new Error("the child's output is read");
  for await (const line of createInterface(child.stdout)) if (line.startsWith("Rekey is ready at")) return;
  throw new Error("The second process ended before it was ready");
}
