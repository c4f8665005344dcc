import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import { ROLE_NAMES, ROLES, type Permission, PERMISSION_NAMES } from "#users/roles.ts";
import type { Role } from "#platform/database/tables.ts";
import type { Answer, CookieJar } from "../support/http.ts";
import { operationsOf } from "../support/operations.ts";
import { GOOD_PASSWORD, type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import { suppressedAddress } from "../support/suppressed-address.ts";
import { codeOf, NEW_PASSWORD } from "../support/reset-link.ts";
import { openedTicket } from "../support/ticket.ts";
import { waitingApproval } from "../support/waiting-approval.ts";

const rekey = await testRekey();

/** Everybody may; whoever is signed in may, though no key; or who has the permission, or all of several. */
type Need = "nothing" | "session" | Permission | readonly Permission[];

interface Cell {
  readonly needs: Need;
  /** @returns a request that is refused for nothing but who sends it. */
  request?(oak: TestInstance, owner: CookieJar): Promise<{ id?: string; json?: object }>;
}

const VERIFICATION = { method: "in_person", note: "" };
const onSomebody = async (oak: TestInstance): Promise<{ id: string }> => ({ id: (await oak.addUser()).id });
const onRecovery = async (oak: TestInstance, cookies: CookieJar): Promise<{ id: string }> => {
  const { id } = await oak.addUser();
  const sent = await oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies });
  return { id: (sent.json() as { id: string }).id };
};
let newcomers = 0;
const newAddress = (): string => {
  newcomers += 1;
  return `newcomer${newcomers}@oak.example`;
};

