import type { Deps } from "#platform/deps.ts";
import { importUsers, sentenceOf } from "#user-import/import-users.ts";
import { createUser } from "#user-management/create-user.ts";
import { ROLE_NAMES } from "#users/roles.ts";
import {
  chooseInstance,
  type Command,
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
  "user list": { usage: "user list [--status active|inactive|all] [--instance <origin>]", run: runUserList },
};

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
