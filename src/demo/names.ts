import { foldAccents } from "#lib/text.ts";
import type { Person } from "./person.ts";

/** @returns somebody of the demo as an administrator would write them down. */
export function namesOf({ name, role, title, department, email }: Person, mailDomain: string) {
  const [firstName = "", ...others] = name.split(" ");
  const username = foldAccents(name).replace(/[^a-z]+/g, ".");
  return {
    email: email ?? `${username}@${mailDomain}`,
    username,
    firstName,
    lastName: others.join(" "),
    role,
    title,
    department,
  };
}
