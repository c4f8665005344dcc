import { sql } from "kysely";

import { unknownNames } from "#audit-trail/unknown-names.ts";
import type { Scope } from "#instances/scope.ts";
import { editDistance } from "#lib/edit-distance.ts";
import { fold } from "#lib/text.ts";
import type { Tx } from "#platform/database/database.ts";
import type { User } from "#users/user.ts";

/** A name that nobody has and that somebody typed who may have meant the user. */
export interface NearMiss {
  readonly name: string;
  readonly at: Date;
  readonly times: number;
}

const MOST_NAMES = 100;
/** Enough to see what is mistyped, also where somebody guesses names. */
const MOST_TOLD = 3;
const MOST_SLIPS = 2;
/** At another domain the same name before the @ means the same person only where it is no word that many have. */
const LEAST_LOCAL_LENGTH = 5;

/** @returns the last names near the user's own with which a sign-in failed since then, the newest first. */
export async function findNearMisses(
  tx: Tx,
  scope: Scope,
  since: Date,
  user: Pick<User, "username" | "email">,
): Promise<readonly NearMiss[]> {
  const own = [fold(user.username), fold(user.email)];
  const local = localPartOf(fold(user.email));
  const rows = await unknownNames(tx, scope, since)
    .select(["target_name", sql<Date>`max(at)`.as("at"), sql<number>`count(*)::int`.as("times")])
    .where((row) =>
      row.or([
        ...own.map((name) =>
          row.between(sql<number>`char_length(target_name)`, name.length - MOST_SLIPS, name.length + MOST_SLIPS),
        ),
        row(sql<string>`lower(target_name)`, "like", `${local.replace(/[\\%_]/g, "\\$&")}@%`),
      ]),
    )
    .groupBy("target_name")
    .orderBy(sql`max(at)`, "desc")
    .limit(MOST_NAMES)
    .execute();
  return rows
    .filter(
      (row) => own.some((name) => isNear(fold(row.target_name), name)) || isSamePerson(fold(row.target_name), local),
    )
    .slice(0, MOST_TOLD)
    .map((row) => ({ name: row.target_name, at: new Date(row.at), times: row.times }));
}

/** The shorter a name, the more others are near it that mean somebody else; and another number is another person. */
function isNear(typed: string, name: string): boolean {
  const slips = name.length < 4 ? 0 : name.length < 8 ? 1 : MOST_SLIPS;
  if (Math.abs(typed.length - name.length) > slips) return false;
  const [digits, others] = [digitsOf(typed), digitsOf(name)];
  return (digits === others || digits === "" || others === "") && editDistance(typed, name) <= slips;
}

function isSamePerson(typed: string, local: string): boolean {
  return local.length >= LEAST_LOCAL_LENGTH && (typed === local || localPartOf(typed) === local);
}

function localPartOf(address: string): string {
  return address.slice(0, Math.max(0, address.lastIndexOf("@")));
}

function digitsOf(text: string): string {
  return text.replace(/\D/gu, "");
}
