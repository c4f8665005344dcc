import { findCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { MINUTE_MS } from "#lib/clock.ts";
import type { Deps } from "#platform/deps.ts";
import { openTicket } from "#tickets/open-ticket.ts";
import type { User } from "#users/user.ts";
import type { Life } from "./side-by-side.ts";

/** How people say it. */
const SAID = [
  "I cannot sign in since this morning. It says that the password is not right, but I am sure that it is.",
  "Back from my leave, and I have forgotten my password.",
  "New telephone, and the password was only stored on the old one. Can you help?",
  "The page says that my user name or password is not right. Which one is it?",
] as const;

/** The user asks, unless they were never in. @returns the id of the ticket. */
export async function askForHelp(deps: Deps, scope: Scope, user: User): Promise<string | undefined> {
  if (!(await deps.db.inInstance(scope.instance.id, (tx) => findCredential(tx, scope, user.id)))) return undefined;
  const message = SAID[user.username.length % SAID.length] ?? "";
  const { id } = await openTicket(deps, scope, {
    subject: "I cannot sign in",
    message,
    requester: { userId: user.id, name: user.name, email: user.email },
  });
  return id;
}

/** Somebody asks whom nobody here knows, and nobody has answered yet. */
export async function* askFromElsewhere(scope: Scope): Life {
  await openTicket(yield 5 * MINUTE_MS, scope, {
    subject: "Which address do you have of me?",
    message: "I never get a mail from you. My private address is the one above.",
    requester: { name: "Robin Ashe", email: "robin.ashe@elsewhere.example" },
  });
}
