import type { Instance } from "#instances/instance.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Draft, Email, MailKinds } from "./email.ts";

/**
 * Reads what is needed to write these mails of one instance, those of a kind together.
 * @returns what gives the draft of each; undefined for a kind that nobody writes, which may be of a newer version.
 */
export async function prepareMails(
  tx: Tx,
  kinds: MailKinds,
  { instance, emails }: { instance: Instance; emails: readonly Email[] },
): Promise<(email: Email) => Draft | undefined> {
  const drafts = new Map<string, (email: Email) => Draft>();
  for (const [name, ofKind] of Map.groupBy(emails, ({ kind }) => kind)) {
    const kind = kinds[name];
    if (kind) drafts.set(name, await kind.prepare(tx, instance, ofKind));
  }
  return (email) => drafts.get(email.kind)?.(email);
}