/** Who may do what. An operation that is not here, or no longer in the document, fails the build. */
const MATRIX: Readonly<Record<string, Cell>> = {
  "POST /session": {
    needs: "nothing",
    request: async (oak) => ({ json: { identifier: oak.owner.email, password: GOOD_PASSWORD } }),
  },
  "GET /session": { needs: "session" },
  "POST /session/password": {
    needs: "session",
    request: async () => ({ json: { current_password: "not mine", new_password: NEW_PASSWORD } }),
  },
  "POST /session/step-up": { needs: "session", request: async () => ({ json: { password: "not mine" } }) },
  "POST /recovery-requests": { needs: "nothing", request: async () => ({ json: { identifier: "x" } }) },
  "POST /recovery-redemptions": { needs: "nothing", request: async () => ({ json: { token: "x", password: "y" } }) },
  "POST /recovery-redemptions/renew": { needs: "nothing", request: async () => ({ json: { token: "x" } }) },
  "GET /users": { needs: "users.read" },
  "POST /users": {
    needs: "users.edit",
    request: async () => ({
      json: { email: newAddress(), first_name: "New", last_name: "Comer", role: "member", invite: false },
    }),
  },
  "GET /users/{id}": { needs: "users.read", request: onSomebody },
  "PATCH /users/{id}": {
    needs: "users.edit",
    request: async (oak) => ({ ...(await onSomebody(oak)), json: { title: "Counselor" } }),
  },
  "POST /users/{id}/deactivate": { needs: "users.edit", request: onSomebody },
  "POST /users/{id}/enable-login": { needs: "users.enable_login", request: onSomebody },
  "POST /users/{id}/thaw": {
    needs: "recovery.set_temporary_password",
    request: async (oak) => ({ ...(await onSomebody(oak)), json: { verification: VERIFICATION } }),
  },
  "POST /users/{id}/reactivate": { needs: "users.edit", request: onSomebody },
  "GET /users/{id}/sessions": { needs: "users.read", request: onSomebody },
  "DELETE /users/{id}/sessions": { needs: "users.end_sessions", request: onSomebody },
  "GET /users/{id}/sign-ins": { needs: "users.read", request: onSomebody },
  "GET /users/{id}/diagnosis": { needs: "users.read", request: onSomebody },
  "POST /users/{id}/reset-links": { needs: "recovery.send_link", request: onSomebody },
  "POST /users/{id}/reset-links/correct-and-send": {
    needs: ["users.edit", "recovery.send_link"],
    request: async (oak) => ({ ...(await onSomebody(oak)), json: { email: newAddress() } }),
  },
  "POST /users/{id}/temporary-password": {
    needs: "recovery.set_temporary_password",
    request: async (oak) => ({
      ...(await onSomebody(oak)),
      json: { mode: "generated", verification: VERIFICATION },
    }),
  },
  "POST /users/{id}/require-new-password": { needs: "recovery.set_temporary_password", request: onSomebody },
  "GET /recoveries": { needs: "users.read" },
  "GET /recoveries/{id}": { needs: "users.read", request: onRecovery },
  "GET /recoveries/{id}/events": { needs: "users.read", request: onRecovery },
  "DELETE /recoveries/{id}": { needs: "recovery.send_link", request: onRecovery },
  "POST /recoveries/{id}/copy-link": { needs: "recovery.copy_link", request: onRecovery },
  "POST /access-requests": { needs: "session", request: async () => ({ json: { permission: "audit.read" } }) },
  "GET /approvals": { needs: "users.edit" },
  "POST /approvals/{id}/approve": {
    needs: ["users.edit", "recovery.set_temporary_password"],
    request: async (oak) => ({ id: await waitingApproval(oak) }),
  },
  "POST /approvals/{id}/refuse": {
    needs: "users.edit",
    request: async (oak) => ({ id: await waitingApproval(oak) }),
  },
  "GET /settings": { needs: "settings.edit" },
  "PATCH /settings": { needs: "settings.edit", request: async () => ({ json: { link_lifetime_minutes: 60 } }) },
  "GET /api-keys": { needs: "api_keys.manage" },
  "POST /api-keys": {
    needs: "api_keys.manage",
    request: async () => ({ json: { name: "Another", scopes: ["users.read"] } }),
  },
  "DELETE /api-keys/{id}": { needs: "api_keys.manage", request: async (oak) => ({ id: await keyOfAdmin(oak) }) },
  "GET /mail/status": { needs: "settings.edit" },
  "GET /suppressed-addresses": { needs: "users.read" },
  "DELETE /suppressed-addresses/{id}": {
    needs: "users.edit",
    request: async (oak) => ({ id: await suppressedAddress(oak) }),
  },
  "GET /tickets": { needs: "tickets.work" },
  "POST /tickets": {
    needs: "tickets.work",
    request: async () => ({ json: { subject: "Locked out", requester: { name: "Maria", email: newAddress() } } }),
  },
  "GET /tickets/{id}": { needs: "tickets.work", request: async (oak) => ({ id: (await openedTicket(oak)).id }) },
  "PATCH /tickets/{id}": {
    needs: "tickets.work",
    request: async (oak) => ({ id: (await openedTicket(oak)).id, json: { status: "closed" } }),
  },
  "POST /tickets/{id}/messages": {
    needs: "tickets.work",
    request: async (oak) => ({ id: (await openedTicket(oak)).id, json: { text: "Look into your mailbox" } }),
  },
  "POST /instance-requests": { needs: "nothing", request: async () => ({ json: { email: newAddress() } }) },
  "POST /support-requests": {
    needs: "nothing",
    request: async () => ({ json: { name: "Maria", email: newAddress(), message: "I cannot sign in" } }),
  },
  "GET /audit-events": { needs: "audit.read" },
  "DELETE /session": { needs: "session" },
  "POST /emergency/end-everything": {
    needs: "settings.edit",
    // The key or session that does it is over with it, so it is sent without its reason.
    request: async () => ({ json: { reason: "" } }),
  },
};

/** What a key may not do although it was given the permission: a person makes keys, and decides. */
const FOR_PEOPLE_ONLY = new Set(["POST /api-keys", "POST /approvals/{id}/approve", "POST /approvals/{id}/refuse"]);

