import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { untilQuiet } from "../support/quiet.ts";
import { type TestInstance, testRekey } from "../support/rekey.ts";
import { routesOf } from "../support/routes.ts";
import { dumpOf } from "../support/tables.ts";

const rekey = await testRekey();

/** What somebody would add to a request in the hope that it is written into a row (OWASP Mass Assignment Cheat Sheet). */
const FIELDS: Readonly<Record<string, unknown>> = {
  instance: "x",
  instance_id: "01a20099-86c5-70b9-9018-48a4f1fbe912",
  id: "01a20099-86c5-70b9-9018-48a4f1fbe912",
  status: "active",
  password_hash: "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAA",
  is_admin: true,
  permissions: ["users.edit"],
  created_at: "2020-01-01T00:00:00Z",
  constructor: { prototype: { role: "owner" } },
  toString: "x",
  Role: "owner",
  "user[role]": "owner",
};

/** What somebody would put into an address in the hope that a list is filtered or sorted by it. */
const QUERY_KEYS = [
  "password_hash",
  "instance_id",
  "sort_by",
  "order",
  "filter[password_hash]",
  "__proto__",
  "constructor",
  "Limit",
];

/** A body that each operation takes when nothing is added. */
async function bodies(oak: TestInstance): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
  const admin = await oak.asOwner();
  const token = await oak.mailedToken(await oak.addUser(), admin);
  return {
    "POST /api/v1/session": { identifier: oak.owner.email, password: oak.owner.password },
    "POST /api/v1/users": { email: "new@oak.example", first_name: "New", last_name: "Person", role: "member" },
    "POST /api/v1/session/password": { current_password: oak.owner.password, new_password: "amber compass willow" },
    "POST /api/v1/session/step-up": { password: oak.owner.password },
    "POST /api/v1/api-keys": { name: "Help desk", scopes: ["users.read"] },
    "PATCH /api/v1/settings": { link_lifetime_minutes: 30 },
    "PATCH /api/v1/users/:id": { title: "Counselor" },
    "POST /api/v1/users/:id/deactivate": {},
    "POST /api/v1/users/:id/reactivate": {},
    "POST /api/v1/users/:id/enable-login": {},
    "POST /api/v1/approvals/:id/approve": {},
    "POST /api/v1/access-requests": { permission: "audit.read" },
    "POST /api/v1/emergency/end-everything": { reason: "A drill" },
    "POST /api/v1/approvals/:id/refuse": {},
    "POST /api/v1/users/:id/thaw": { verification: { method: "in_person" } },
    "POST /api/v1/users/:id/reset-links": {},
    "POST /api/v1/users/:id/reset-links/correct-and-send": { email: "corrected@oak.example" },
    "POST /api/v1/users/:id/temporary-password": { mode: "generated", verification: { method: "in_person" } },
    "POST /api/v1/users/:id/require-new-password": {},
    "POST /api/v1/recoveries/:id/copy-link": {},
    "POST /api/v1/tickets": { subject: "Locked out", requester: { name: "Maria", email: "maria@oak.example" } },
    "PATCH /api/v1/tickets/:id": { status: "closed" },
    "POST /api/v1/tickets/:id/messages": { text: "Look into your mailbox" },
    "POST /api/v1/instance-requests": { email: "maria@oak.example" },
    "POST /api/v1/support-requests": { name: "Maria", email: "maria@oak.example", message: "I cannot sign in" },
    "POST /api/v1/recovery-requests": { identifier: oak.owner.email },
    "POST /api/v1/recovery-redemptions": { token, password: "amber compass willow station" },
    "POST /api/v1/recovery-redemptions/renew": { token },
  };
}

suite("Z4, Z5: what no schema knows", () => {
  test("Z5 a field too many is refused by its name and nothing is done, in every body", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const known = await bodies(oak);
    const target = await oak.addUser();
    const posts = (await routesOf(rekey)).filter(
      ({ method, path }) => /^(POST|PUT|PATCH)$/.test(method) && path.startsWith("/api/"),
    );
    assert.deepEqual(posts.map(({ method, path }) => `${method} ${path}`).toSorted(), Object.keys(known).toSorted());
    await untilQuiet(oak);
    const before = await dumpOf(oak);
    let tried = 0;
    for (const [route, body] of Object.entries(known)) {
      const [method = "", path = ""] = route.split(" ");
      const added = Object.entries(FIELDS).filter(([field]) => !Object.hasOwn(body, field));
      const texts = added.map(([field, value]) => [field, JSON.stringify({ ...body, [field]: value })] as const);
      const polluted = JSON.stringify({ ...body, nothing: 0 }).replace('"nothing":0', '"__proto__":{"role":"owner"}');
      for (const [field, text] of [...texts, ["__proto__", polluted] as const]) {
        const headers = { "content-type": "application/json" };
        const answer = await oak.request(path.replace(":id", target.id), { method, body: text, cookies, headers });
        assert.equal(answer.status, 422, `${route} ${field}: ${answer.text}`);
        const { code, errors } = answer.json() as { code: string; errors: { field: string }[] };
        assert.equal(code, "unknown_field");
        assert.deepEqual(
          errors.map((one) => one.field),
          [field],
        );
        tried += 1;
      }
    }
    assert(tried >= 70, `${tried} bodies`);
    const json = { verification: { method: "in_person", nothing: 0 } };
    const nested = await oak.api("POST", `/users/${target.id}/reset-links`, { json, cookies });
    const { errors } = nested.json() as { errors: { field: string }[] };
    assert.deepEqual([nested.status, errors[0]?.field], [422, "verification.nothing"], "and where it stands");
    assert.equal(await dumpOf(oak), before, "nothing was changed");
  });

  test("Z5 a body of nothing but such fields is answered in few words", async () => {
    const oak = await rekey.createInstance();
    const fields = Array.from({ length: 5_000 }, (_, number) => [`field_${number}`, number]);
    const long = ["x".repeat(20_000), 1];
    const answer = await oak.api("POST", "/session", { json: Object.fromEntries([long, ...fields]) });
    assert.equal(answer.status, 422);
    assert.match(answer.text, /"field":"field_0","code":"unknown_field"/);
    assert(answer.text.length < 20_000, `${answer.text.length} characters`);
  });

  test("Z4 a query key too many is refused by its name, by every operation", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const known = await bodies(oak);
    const target = await oak.addUser();
    await untilQuiet(oak);
    const before = await dumpOf(oak);
    for (const { method, path } of (await routesOf(rekey)).filter((route) => route.path.startsWith("/api/v1/"))) {
      for (const key of QUERY_KEYS) {
        const json = known[`${method} ${path}`];
        const at = `${path.replace(":id", target.id)}?${encodeURIComponent(key)}=1`;
        const answer = await oak.request(at, { method, cookies, ...(json && { json }) });
        assert.equal(answer.status, 422, `${method} ${at}: ${answer.text}`);
        assert.equal((answer.json() as { code: string }).code, "unknown_field", `${method} ${at}`);
      }
    }
    assert.equal(await dumpOf(oak), before, "nothing was changed");
  });

  test("Z5 a role is granted only by who may, whatever the body says", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.signIn(await oak.addUser({ role: "admin" }));
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    const body = (role: string) => ({ email: `${role}@new.example`, first_name: "A", last_name: "B", role });
    assert.equal((await oak.api("POST", "/users", { json: body("owner"), cookies: admin })).status, 403);
    assert.equal((await oak.api("POST", "/users", { json: body("member"), cookies: support })).status, 403);
    assert.equal((await oak.api("POST", "/users", { json: body("admin"), cookies: admin })).status, 201);
  });
});
