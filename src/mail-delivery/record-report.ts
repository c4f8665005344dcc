import { listInstances, type Instance } from "#instances/instance.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import type { DeliveryReport } from "#platform/mail/delivery-report.ts";
import type { Email, MailKinds } from "./email.ts";
import { type ReturnPath, readReturnPath } from "./return-path.ts";
import { isAddressAtFault } from "./smtp-answer.ts";
import { suppressAddress } from "./suppressed-address.ts";

/** Servers try for five days (RFC 5321, section 4.5.4.1) and report within a few more; later ones are replayed. */
const REPORTED_WITHIN_MS = 10 * DAY_MS;

/** A mail that a report may speak of. */
export interface ReportedMail {
  readonly instance: Instance;
  readonly emailId: string;
}

/** @returns the mail that went out with this return path, or undefined for a forged one. */
export async function findReportedMail(
  deps: Deps,
  returnPath: string,
  domain: string,
): Promise<ReportedMail | undefined> {
  const path = readReturnPath(returnPath, domain);
  const instance = path && (await findInstanceOf(deps, path));
  return instance && { instance, emailId: path.emailId };
}

async function findInstanceOf(deps: Deps, path: ReturnPath): Promise<Instance | undefined> {
  const instances = await listInstances(deps.db);
  return instances.find(({ id }) => path.isOf(id) && path.isGenuine(deps.keyring, id));
}

/**
 * The mail has bounced, or is known to be delayed, and whoever queued it follows; an address at fault gets no mail any more.
 * Each mail bounces once: a report that was replayed or comes too late changes nothing.
 * @returns whether anything changed.
 * @throws Error for a report that was faster than our record of the acceptance; it must come again.
 */
export async function recordReport(
  deps: Deps,
  kinds: MailKinds,
  of: ReportedMail & { report: DeliveryReport },
): Promise<boolean> {
  const { instance, emailId, report } = of;
  return deps.db.inInstance(instance.id, async (tx) => {
    const at = deps.clock.now();
    const email = await settle(tx, at, of);
    if (!email) return requireSettled(tx, of);
    const attempt = { instance, email, at };
    await kinds[email.kind]?.reported?.(tx, attempt, report);
    if (report.outcome === "failed" && isAddressAtFault(report.answer))
      await suppressAddress(tx, instance, at, { ...report, address: email.to_address });
    deps.log.warn(`a mail was reported as ${report.outcome}`, {
      email: emailId,
      kind: email.kind,
      answer: report.answer,
    });
    return true;
  });
}

/**
 * Check and change are one statement, so that of two reports at once the second finds nothing. The same warning again is no
 * news; that a mail was given up is, and servers say so in the words of their warning.
 */
async function settle(tx: Tx, at: Date, of: ReportedMail & { report: DeliveryReport }): Promise<Email | undefined> {
  const { outcome, server, answer } = of.report;
  return tx
    .updateTable("emails")
    .set({ ...(outcome === "failed" && { state: "bounced", bounced_at: at }), server, answer })
    .where("instance_id", "=", of.instance.id)
    .where("id", "=", of.emailId)
    .where("state", "=", "accepted")
    .where("settled_at", ">", after(at, -REPORTED_WITHIN_MS))
    .$if(outcome === "delayed", (query) => query.where("answer", "<>", answer))
    .returningAll()
    .executeTakeFirst();
}

async function requireSettled(tx: Tx, { instance, emailId }: ReportedMail): Promise<false> {
  const email = await tx
    .selectFrom("emails")
    .select("state")
    .where("instance_id", "=", instance.id)
    .where("id", "=", emailId)
    .executeTakeFirst();
  if (email?.state === "queued") throw new Error("the acceptance of the mail is not written down yet");
  return false;
}