suite("Z3, A1: who may do what, over every operation of the OpenAPI document", () => {
  let oak: TestInstance;
  let owner: CookieJar;
  const actors = new Map<Role, CookieJar>();

  before(async () => {
    oak = await rekey.createInstance();
    owner = await oak.asOwner();
    await oak.api("PATCH", "/settings", { json: { allows_copied_links: true }, cookies: owner });
    for (const role of ROLE_NAMES.filter((name) => name !== "no_access"))
      actors.set(role, await oak.signIn(await oak.addUser({ role })));
  });

  test("Z3 knows every operation, and no other", async () => {
    const operations = operationsOf(await oak.request("/api/openapi.json"));
    const named = operations.map(({ method, path }) => `${method.toUpperCase()} ${path.replace("/api/v1", "")}`);
    assert.deepEqual(named.toSorted(), Object.keys(MATRIX).toSorted());
  });

  for (const [operation, { needs, request }] of Object.entries(MATRIX)) {
    test(`Z3 ${operation} takes ${[needs].flat().join(" and ")}`, async () => {
      const send = async (as: { cookies?: CookieJar; headers?: Record<string, string> }): Promise<Answer> => {
        const [method = "", path = ""] = operation.split(" ");
        const { id = "", json } = (await request?.(oak, owner)) ?? {};
        const body = json ?? (method === "POST" ? {} : undefined);
        return oak.api(method, path.replace("{id}", id), { ...as, ...(body && { json: body }) });
      };
      const stranger = await send({});
      if (needs === "nothing") assert(!["not_permitted", "sign_in_required"].includes(codeIn(stranger)), stranger.text);
      else assert.deepEqual([stranger.status, codeOf(stranger)], [401, "sign_in_required"]);
      for (const [role, cookies] of actors) {
        // These leave another session, or none, in the browser that asks.
        const mine = operation.endsWith(" /session") ? await oak.signIn(await oak.addUser({ role })) : cookies;
        const may = permissionsOf(needs).every((permission) => ROLES[role].permissions.has(permission));
        requireVerdict(await send({ cookies: mine }), may, role);
      }
      await tryKeys(operation, needs, send);
    });
  }

  test("A1 No Access cannot sign in at all", async () => {
    const { username: identifier } = await oak.addUser({ role: "no_access" });
    const answer = await oak.api("POST", "/session", { json: { identifier, password: GOOD_PASSWORD } });
    assert.equal(answer.status, 401);
  });

  /** A key with those permissions alone may; one with all but one of them may not. */
  async function tryKeys(
    operation: string,
    needs: Need,
    send: (as: { headers: Record<string, string> }) => Promise<Answer>,
  ): Promise<void> {
    const sendWith = async (scopes: readonly Permission[]): Promise<Answer> => {
      const { key } = await makeKey(oak, scopes);
      return send({ headers: { authorization: `Bearer ${key}` } });
    };
    if (needs === "nothing") return;
    if (needs === "session") {
      assert.equal((await sendWith(PERMISSION_NAMES)).status, 401, "a key has no session");
      return;
    }
    const needed = permissionsOf(needs);
    requireVerdict(await sendWith(needed), !FOR_PEOPLE_ONLY.has(operation), `a key with ${needed.join()} alone`);
    for (const one of needed) {
      const others = PERMISSION_NAMES.filter((permission) => permission !== one);
      requireVerdict(await sendWith(others), false, `a key without ${one}`);
    }
  }
});

function permissionsOf(needs: Need): readonly Permission[] {
  return needs === "nothing" || needs === "session" ? [] : [needs].flat();
}

function requireVerdict(answer: Answer, may: boolean, who: string): void {
  if (may) assert(![401, 403].includes(answer.status) && answer.status < 500, `${who}: ${answer.text}`);
  else assert.deepEqual([answer.status, codeOf(answer)], [403, "not_permitted"], who);
}

function codeIn(answer: Answer): string {
  return answer.text.startsWith("{") ? ((answer.json() as { code?: string }).code ?? "") : "";
}

/** Nobody acts on a higher role, so that an Owner's own key would say nothing of the permission. */
async function keyOfAdmin(oak: TestInstance): Promise<string> {
  return (await makeKey(oak, [], await oak.addUser({ role: "admin" }))).id;
}

async function makeKey(
  oak: TestInstance,
  scopes: readonly Permission[],
  maker: TestUser = oak.owner,
): Promise<{ id: string; key: string }> {
  const json = { name: "Matrix", scopes: scopes.length > 0 ? scopes : ["users.read"] };
  const made = await oak.api("POST", "/api-keys", { json, cookies: await oak.signIn(maker) });
  assert.equal(made.status, 201, made.text);
  return made.json() as { id: string; key: string };
}
