import type { Role } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { importUsers, sentenceOf } from "#user-import/import-users.ts";
import { createUser } from "#user-management/create-user.ts";
import { updateUser } from "#user-management/update-user.ts";
import { ROLE_NAMES, ROLES } from "#users/roles.ts";
import type { User } from "#users/user.ts";
import {
  chooseInstance,
  type Command,
  getNamedUser,
  type Input,
  type Options,
  required,
  type Said,
  text,
  UsageError,
} from "./command.ts";
import { listEveryUser, USER_STATUSES, userAsJson, usersAsText } from "./list-every-user.ts";

/** What the operator does with the people of an instance. */
export const USER_COMMANDS: Readonly<Record<string, Command>> = {
  "user create": {
    usage:
      "user create --email <address> --first-name <name> --last-name <name> --role <role> [--username <name>] [--instance <origin>]",
    run: runUserCreate,
  },
  "user import": {
    usage: "user import <file, or - for standard input> [--invite] [--instance <origin>]",
    inputOf: ({ words: [path] }) => (path ? { kind: "file", path } : undefined),
    run: runUserImport,
  },
  "user update": {
    usage:
      "user update <address or user name> [--email <address>] [--username <name>] [--first-name <name>] [--last-name <name>] [--role <role>] [--instance <origin>]",
    run: runUserUpdate,
  },
  "user list": { usage: "user list [--status active|inactive|all] [--instance <origin>]", run: runUserList },
};

async function runUserCreate(deps: Deps, options: Options): Promise<Said> {
  const role = readRole(required(options, "role"));
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
    json: asJson(user),
  };
}

async function runUserUpdate(deps: Deps, options: Options): Promise<Said> {
  const role = text(options, "role");
  const changes = {
    email: text(options, "email"),
    username: text(options, "username"),
    firstName: text(options, "first-name"),
    lastName: text(options, "last-name"),
    role: role === undefined ? undefined : readRole(role),
  };
  const scope = await chooseInstance(deps, options);
  const { id: userId } = await getNamedUser(deps, scope, options);
  if (Object.values(changes).every((value) => value === undefined))
    throw new UsageError(`Say what to change: ${USER_COMMANDS["user update"]?.usage}`);
  const user = await updateUser(deps, scope, { userId, changes });
  return {
    text: `${user.name} (${user.username}) is saved: ${user.email}, ${ROLES[user.role].label}.`,
    json: asJson(user),
  };
}

function readRole(given: string): Role {
  const role = ROLE_NAMES.find((each) => each === given);
  if (!role) throw new UsageError(`--role expects one of ${ROLE_NAMES.join(", ")}.`);
  return role;
}

function asJson({ id, email, username, role }: User) {
  return { id, email, username, role };
}

async function runUserImport(deps: Deps, options: Options, input: Input): Promise<Said> {
  if (!options.words[0]) throw new UsageError(`Which file? ${USER_COMMANDS["user import"]?.usage}`);
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
