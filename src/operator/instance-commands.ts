import { listInstances } from "#instances/instance.ts";
import { ORIGIN_EXPECTED, parseOrigin } from "#lib/origin.ts";
import type { Deps } from "#platform/deps.ts";
import { copyResetLink } from "#recovery/copy-reset-link.ts";
import { endEverything } from "#user-management/end-everything.ts";
import { isAddress } from "#users/address.ts";
import { chooseInstance, type Command, operatorIn, type Options, required, type Said, UsageError } from "./command.ts";
import { createInstance } from "./create-instance.ts";
import { UNKNOWN_OWNER } from "./first-start.ts";
import { resumeInstance, suspendInstance } from "./suspend-instance.ts";

/** What the operator does with whole instances. */
export const INSTANCE_COMMANDS: Readonly<Record<string, Command>> = {
  "instance create": {
    usage: "instance create --name <name> --origin <origin> --owner <address>",
    run: runInstanceCreate,
  },
  "instance list": { usage: "instance list", run: runInstanceList },
  "instance suspend": {
    usage: "instance suspend [--instance <origin>]",
    run: async (deps, options) => {
      const { instance } = await chooseInstance(deps, options);
      await suspendInstance(deps, instance);
      const text = `${instance.name} is suspended. Nobody can use it, and links, temporary passwords and sessions of it stay dead when it is resumed.`;
      return { text, json: { id: instance.id, origin: instance.origin, status: "suspended" } };
    },
  },
  "instance resume": {
    usage: "instance resume [--instance <origin>]",
    run: async (deps, options) => {
      const { instance } = await chooseInstance(deps, options);
      await resumeInstance(deps, instance);
      const text = `${instance.name} answers again at ${instance.origin}.`;
      return { text, json: { id: instance.id, origin: instance.origin, status: "active" } };
    },
  },
  "instance end-everything": {
    usage: "instance end-everything --note <why> [--instance <origin>]",
    run: async (deps, options) => {
      const scope = await chooseInstance(deps, options);
      const { sessions, recoveries, keys } = await endEverything(deps, scope, { reason: required(options, "note") });
      const text = `Ended at ${scope.instance.name}: sessions: ${sessions}; links and temporary passwords: ${recoveries}; API keys: ${keys}. Nothing waits for a second administrator any more. Passwords still work.`;
      return { text, json: { sessions_ended: sessions, recoveries_revoked: recoveries, api_keys_revoked: keys } };
    },
  },
};

async function runInstanceCreate(deps: Deps, options: Options): Promise<Said> {
  const [name, given, email] = [required(options, "name"), required(options, "origin"), required(options, "owner")];
  const origin = parseOrigin(given);
  if (!origin) throw new UsageError(`--origin expects ${ORIGIN_EXPECTED}.`);
  if (!isAddress(email)) throw new UsageError("--owner expects an address such as owner@example.com.");
  const { instance, owner } = await createInstance(deps, { name, origin, owner: { ...UNKNOWN_OWNER, email } });
  const { link } = await copyResetLink(deps, operatorIn(instance), { userId: owner.id });
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
