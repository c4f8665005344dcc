import { parseArgs } from "node:util";

import { ORIGIN_EXPECTED, parseOrigin } from "#instances/origin.ts";
import { type Instance, listInstances } from "#instances/instance.ts";
import { OPERATOR, type Scope } from "#instances/scope.ts";
import { type FieldFault, RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { showResetLink } from "#recovery/show-reset-link.ts";
import { importUsers, sentenceOf } from "#user-import/import-users.ts";
import { createUser } from "#user-management/create-user.ts";
import { isAddress } from "#users/address.ts";
import { ROLE_NAMES } from "#users/roles.ts";
import { findUserByIdentifier } from "#users/user.ts";
import { createInstance } from "./create-instance.ts";
import { UNKNOWN_OWNER } from "./first-start.ts";
import { listEveryUser, USER_STATUSES, userAsJson, usersAsText } from "./list-every-user.ts";

/** What a command leaves: lines for the terminal and the exit code, 0 done, 1 refused, 2 not understood. */
export interface CommandResult {
  readonly exitCode: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command has to say, to a person and to a program. */
interface Said {
  readonly text: string;
  readonly json: unknown;
}

/** What a command reads, as it arrives. */
type Input = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

interface Command {
  readonly usage: string;
  /** Names the file that it reads, `-` for standard input. */
  readonly inputOf?: (options: Options) => string | undefined;
  readonly run: (deps: Deps, options: Options, input: Input) => Promise<Said>;
}

interface Options {
  /** What follows the command's name. */
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

const OPTIONS = {
  name: { type: "string" },
  origin: { type: "string" },
  owner: { type: "string" },
  instance: { type: "string" },
  email: { type: "string" },
  "first-name": { type: "string" },
  "last-name": { type: "string" },
  username: { type: "string" },
  role: { type: "string" },
  status: { type: "string" },
  invite: { type: "boolean" },
  print: { type: "boolean" },
  json: { type: "boolean" },
} as const;

const COMMANDS: Readonly<Record<string, Command>> = {
  "instance create": {
    usage: "instance create --name <name> --origin <origin> --owner <address>",
    run: runInstanceCreate,
  },
  "instance list": { usage: "instance list", run: runInstanceList },
  "user create": {
    usage:
      "user create --email <address> --first-name <name> --last-name <name> --role <role> [--username <name>] [--instance <origin>]",
    run: runUserCreate,
  },
  "user import": {
    usage: "user import <file, or - for standard input> [--invite] [--instance <origin>]",
    inputOf: ({ words: [file] }) => file,
    run: runUserImport,
  },
  "user list": { usage: "user list [--status active|inactive|all] [--instance <origin>]", run: runUserList },
  "reset-link": { usage: "reset-link <address or user name> [--print] [--instance <origin>]", run: runResetLink },
  migrate: { usage: "migrate", run: async () => ({ text: "The database is up to date.", json: { migrated: true } }) },
};

/** Something about the command line itself is not right. */
class UsageError extends Error {}

/** @returns the file whose content a command reads, `-` for standard input; undefined for one that reads nothing or is not understood. */
export function inputOf(argv: readonly string[]): string | undefined {
  try {
    const { command, options } = parse(argv);
    return command.inputOf?.(options);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/**
 * Does one command of the operator. Never throws for what is refused; a defect is thrown on.
 * @param input the content of what `inputOf` named. It may be left half read.
 */
export async function runCommand(deps: Deps, argv: readonly string[], input: Input = []): Promise<CommandResult> {
  const asJson = argv.includes("--json");
  try {
    const { command, options } = parse(argv);
    const said = await command.run(deps, options, input);
    return { exitCode: 0, stdout: asJson ? `${JSON.stringify(said.json)}\n` : `${said.text}\n`, stderr: "" };
  } catch (error) {
    if (error instanceof UsageError) return { exitCode: 2, stdout: "", stderr: `${error.message}\n` };
    if (!(error instanceof RekeyError)) throw error;
    const reasons = error.fields.map((fault) => `  ${placeOf(fault)}: ${fault.detail}\n`).join("");
    const problem = { code: error.code, title: error.title, detail: error.detail, errors: error.fields };
    return {
      exitCode: 1,
      stdout: asJson ? `${JSON.stringify(problem)}\n` : "",
      stderr: `${error.title} ${error.detail}\n${reasons}`,
    };
  }
}

/** @returns every command with its arguments, a line each. */
export function usage(): string {
  const lines = Object.values(COMMANDS).map((command) => `  npm run rekey -- ${command.usage} [--json]`);
  return ["Usage:", ...lines].join("\n");
}

function parse(argv: readonly string[]): { command: Command; options: Options } {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    for (const length of [2, 1]) {
      const name = positionals.slice(0, length).join(" ");
      const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
      if (command) return { command, options: { words: positionals.slice(length), flags: values } };
    }
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : ""}\n${usage()}`);
  }
  throw new UsageError(usage());
}

async function runInstanceCreate(deps: Deps, options: Options): Promise<Said> {
  const [name, given, email] = [required(options, "name"), required(options, "origin"), required(options, "owner")];
  const origin = parseOrigin(given);
  if (!origin) throw new UsageError(`--origin expects ${ORIGIN_EXPECTED}.`);
  if (!isAddress(email)) throw new UsageError("--owner expects an address such as owner@example.com.");
  const { instance, owner } = await createInstance(deps, { name, origin, owner: { ...UNKNOWN_OWNER, email } });
  const link = await showResetLink(deps, scopeOf(instance), { userId: owner.id });
  return {
    text: `${instance.name} answers at ${instance.origin}.\nSet the Owner's password with this link, which works once:\n${link}`,
    json: { id: instance.id, name: instance.name, origin: instance.origin, owner_link: link },
  };
}

async function runInstanceList(deps: Deps): Promise<Said> {
  const instances = await listInstances(deps.db);
  return {
    text:
      instances
        .map(({ name, origin, status }) => `${origin}  ${name}${status === "active" ? "" : `  (${status})`}`)
        .join("\n") || "There is no instance yet.",
    json: instances.map(({ id, name, origin, status }) => ({ id, name, origin, status })),
  };
}

async function runUserCreate(deps: Deps, options: Options): Promise<Said> {
  const role = ROLE_NAMES.find((each) => each === required(options, "role"));
  if (!role) throw new UsageError(`--role expects one of ${ROLE_NAMES.join(", ")}.`);
  const scope = await chooseInstance(deps, options);
  const user = await createUser(deps, scope, {
    email: required(options, "email"),
    firstName: required(options, "first-name"),
    lastName: required(options, "last-name"),
    username: text(options, "username"),
    role,
    invite: true,
  });
  return {
    text: `${user.name} (${user.username}) has an account at ${scope.instance.name}; the invitation goes to ${user.email}.`,
    json: { id: user.id, email: user.email, username: user.username, role: user.role },
  };
}

async function runUserImport(deps: Deps, options: Options, input: Input): Promise<Said> {
  if (!options.words[0]) throw new UsageError(`Which file? ${COMMANDS["user import"]?.usage}`);
  const scope = await chooseInstance(deps, options);
  const done = await importUsers(deps, scope, { content: input, invite: options.flags.invite === true });
  return { text: sentenceOf(done), json: done };
}

async function runUserList(deps: Deps, options: Options): Promise<Said> {
  const given = text(options, "status") ?? "all";
  const status = USER_STATUSES.find((each) => each === given);
  if (!status) throw new UsageError(`--status expects one of ${USER_STATUSES.join(", ")}.`);
  const users = await listEveryUser(deps, await chooseInstance(deps, options), status);
  return { text: usersAsText(users), json: users.map(userAsJson) };
}

async function runResetLink(deps: Deps, options: Options): Promise<Said> {
  const [identifier] = options.words;
  if (!identifier) throw new UsageError(`Which user? ${COMMANDS["reset-link"]?.usage}`);
  const scope = await chooseInstance(deps, options);
  const user = await deps.db.inInstance(scope.instance.id, (tx) => findUserByIdentifier(tx, scope, identifier));
  if (!user) throw new RekeyError("not_found", { detail: `Nobody at ${scope.instance.name} goes by ${identifier}.` });
  if (options.flags.print) {
    const link = await showResetLink(deps, scope, { userId: user.id });
    return { text: link, json: { user_id: user.id, link } };
  }
  const recovery = await sendResetLink(deps, scope, { userId: user.id });
  return {
    text: `A reset link is on its way to ${recovery.sentTo}.`,
    json: { id: recovery.id, user_id: user.id, sent_to: recovery.sentTo },
  };
}

function placeOf({ line, field }: FieldFault): string {
  return [line === undefined ? "" : `line ${line}`, field].filter(Boolean).join(", ");
}

/** @throws UsageError when no instance is named and there is more than one, or none has the origin. */
async function chooseInstance(deps: Deps, options: Options): Promise<Scope> {
  const instances = await listInstances(deps.db);
  const origin = text(options, "instance");
  const candidates =
    origin === undefined ? instances : instances.filter((instance) => instance.origin === parseOrigin(origin));
  const [instance, ...others] = candidates;
  if (instance && others.length === 0) return scopeOf(instance);
  const known = instances.map((each) => `  ${each.origin}  ${each.name}`).join("\n");
  throw new UsageError(
    `${instance ? "Say which instance with --instance <origin>" : "No instance has that origin"}:\n${known}`,
  );
}

function scopeOf(instance: Instance): Scope {
  return { instance, actor: OPERATOR, request: undefined };
}

function required(options: Options, name: string): string {
  const value = text(options, name);
  if (value === undefined || value === "") throw new UsageError(`--${name} is missing.\n${usage()}`);
  return value;
}

function text(options: Options, name: string): string | undefined {
  const value = options.flags[name];
  return typeof value === "string" ? value : undefined;
}
