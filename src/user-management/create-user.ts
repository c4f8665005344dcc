import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import { replaceCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { type FieldFault, invalidFields, RekeyError } from "#lib/errors.ts";
import { fold, foldAccents, keepable, trimUnseen } from "#lib/text.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Role } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { issueResetLink } from "#recovery/issue-reset-link.ts";
import { isAddress } from "#users/address.ts";
import { requirePermission } from "#users/permissions.ts";
import { ROLES } from "#users/roles.ts";
import { asTarget, findUserByIdentifier, toUser, type User } from "#users/user.ts";

export interface NewUser {
  readonly email: string;
  /** Left out, it is made from the address. */
  readonly username?: string | undefined;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: Role;
  readonly title?: string | undefined;
  readonly department?: string | undefined;
  readonly phone?: string | undefined;
  readonly mobile?: string | undefined;
  readonly locale?: string | undefined;
  readonly timeZone?: string | undefined;
  /** Of a password that the user has already, from a configuration or another system. */
  readonly passwordHash?: string | undefined;
  /** Whether an invitation is mailed at once. */
  readonly invite: boolean;
}

const LONGEST_NAME = 100;

/**
 * The instance has one user more, and the invitation waits in the outbox if one was asked for.
 * @throws not_permitted, validation_failed, email_taken, username_taken
 */
export async function createUser(deps: Deps, scope: Scope, input: NewUser): Promise<User> {
  const act = { action: "user.create", target: { type: "user", id: null, name: keepable(input.email) } } as const;
  const user = await audited(deps, scope, act, (tx) => addUser(deps, tx, scope, input));
  deps.wakeWorker();
  return user;
}

/** The same, within the caller's transaction, for who makes more than one thing at once. */
export async function addUser(deps: Deps, tx: Tx, scope: Scope, input: NewUser): Promise<User> {
  requirePermission(scope, "users.edit");
  requireMayGrant(scope, input.role);
  requireValid(input);
  const at = deps.clock.now();
  const email = trimUnseen(input.email).normalize("NFC");
  if (await findUserByIdentifier(tx, scope, email)) throw new RekeyError("email_taken");
  const username = await chooseUsername(tx, scope, input);
  const user = await insertUser(deps, tx, scope, { ...input, email, username });
  const { passwordHash } = input;
  if (passwordHash !== undefined) {
    await replaceCredential(tx, scope, at, { userId: user.id, credential: { kind: "permanent", passwordHash } });
  }
  const detail = { role: user.role, has_password: passwordHash !== undefined };
  await recordAuditEvent(tx, scope, at, { action: "user.create", target: asTarget(user), detail });
  if (input.invite && user.role !== "no_access")
    await issueResetLink(deps, tx, scope, { userId: user.id, origin: "invitation", by: "mail" });
  return user;
}

/** @throws not_permitted: nobody grants a role above their own. */
function requireMayGrant(scope: Scope, role: Role): void {
  const { actor } = scope;
  if (actor.type !== "user" || ROLES[role].rank <= ROLES[actor.role].rank) return;
  throw new RekeyError("not_permitted", {
    detail: `Only an ${ROLES[role].label} can make somebody ${ROLES[role].label}.`,
  });
}

function requireValid(input: NewUser): void {
  const faults: FieldFault[] = [];
  const refuse = (field: string, code: string, detail: string): void => void faults.push({ field, code, detail });
  if (!isAddress(input.email))
    refuse("email", "malformed", "This is not an address. It looks like maria@oak.example, without spaces.");
  if (!trimUnseen(input.firstName)) refuse("first_name", "missing", "Enter the first name.");
  if (!trimUnseen(input.lastName)) refuse("last_name", "missing", "Enter the last name.");
  for (const [field, name] of [
    ["first_name", input.firstName],
    ["last_name", input.lastName],
  ] as const) {
    if ([...name].length > LONGEST_NAME) refuse(field, "too_long", `It may have at most ${LONGEST_NAME} characters.`);
  }
  if (input.username !== undefined && !isUsername(input.username)) {
    refuse(
      "username",
      "malformed",
      "Use 1 to 64 letters, digits, dots, hyphens or underscores, without @ and without spaces.",
    );
  }
  if (input.timeZone !== undefined && !isTimeZone(input.timeZone))
    refuse("time_zone", "unknown", "Use a time zone such as America/New_York.");
  if (faults.length > 0) throw invalidFields(faults);
}

function isUsername(text: string): boolean {
  return /^[\p{L}\p{N}._-]{1,64}$/u.test(text);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** @throws username_taken when one was given; one made from the address gets a number until it is free. */
async function chooseUsername(tx: Tx, scope: Scope, input: NewUser): Promise<string> {
  const isTaken = async (name: string): Promise<boolean> => (await findUserByIdentifier(tx, scope, name)) !== undefined;
  if (input.username !== undefined) {
    if (await isTaken(input.username)) throw new RekeyError("username_taken");
    return input.username;
  }
  const base =
    fold(input.email)
      .split("@")[0]
      ?.replace(/[^\p{L}\p{N}._-]+/gu, ".")
      .slice(0, 58) || "user";
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}.${number}`;
    if (!(await isTaken(name))) return name;
  }
}

async function insertUser(deps: Deps, tx: Tx, scope: Scope, input: NewUser & { username: string }): Promise<User> {
  const [firstName, lastName] = [trimUnseen(input.firstName), trimUnseen(input.lastName)];
  const row = await tx
    .insertInto("users")
    .values({
      instance_id: scope.instance.id,
      id: newId(),
      email: input.email,
      email_key: fold(input.email),
      username: input.username,
      username_key: fold(input.username),
      first_name: firstName,
      last_name: lastName,
      name_key: foldAccents(`${firstName} ${lastName}`),
      search_text: [`${firstName} ${lastName}`, input.email, input.username].map(foldAccents).join("\n"),
      role: input.role,
      title: input.title ?? null,
      department: input.department ?? null,
      phone: input.phone ?? null,
      mobile: input.mobile ?? null,
      locale: input.locale ?? null,
      time_zone: input.timeZone ?? null,
      created_at: deps.clock.now(),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toUser(row);
}
