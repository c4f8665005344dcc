import { recordAuditEvent, recordingRefusals } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { holdInstance, requireActive } from "#instances/suspension.ts";
import { type FieldFault, RekeyError } from "#lib/errors.ts";
import { fold, keepable } from "#lib/text.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { addUsers, type NewAccount } from "#user-management/add-users.ts";
import { findLines } from "#user-management/reports-to.ts";
import { grantableRoles, requirePermission } from "#users/permissions.ts";
import { ROLES } from "#users/roles.ts";
import { findUsersByIdentifiers } from "#users/user.ts";
import { queueInvitations } from "./invite-users.ts";
import { type PeopleFile, readPeople } from "./read-people.ts";
import type { Person } from "./read-person.ts";

/** A person mends no more than this in one go; that there are more is said. */
const MOST_LISTED = 500;

export interface Imported {
  readonly imported: number;
  /** Of them, who will be mailed an invitation. */
  readonly invited: number;
}

/**
 * Everybody in the file has an account and their record, and who brings no password is invited where that was asked for: all of
 * them, or nobody. The file is checked whole before anything is written.
 * @param input.content of a CSV file, as it arrives. It may be left half read.
 * @throws not_permitted, step_up_required; too_large; import_refused with the faults by line and column, duplicates first
 */
export async function importUsers(
  deps: Deps,
  scope: Scope,
  input: { content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>; invite: boolean },
): Promise<Imported> {
  const { instance } = scope;
  const act = { action: "user.import", target: { type: "instance", id: instance.id, name: instance.name } } as const;
  const imported = await recordingRefusals(deps, scope, act, async () => {
    requirePermission(scope, "users.edit");
    requireFreshSignIn(scope, deps.clock.now());
    const file = await readPeople(input.content);
    return deps.db.inInstance(instance.id, async (tx) => {
      await holdInstance(tx, scope);
      await requireActive(tx, scope);
      await requireNoFault(tx, scope, file);
      const done = await write(deps, tx, scope, { people: file.people, invite: input.invite });
      await recordAuditEvent(tx, scope, deps.clock.now(), { ...act, detail: { ...done } });
      await notify(tx, scope, deps.clock.now(), { kind: "success", title: "Success", text: sentenceOf(done) });
      return done;
    });
  });
  deps.wakeWorker();
  return imported;
}

/** @returns what an import did, in a sentence or two. */
export function sentenceOf({ imported, invited }: Imported): string {
  const people = imported === 1 ? "1 user has been imported." : `${count(imported)} users have been imported.`;
  if (invited === 0) return people;
  return `${people} ${invited === 1 ? "An invitation is" : `${count(invited)} invitations are`} on the way.`;
}

async function requireNoFault(tx: Tx, scope: Scope, file: PeopleFile): Promise<void> {
  const duplicates = await findDuplicates(tx, scope, file);
  const lines = await findLineFaults(tx, scope, file);
  const others = [...file.faults, ...lines, ...findRolesTooHigh(scope, file)].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0),
  );
  const faults = [...duplicates, ...others];
  if (faults.length === 0) return;
  const number = faults.length === 1 ? "One thing is wrong" : `${count(faults.length)} things are wrong`;
  const listed = faults.length > MOST_LISTED ? `; the first ${MOST_LISTED} are listed` : "";
  throw new RekeyError("import_refused", {
    detail: `${number} with the file${listed}. Mend the file, then import the whole of it again.`,
    fields: faults.slice(0, MOST_LISTED),
  });
}

/** Addresses and user names that somebody has already, here or further up in the file. */
async function findDuplicates(tx: Tx, scope: Scope, { people, labelOf }: PeopleFile): Promise<readonly FieldFault[]> {
  const owners = await findUsersByIdentifiers(
    tx,
    scope,
    people.flatMap((person) => identifiersOf(person).map(({ text }) => text)),
  );
  const firstLines = new Map<string, number>();
  return people.flatMap((person) =>
    identifiersOf(person).flatMap(({ field, code, text }) => {
      const owner = owners.get(fold(text));
      const firstLine = firstLines.get(fold(text));
      if (firstLine === undefined) firstLines.set(fold(text), person.line);
      if (!owner && firstLine === undefined) return [];
      const detail = owner
        ? `${owner.name} has ${keepable(text)} already. Take this row out, or give the person one of their own.`
        : `${keepable(text)} is also on line ${firstLine}. Give each person one of their own.`;
      return [{ line: person.line, field: labelOf(field), code, detail }];
    }),
  );
}

/** What people are found by. User names hold no `@` and addresses one, so that the two never meet; what breaks that is a fault of its own. */
function identifiersOf({ account: { email, username } }: Person) {
  return [
    ...(email.includes("@") ? [{ field: "email", code: "email_taken", text: email } as const] : []),
    ...(username?.includes("@") === false
      ? [{ field: "username", code: "username_taken", text: username } as const]
      : []),
  ];
}

/** Who reports to nobody that is known, or in a circle. */
async function findLineFaults(tx: Tx, scope: Scope, { people, labelOf }: PeopleFile): Promise<readonly FieldFault[]> {
  const lines = await findLines(
    tx,
    scope,
    people.map(({ account }) => account),
  );
  return people.flatMap(({ line }, at) => {
    const fault = lines[at]?.fault;
    return fault ? [{ ...fault, line, field: labelOf("reports_to") }] : [];
  });
}

function findRolesTooHigh(scope: Scope, { people, labelOf }: PeopleFile): readonly FieldFault[] {
  const grantable = grantableRoles(scope);
  const labels = grantable.map((role) => ROLES[role].label);
  const detail = `Nobody grants a role above their own. You may use ${new Intl.ListFormat("en", { type: "disjunction" }).format(labels)}.`;
  return people
    .filter(({ account }) => !grantable.includes(account.role))
    .map(({ line }) => ({ line, field: labelOf("role"), code: "not_permitted", detail }));
}

async function write(
  deps: Deps,
  tx: Tx,
  scope: Scope,
  of: { people: readonly Person[]; invite: boolean },
): Promise<Imported> {
  const accounts = of.people.map(({ account }) => account);
  const ids = await addUsers(deps, tx, scope, accounts);
  const invited = of.invite ? ids.filter((_, at) => needsInvitation(accounts[at])) : [];
  await queueInvitations(tx, scope, deps.clock.now(), invited);
  return { imported: ids.length, invited: invited.length };
}

/** Who brings a password signs in with that; who may not sign in needs none. */
function needsInvitation(account: NewAccount | undefined): boolean {
  return account?.passwordHash === undefined && account?.status !== "inactive" && account?.role !== "no_access";
}

function count(number: number): string {
  return number.toLocaleString("en");
}
