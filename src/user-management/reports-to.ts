import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { type FieldFault, invalidFields } from "#lib/errors.ts";
import { fold, keepable } from "#lib/text.ts";
import type { Tx } from "#platform/database/database.ts";
import { findUserByIdentifier, findUsers, findUsersByIdentifiers, type User } from "#users/user.ts";

/** Somebody to report to, by id or by user name or address. */
export type Superior = { readonly id: string } | { readonly identifier: string };

/** Somebody who is about to have an account. */
interface Newcomer {
  readonly email: string;
  readonly username?: string | undefined;
  readonly reportsTo?: Superior | null | undefined;
}

/** Where the line of a newcomer leads: to somebody here, or to another of them by place. Empty where it leads nowhere. */
interface Line {
  readonly here?: User;
  readonly among?: number;
  readonly fault?: FieldFault;
}

/**
 * Until the transaction ends nobody else changes whom somebody reports to: of two who are told of each other at once the second
 * sees the first. Call it before `lockUser`.
 */
export async function lockReportingLines(tx: Tx, scope: Scope): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`reporting lines of ${scope.instance.id}`}, 0))`.execute(
    tx,
  );
}

/** @returns the id of who the user can report to. @throws validation_failed on `reports_to` */
export async function requireSuperior(tx: Tx, scope: Scope, user: User, to: Superior): Promise<string> {
  const superior = await findSuperior(tx, scope, to);
  if (!superior) throw invalidFields([nobody(to)]);
  if (superior.id === user.id) throw invalidFields([ONESELF]);
  if (await leadsTo(tx, scope, superior, user)) throw invalidFields([circle(superior, user)]);
  return superior.id;
}

async function findSuperior(tx: Tx, scope: Scope, to: Superior): Promise<User | undefined> {
  if ("identifier" in to) return findUserByIdentifier(tx, scope, to.identifier);
  return (await findUsers(tx, scope, [to.id])).get(to.id);
}

/**
 * @param ids that the newcomers will have, in their order.
 * @returns the id of whom each reports to; null for who reports to nobody.
 * @throws validation_failed on `reports_to`
 */
export async function requireSuperiors(
  tx: Tx,
  scope: Scope,
  newcomers: readonly Newcomer[],
  ids: readonly string[],
): Promise<readonly (string | null)[]> {
  const lines = await findLines(tx, scope, newcomers);
  const faults = lines.flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) throw invalidFields(faults);
  return lines.map(({ here, among }) => here?.id ?? (among === undefined ? null : (ids[among] ?? null)));
}

/** @returns the line of each newcomer, in their order, with what is wrong with it. */
export async function findLines(tx: Tx, scope: Scope, newcomers: readonly Newcomer[]): Promise<readonly Line[]> {
  const superiors = newcomers.flatMap(({ reportsTo }) => reportsTo ?? []);
  const byId = await findUsers(
    tx,
    scope,
    superiors.flatMap((to) => ("id" in to ? to.id : [])),
  );
  const byName = await findUsersByIdentifiers(
    tx,
    scope,
    superiors.flatMap((to) => ("identifier" in to ? to.identifier : [])),
  );
  const places = placesOf(newcomers);
  const lines = newcomers.map(({ reportsTo: to }): Line => {
    if (!to) return {};
    const here = "id" in to ? byId.get(to.id) : byName.get(fold(to.identifier));
    if (here) return { here };
    const among = "identifier" in to ? places.get(fold(to.identifier)) : undefined;
    return among === undefined ? { fault: nobody(to) } : { among };
  });
  return withoutCircles(lines);
}

function placesOf(newcomers: readonly Newcomer[]): ReadonlyMap<string, number> {
  return new Map(
    newcomers.flatMap(({ email, username }, at) => [email, username ?? ""].map((name) => [fold(name), at] as const)),
  );
}

/** Every line is followed once, so that a long one in a file of thousands costs no more than many short ones. */
function withoutCircles(lines: readonly Line[]): readonly Line[] {
  const followed = new Set<number>();
  const inCircle = new Set<number>();
  for (const start of lines.keys()) {
    const path: number[] = [];
    let at: number | undefined = start;
    for (; at !== undefined && !followed.has(at); at = lines[at]?.among) {
      followed.add(at);
      path.push(at);
    }
    const entry = at === undefined ? -1 : path.indexOf(at);
    if (entry >= 0) for (const place of path.slice(entry)) inCircle.add(place);
  }
  return lines.map((line, at) => {
    if (line.among === at) return { fault: ONESELF };
    return inCircle.has(at) ? { fault: CIRCLE_OF_NEWCOMERS } : line;
  });
}

const ONESELF: FieldFault = { field: "reports_to", code: "oneself", detail: "Nobody reports to themselves." };

const CIRCLE_OF_NEWCOMERS: FieldFault = {
  field: "reports_to",
  code: "circle",
  detail: "These people would report to each other in a circle. Change one of them.",
};

function nobody(to: Superior): FieldFault {
  const detail =
    "id" in to
      ? "Nobody here has this id."
      : `Nobody here goes by “${keepable(to.identifier)}”. Enter a user name or an address.`;
  return { field: "reports_to", code: "unknown", detail };
}

function circle(superior: User, user: User): FieldFault {
  const detail = `${superior.name} reports to ${user.name} already, directly or through others. Change that first.`;
  return { field: "reports_to", code: "circle", detail };
}

/** Whether the line of the one leads to the other, over however many between them. */
async function leadsTo(tx: Tx, scope: Scope, one: User, other: User): Promise<boolean> {
  const { rows } = await sql`
    with recursive line (id, reports_to) as (
      select id, reports_to from users where instance_id = ${scope.instance.id} and id = ${one.id}
      union
      select users.id, users.reports_to from users join line on users.id = line.reports_to
        where users.instance_id = ${scope.instance.id}
    )
    select 1 from line where id = ${other.id}`.execute(tx);
  return rows.length > 0;
}
