import type { Instance } from "#instances/instance.ts";
import { asSystem } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { type Language, languageFor } from "#lib/language.ts";
import type { Email } from "#mail-delivery/email.ts";
import type { Tx } from "#platform/database/database.ts";
import { findUsers, type User } from "./user.ts";

/** @returns in which language and time zone a mail speaks to the user: their own, else the instance's. */
export function readerOf(user: User, instance: Instance): { readonly language: Language; readonly zone: string } {
  return { language: languageFor(user.locale, instance.language), zone: user.timeZone ?? instance.timeZone };
}

/** @returns what gives the user to whom a mail is written, for any of these. @throws not_found there, for a user who is gone. */
export async function getRecipients(
  tx: Tx,
  instance: Instance,
  emails: readonly Pick<Email, "user_id">[],
): Promise<(email: Pick<Email, "user_id">) => User> {
  const ids = [...new Set(emails.flatMap(({ user_id: id }) => id ?? []))];
  const users = await findUsers(tx, asSystem(instance), ids);
  return ({ user_id: id }) => {
    const user = users.get(id ?? "");
    if (!user) throw new RekeyError("not_found");
    return user;
  };
}
