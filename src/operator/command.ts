import { type Instance, listInstances } from "#instances/instance.ts";
import { parseOrigin } from "#lib/origin.ts";
import { OPERATOR, type Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { findUserByIdentifier, type User } from "#users/user.ts";

/** One thing that the operator can have done. */
export interface Command {
  readonly usage: string;
  /** What it reads beside its words, if anything. */
  readonly inputOf?: (options: Options) => InputSource | undefined;
  readonly run: (deps: Deps, options: Options, input: Input) => Promise<Said>;
}

/** A file, `-` for standard input; or a password, which a terminal asks for without showing it. */
export type InputSource = { readonly kind: "file"; readonly path: string } | { readonly kind: "password" };

/** What a command reads, as it arrives. */
export type Input = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What a command has to say, to a person and to a program. */
export interface Said {
  readonly text: string;
  readonly json: unknown;
  /** 0, if left out; 1 where what it found is not as it should be. */
  readonly exitCode?: 0 | 1;
}

export interface Options {
  /** What follows the command's name. */
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

/** Something about the command line itself is not right. */
export class UsageError extends Error {}

/** @throws UsageError when the option is missing or empty. */
export function required(options: Options, name: string): string {
  const value = text(options, name);
  if (value === undefined || value === "") throw new UsageError(`--${name} is missing.`);
  return value;
}

/** @returns the value of the option, or undefined when it was left out. */
export function text(options: Options, name: string): string | undefined {
  const value = options.flags[name];
  return typeof value === "string" ? value : undefined;
}

/** @returns the operator within the instance that the command names. @throws UsageError when it names none and there is more than one, or none has the origin. */
export async function chooseInstance(deps: Deps, options: Options): Promise<Scope> {
  const instances = await listInstances(deps.db);
  const origin = text(options, "instance");
  const candidates =
    origin === undefined ? instances : instances.filter((instance) => instance.origin === parseOrigin(origin));
  const [instance, ...others] = candidates;
  if (instance && others.length === 0) return operatorIn(instance);
  const known = instances.map((each) => `  ${each.origin}  ${each.name}`).join("\n");
  throw new UsageError(
    `${instance ? "Say which instance with --instance <origin>" : "No instance has that origin"}:\n${known}`,
  );
}

/** @returns the scope in which the operator acts on an instance. */
export function operatorIn(instance: Instance): Scope {
  return { instance, actor: OPERATOR, request: undefined };
}

/** @returns the user whom the first word names. @throws UsageError when there is none, not_found when nobody goes by it. */
export async function getNamedUser(deps: Deps, scope: Scope, { words: [identifier] }: Options): Promise<User> {
  if (!identifier) throw new UsageError("Which user? Give an address or a user name.");
  const user = await deps.db.inInstance(scope.instance.id, (tx) => findUserByIdentifier(tx, scope, identifier));
  if (!user) throw new RekeyError("not_found", { detail: `Nobody at ${scope.instance.name} goes by ${identifier}.` });
  return user;
}
