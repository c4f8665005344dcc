import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { HOUR_MS } from "#lib/clock.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { dumpOf, rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

interface Made {
  readonly id: string;
  readonly key: string;
  readonly scopes: readonly string[];
  readonly last_used_at: string | null;
}

suite("an API key", () => {
  test("acts for a program, is shown once, kept as a digest, and stands in the record by its name", async () => {
    const { oak, owner } = await cast();
    const made = await make(oak, owner, { name: "Help desk", scopes: ["users.read", "recovery.send_link"] });
    assert.match(made.key, /^rk_[\w-]{43}$/);
    const headers = { authorization: `Bearer ${made.key}`, "sec-fetch-site": "cross-site" };
    const maria = await oak.addUser();
    const sent = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, headers });
    assert.equal(sent.status, 202, sent.text);
    const mail = await oak.mailTo(maria.email);
    assert.match(mail.message.text ?? "", /Help desk \(key of .+\) of Oak Recovery asked/);
    const event = (await rowsOf(oak, "audit_events")).find(({ action }) => action === "recovery.request");
    assert.deepEqual(
      [event?.actor_type, event?.actor_id, event?.actor_name],
      ["api_key", made.id, `Help desk (key of ${oak.owner.name})`],
    );
    const listed = await oak.api("GET", "/api-keys", { cookies: owner });
    const [shown] = (listed.json() as { items: Made[] }).items;
    assert(shown?.last_used_at && shown.scopes.length === 2);
    for (const text of [listed.text, await dumpOf(oak), rekey.log.join("\n")])
      assert(!text.includes(made.key.slice(3)));
  });

  test("ends when it is revoked, expires, or its maker may no longer sign in", async () => {
    const { oak, owner } = await cast();
    const admin = await oak.addUser({ role: "admin" });
    const cookies = await oak.signIn(admin);
    const statusOf = async ({ key }: Made): Promise<number> =>
      (await oak.api("GET", "/users", { headers: { authorization: `Bearer ${key}` } })).status;
    const revoked = await make(oak, cookies, { name: "One", scopes: ["users.read"] });
    assert.equal(await statusOf(revoked), 200);
    assert.equal((await oak.api("DELETE", `/api-keys/${revoked.id}`, { cookies: owner })).status, 204);
    assert.equal(await statusOf(revoked), 401);
    assert.equal((await oak.api("DELETE", `/api-keys/${revoked.id}`, { cookies: owner })).status, 404);
    const expiresAt = new Date(rekey.clock.now().getTime() + HOUR_MS).toISOString();
    const brief = await make(oak, cookies, { name: "Two", scopes: ["users.read"], expires_at: expiresAt });
    assert.equal(await statusOf(brief), 200);
    const lasting = await make(oak, cookies, { name: "Three", scopes: ["users.read"] });
    rekey.clock.advance(HOUR_MS);
    assert.deepEqual([await statusOf(brief), await statusOf(lasting)], [401, 200]);
    const again = await oak.asOwner();
    await oak.api("POST", `/users/${admin.id}/deactivate`, { json: {}, cookies: again });
    assert.equal(await statusOf(lasting), 401);
    await oak.api("POST", `/users/${admin.id}/reactivate`, { json: {}, cookies: again });
    assert.equal(await statusOf(lasting), 401, "coming back does not revive it");
  });

  test("A2 of somebody of a higher role is not revoked, and the page says who may", async () => {
    const { oak, owner } = await cast();
    const [one, other] = [await oak.addUser({ role: "admin" }), await oak.addUser({ role: "admin" })];
    const [admin, colleague] = [await oak.signIn(one), await oak.signIn(other)];
    const owners = await make(oak, owner, { name: "Of the Owner", scopes: ["users.read"] });
    const refused = await oak.api("DELETE", `/api-keys/${owners.id}`, { cookies: admin });
    assert.deepEqual([refused.status, codeOf(refused)], [403, "not_permitted"]);
    assert.equal(
      (await oak.request(`/settings/api-keys/${owners.id}/revoke`, { form: {}, cookies: admin })).status,
      403,
    );
    const event = (await rowsOf(oak, "audit_events")).find(({ action }) => action === "api_key.revoke");
    assert.deepEqual([event?.result, event?.target_name], ["refused", "Of the Owner"]);
    const page = (await oak.request("/settings/api-keys", { cookies: admin })).text;
    assert.match(page, /Only an Owner can do this for an Owner\./);
    assert(!page.includes(`/settings/api-keys/${owners.id}/revoke`));
    const own = await make(oak, admin, { name: "Own", scopes: ["users.read"] });
    assert.equal((await oak.api("DELETE", `/api-keys/${own.id}`, { cookies: admin })).status, 204);
    const equal = await make(oak, admin, { name: "Of a colleague", scopes: ["users.read"] });
    assert.equal((await oak.api("DELETE", `/api-keys/${equal.id}`, { cookies: colleague })).status, 204);
    assert.equal((await oak.api("DELETE", `/api-keys/${owners.id}`, { cookies: owner })).status, 204);
  });

  test("is made once by a page that is loaded again, and works until its day ends where the instance is", async () => {
    const { oak, owner } = await cast();
    await oak.api("PATCH", "/settings", { json: { time_zone: "America/Los_Angeles" }, cookies: owner });
    const read = async () => (await oak.request("/settings/api-keys", { cookies: owner })).text;
    const once = /name="once" value="([^"]+)"/.exec(await read())?.[1] ?? assert.fail("the form can be sent once");
    const form = { name: "Desk", scopes: ["users.read"], expires_on: "2090-11-30", once };
    assert.equal((await oak.request("/settings/api-keys", { form, cookies: owner })).status, 200);
    const again = await oak.request("/settings/api-keys", { form, cookies: owner });
    assert.deepEqual([again.status, again.headers.location], [303, "/settings/api-keys"]);
    assert.deepEqual(
      (await rowsOf(oak, "api_keys")).map(({ expires_at: end }) => new Date(String(end)).toISOString()),
      ["2090-12-01T08:00:00.000Z"],
    );
    assert.match(await read(), /1 Dec 2090, 00:00 (?:PST|GMT-8)/);
  });

  test("is nothing elsewhere, made up, or on a page", async () => {
    const { oak, owner } = await cast();
    const pine = await rekey.createInstance("Pine House");
    const { key } = await make(oak, owner, { name: "Desk", scopes: ["users.read"] });
    for (const [instance, bearer] of [
      [pine, key],
      [oak, `${key}x`],
      [oak, "rk_"],
      [oak, "x"],
    ] as const) {
      const answer = await instance.api("GET", "/users", { headers: { authorization: `Bearer ${bearer}` } });
      assert.deepEqual([answer.status, codeOf(answer)], [401, "api_key_invalid"]);
    }
    const page = await oak.request("/settings/users", { headers: { authorization: `Bearer ${key}` } });
    assert.equal(page.status, 303, "pages are for people");
  });

  test("may do nothing that its maker may not, and says what is missing", async () => {
    const { oak, owner } = await cast();
    for (const json of [
      { name: " ", scopes: ["users.read"] },
      { name: "Desk", scopes: [] },
      { name: "Desk", scopes: ["everything"] },
      { name: "Desk", scopes: ["users.read"], expires_at: "2020-01-01T00:00:00Z" },
    ])
      assert.equal((await oak.api("POST", "/api-keys", { json, cookies: owner })).status, 422, JSON.stringify(json));
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    const refused = await oak.api("POST", "/api-keys", {
      json: { name: "D", scopes: ["users.read"] },
      cookies: support,
    });
    assert.equal(refused.status, 403);
  });
});

async function cast(): Promise<{ oak: TestInstance; owner: CookieJar }> {
  const oak = await rekey.createInstance();
  return { oak, owner: await oak.asOwner() };
}

async function make(oak: TestInstance, cookies: CookieJar, json: object): Promise<Made> {
  const answer = await oak.api("POST", "/api-keys", { json, cookies });
  assert.equal(answer.status, 201, answer.text);
  return answer.json() as Made;
}
