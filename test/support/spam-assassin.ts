import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";

import { installDebianPackage } from "./debian-package.ts";

const PROGRAM = "/usr/bin/spamassassin";

/** What SpamAssassin makes of a mail: five points are spam to it. */
export interface SpamVerdict {
  readonly score: number;
  /** The rules that it found to fit. */
  readonly rules: string;
}

/**
 * Asks Debian's SpamAssassin, with the rules that it comes with: no network, nothing learned.
 * @returns a verdict on each of the mails, in their order.
 * @throws Error one plain sentence that tells a person what to install, where this machine does not let us.
 */
export async function judgeMails(mails: readonly Buffer[]): Promise<readonly SpamVerdict[]> {
  if (!existsSync(PROGRAM)) await installDebianPackage({ name: "spamassassin", brings: "SpamAssassin" });
  const settings = ["use_bayes 0", "report_safe 0", "fold_headers 0"].map((setting) => `--cf=${setting}`);
  const child = spawn(PROGRAM, ["--local", "--nocreate-prefs", "--mbox", ...settings], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = once(child, "close");
  child.stdin.end(Buffer.concat(mails.map(inMailbox)));
  const judged = await text(child.stdout);
  await gone;
  return mails.map((_, number) => verdictOn(number, judged));
}

/** Mails lie in an mbox one after the other, and come out of SpamAssassin in an order of its own. */
function inMailbox(mail: Buffer, number: number): Buffer {
  const lines = mail
    .toString("latin1")
    .replaceAll("\r\n", "\n")
    .replaceAll(/^From /gm, ">From ");
  return Buffer.from(`From rekey Thu Jan  1 00:00:00 2026\nX-Number: ${number}\n${lines}\n\n`, "latin1");
}

function verdictOn(number: number, judged: string): SpamVerdict {
  const mail = judged.split(/^From rekey .*\n/m).find((each) => each.includes(`\nX-Number: ${number}\n`));
  const [, score, rules = ""] = /^X-Spam-Status: .*?score=(-?[\d.]+).*? tests=(\S+)/m.exec(mail ?? "") ?? [];
  if (score === undefined) throw new Error(`SpamAssassin said nothing about mail ${number}: ${judged.slice(0, 500)}`);
  return { score: Number(score), rules };
}
