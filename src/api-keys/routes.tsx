import { type Context, Hono } from "hono";

import type { Scope } from "#instances/scope.ts";
import { endOfDay } from "#lib/day.ts";
import { type FieldFault, fieldFaultsOf } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm, readRepeated } from "#platform/http/form.ts";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { findMissingPermission, requirePermission } from "#users/permissions.ts";
import { isPermission, PERMISSION_NAMES } from "#users/roles.ts";
import { findUsers } from "#users/user.ts";
import { type ApiKey, listApiKeys } from "./api-key.ts";
import { ApiKeysPage, type ShownKey } from "./api-keys-page.tsx";
import { createApiKey } from "./create-api-key.ts";
import { findReasonNotToRevoke, revokeApiKey } from "./revoke-api-key.ts";

type C = Context<SessionEnv>;

interface Shown {
  readonly filled: { readonly name: string; readonly scopes: readonly string[]; readonly expires_on: string };
  readonly faults: readonly FieldFault[];
  readonly made?: { apiKey: ApiKey; key: string };
}

const UNFILLED: Shown = { filled: { name: "", scopes: [], expires_on: "" }, faults: [] };

/** The page on which keys are made and revoked. */
export function apiKeyRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/settings/api-keys", (c) => show(deps, assets, c, UNFILLED))
    .post("/settings/api-keys", (c) => create(deps, assets, c))
    .post("/settings/api-keys/:id/revoke", async (c) => {
      requireSession(c);
      await revokeApiKey(deps, c.var.scope, { id: c.req.param("id") });
      return c.redirect("/settings/api-keys", 303);
    });
}

async function show(deps: Deps, assets: Assets, c: C, shown: Shown): Promise<Response> {
  requireSession(c);
  const { scope } = c.var;
  requirePermission(scope, "api_keys.manage");
  const apiKeys = await deps.db.inInstance(scope.instance.id, (tx) => readKeys(tx, scope, deps.clock.now()));
  const permissions = PERMISSION_NAMES.filter((permission) => findMissingPermission(scope, permission) === undefined);
  const frame = await readFrame(deps, assets, c, "settings");
  c.header("Cache-Control", "no-store");
  const { timeZone } = scope.instance;
  const page = <ApiKeysPage {...{ frame, apiKeys, timeZone, permissions }} {...shown} />;
  return c.html(page, shown.faults.length > 0 ? 422 : 200);
}

async function readKeys(tx: Tx, scope: Scope, at: Date): Promise<readonly ShownKey[]> {
  const apiKeys = await listApiKeys(tx, scope, at);
  const makers = await findUsers(
    tx,
    scope,
    apiKeys.map(({ createdBy }) => createdBy),
  );
  return apiKeys.map((apiKey) => {
    const maker = makers.get(apiKey.createdBy);
    return { ...apiKey, whyNotRevoke: maker && findReasonNotToRevoke(scope, maker) };
  });
}

async function create(deps: Deps, assets: Assets, c: C): Promise<Response> {
  const { id: sessionId } = requireSession(c);
  const { name, expires_on: expiresOn, once } = await readForm(c, ["name", "expires_on", "once"]);
  const scopes = await readRepeated(c, "scopes");
  try {
    const chosen = scopes.filter(isPermission);
    const expiresAt = expiresOn === "" ? undefined : endOfDay(expiresOn, c.var.scope.instance.timeZone);
    const made = await createApiKey(deps, doneOnce(c.var.scope, once), { name, scopes: chosen, expiresAt, sessionId });
    return await show(deps, assets, c, { ...UNFILLED, made });
  } catch (error) {
    return show(deps, assets, c, {
      filled: { name, scopes, expires_on: expiresOn },
      faults: fieldFaultsOf(error).map(asFormField),
    });
  }
}

/** A page with a key on it that is loaded again makes no second one. */
function doneOnce(scope: Scope, once: string): Scope {
  return once === "" ? scope : { ...scope, once: { key: `api key ${scope.actor.id} ${once}`, isClaimed: false } };
}

/** The use case calls the field as the API does; the page asks for a day. */
function asFormField(fault: FieldFault): FieldFault {
  return fault.field === "expires_at" ? { ...fault, field: "expires_on" } : fault;
}
