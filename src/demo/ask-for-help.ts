import { findCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { after, MINUTE_MS } from "#lib/clock.ts";
import type { Deps } from "#platform/deps.ts";
import { openTicket } from "#tickets/open-ticket.ts";
import type { User } from "#users/user.ts";

/** How people say it. */
const SAID = [
  "I cannot sign in since this morning. It says that the password is not right, but I am sure that it is.",
  "Back from my leave, and I have forgotten my password.",
  "New telephone, and the password was only stored on the old one. Can you help?",
  "The page says that my user name or password is not right. Which one is it?",
] as const;

/** Some minutes before somebody helped, the user had asked for it, unless they were never in. @returns the id of the ticket. */
export async function askForHelp(then: Deps, scope: Scope, user: User): Promise<string | undefined> {
  if (!(await then.db.inInstance(scope.instance.id, (tx) => findCredential(tx, scope, user.id)))) return undefined;
  const asked = after(then.clock.now(), -7 * MINUTE_MS);
  const message = SAID[user.username.length % SAID.length] ?? "";
  const { id } = await openTicket({ ...then, clock: { now: () => asked } }, scope, {
    subject: "I cannot sign in",
    message,
    requester: { userId: user.id, name: user.name, email: user.email },
  });
  return id;
}

/** Somebody asks whom nobody here knows, and nobody has answered yet. */
export async function askFromElsewhere(deps: Deps, scope: Scope): Promise<void> {
  await openTicket(deps, scope, {
    subject: "Which address do you have of me?",
    message: "I never get a mail from you. My private address is the one above.",
    requester: { name: "Robin Ashe", email: "robin.ashe@elsewhere.example" },
  });
}
