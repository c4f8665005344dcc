import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { fold } from "#lib/text.ts";
import type { Tx } from "#platform/database/database.ts";
import { findUsersByIdentifiers } from "#users/user.ts";

interface Nameable {
  readonly email: string;
  readonly username?: string | undefined;
}

/** Of a name made from an address: with the number that keeps it apart from others it stays within what a user name may have. */
const LONGEST_BASE = 58;

/** Those who wait for a name made from the same words: their places in the list, and the first number not yet looked at. */
interface Group {
  readonly base: string;
  readonly waiting: readonly number[];
  readonly from: number;
}

/**
 * @returns a user name for each, in their order: the one that was given, or one made from the address, with a number where the
 *   instance or somebody before them in the list has it already.
 * @throws username_taken for one that was given
 */
export async function chooseUsernames(tx: Tx, scope: Scope, newUsers: readonly Nameable[]): Promise<readonly string[]> {
  const given = newUsers.flatMap(({ username }) => username ?? []);
  if ((await findUsersByIdentifiers(tx, scope, given)).size > 0) throw new RekeyError("username_taken");
  const chosen = newUsers.map(({ username }) => username ?? "");
  const used = new Set(given.map(fold));
  let groups = groupByBase(newUsers);
  while (groups.length > 0) {
    const offers = groups.map((group) => ({ ...group, names: nextNames(group) }));
    const taken = await findUsersByIdentifiers(
      tx,
      scope,
      offers.flatMap(({ names }) => names),
    );
    groups = offers.flatMap(({ base, waiting, from, names }) => {
      const free = names.filter((name) => !taken.has(name) && !used.has(name)).slice(0, waiting.length);
      for (const [at, name] of free.entries()) {
        chosen[waiting[at] ?? -1] = name;
        used.add(name);
      }
      const left = waiting.slice(free.length);
      return left.length > 0 ? [{ base, waiting: left, from: from + names.length }] : [];
    });
  }
  return chosen;
}

function groupByBase(newUsers: readonly Nameable[]): Group[] {
  const unnamed = [...newUsers.keys()].filter((at) => newUsers[at]?.username === undefined);
  const groups = Map.groupBy(unnamed, (at) => baseOf(newUsers[at]?.email ?? ""));
  return [...groups].map(([base, waiting]) => ({ base, waiting, from: 1 }));
}

function baseOf(email: string): string {
  const [local = ""] = fold(email).split("@");
  return local.replace(/[^\p{L}\p{N}._-]+/gu, ".").slice(0, LONGEST_BASE) || "user";
}

/** More at each look, so that a name which a thousand people have is left behind in a few of them. */
function nextNames({ base, waiting, from }: Group): readonly string[] {
  const numbers = Array.from({ length: from + waiting.length }, (_, at) => from + at);
  return numbers.map((number) => (number === 1 ? base : `${base}.${number}`));
}
