import type { Deps } from "#platform/deps.ts";
import { copyResetLink } from "#recovery/copy-reset-link.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { setTemporaryPassword } from "#recovery/set-temporary-password.ts";
import { thawUser } from "#recovery/thaw-user.ts";
import { type Verification, VERIFICATION_METHODS } from "#recovery/verification.ts";
import type { VerificationMethod } from "#platform/database/approval-tables.ts";
import { exactWords } from "#ui/relative-time.ts";
import {
  chooseInstance,
  type Command,
  getNamedUser,
  type Input,
  type Options,
  type Said,
  text,
  UsageError,
} from "./command.ts";

const METHODS = Object.keys(VERIFICATION_METHODS) as readonly VerificationMethod[];

/** How the operator lets one person back in. */
export const RECOVERY_COMMANDS: Readonly<Record<string, Command>> = {
  "reset-link": { usage: "reset-link <address or user name> [--print] [--instance <origin>]", run: runResetLink },
  "temporary-password": {
    usage: `temporary-password <address or user name> [--typed] [--verified ${METHODS.join("|")}] [--note <text>] [--instance <origin>]`,
    inputOf: ({ flags }) => (flags.typed ? { kind: "password" } : undefined),
    run: runTemporaryPassword,
  },
  "user thaw": {
    usage: `user thaw <address or user name> [--verified ${METHODS.join("|")}] [--note <text>] [--instance <origin>]`,
    run: runThaw,
  },
};

async function runThaw(deps: Deps, options: Options): Promise<Said> {
  const verification = readVerification(options);
  const scope = await chooseInstance(deps, options);
  const user = await getNamedUser(deps, scope, options);
  await thawUser(deps, scope, { userId: user.id, verification });
  return {
    text: `${user.name} (${user.username}) is thawed. Send a link with: reset-link ${user.email}`,
    json: { user_id: user.id, frozen_at: null },
  };
}

async function runResetLink(deps: Deps, options: Options): Promise<Said> {
  const scope = await chooseInstance(deps, options);
  const user = await getNamedUser(deps, scope, options);
  if (options.flags.print) {
    const { link } = await copyResetLink(deps, scope, { userId: user.id });
    return { text: link, json: { user_id: user.id, link } };
  }
  const recovery = await sendResetLink(deps, scope, { userId: user.id });
  return {
    text: `A reset link is on its way to ${recovery.sentTo}.`,
    json: { id: recovery.id, user_id: user.id, sent_to: recovery.sentTo },
  };
}

async function runTemporaryPassword(deps: Deps, options: Options, input: Input): Promise<Said> {
  const verification = readVerification(options);
  const scope = await chooseInstance(deps, options);
  const user = await getNamedUser(deps, scope, options);
  const typed = options.flags.typed ? await readLine(input) : undefined;
  const mode = typed === undefined ? "generated" : "typed";
  const set = await setTemporaryPassword(deps, scope, { userId: user.id, mode, password: typed, verification });
  const until = exactWords(set.expiresAt, scope.instance.timeZone);
  const verified = `Verified: ${user.name} (${user.username}) can sign in with it until ${until}, and then has to choose another one.`;
  return {
    text: [...(set.password === undefined ? [] : [set.password]), verified].join("\n"),
    json: {
      recovery_id: set.recovery.id,
      user_id: user.id,
      password: set.password,
      expires_at: set.expiresAt,
      verified: true,
    },
  };
}

/** Who types no method is on the operator's own machine, and the record says no more than that. */
function readVerification(options: Options): Verification {
  const given = text(options, "verified");
  const note = text(options, "note") ?? "";
  if (given === undefined) return { method: "other", note: note || "By the operator, at the command line" };
  const method = METHODS.find((each) => each === given);
  if (!method) throw new UsageError(`--verified expects one of ${METHODS.join(", ")}.`);
  return { method, note };
}

/** A password ends where its line does; spaces before that are its own. */
async function readLine(input: Input): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}
