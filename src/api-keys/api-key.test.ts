import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
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

suite("Idempotency-Key", () => {
  test("has the same request done once, and answered the same without what is shown once", async () => {
    const { oak, owner } = await cast();
    const maria = await oak.addUser();
    const target = `/users/${maria.id}/temporary-password`;
    const json = { mode: "generated", verification: { method: "in_person" } };
    const send = (key: string, body: object = json) =>
      oak.api("POST", target, { json: body, cookies: owner, headers: { "idempotency-key": key } });
    const first = await send("one");
    const { password, ...rest } = first.json() as { password: string };
    assert.equal(first.status, 201);
    const again = await send("one");
    assert.deepEqual([again.status, again.json()], [201, rest]);
    assert.equal(again.headers["idempotency-replayed"], "true");
    await oak.signIn(maria, password);
    const other = await send("one", { ...json, verification: { method: "manager" } });
    assert.deepEqual([other.status, codeOf(other)], [409, "idempotency_conflict"]);
    assert.equal((await send("two")).status, 201, "another key is another request");
    assert.equal((await rowsOf(oak, "recoveries")).length, 2);
    assert(!(await dumpOf(oak)).includes(password));
  });

  test("lets one of many at once through, and a refused one be sent again", async () => {
    const { oak, owner } = await cast();
    const headers = { "idempotency-key": "click" };
    const json = { email: "new@oak.example", first_name: "New", last_name: "Person", role: "member" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => oak.api("POST", "/users", { json, cookies: owner, headers })),
    );
    const made = new Set(
      answers.filter(({ status }) => status === 201).map((answer) => (answer.json() as { id: string }).id),
    );
    assert.equal(made.size, 1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      assert.equal(codeOf(answer), "idempotency_in_progress", answer.text);
    const wrong = { ...json, email: "no address" };
    const send = (body: object) =>
      oak.api("POST", "/users", { json: body, cookies: owner, headers: { "idempotency-key": "two" } });
    assert.equal((await send(wrong)).status, 422);
    assert.equal((await send({ ...json, email: "other@oak.example" })).status, 201, "a refusal uses no key up");
  });

  test("has nothing done again where the program ended before it kept its answer", async () => {
    const { oak, owner } = await cast();
    const requester = { name: "Maria", email: "maria@elsewhere.example" };
    const json = { subject: "I cannot sign in", requester, message: "Help" };
    const send = () => oak.api("POST", "/tickets", { json, cookies: owner, headers: { "idempotency-key": "desk" } });
    assert.equal((await send()).status, 201);
    await oak.deps.db.inInstance(oak.instance.id, (tx) =>
      tx.updateTable("idempotency_keys").set({ status: null, answer: null }).execute(),
    );
    rekey.clock.advance(2 * MINUTE_MS);
    assert.equal(codeOf(await send()), "already_done");
    assert.equal((await rowsOf(oak, "tickets")).length, 1);
  });

  test("repeats an answer without a body, and shows nothing to who was demoted meanwhile", async () => {
    const { oak, owner } = await cast();
    const admin = await oak.addUser({ role: "admin" });
    const cookies = await oak.signIn(admin);
    const headers = { "idempotency-key": "own" };
    const json = { current_password: admin.password, new_password: "violet harbor thunder kettle" };
    for (let time = 0; time < 2; time += 1)
      assert.equal((await oak.api("POST", "/session/password", { json, cookies, headers })).status, 204);
    const person = { email: "new@oak.example", first_name: "New", last_name: "Person", role: "member" };
    const create = (by: CookieJar) =>
      oak.api("POST", "/users", { json: person, cookies: by, headers: { "idempotency-key": "new" } });
    assert.equal((await create(cookies)).status, 201);
    await oak.api("PATCH", `/users/${admin.id}`, { json: { role: "member" }, cookies: owner });
    const demoted = await oak.signIn(admin, "violet harbor thunder kettle");
    const replayed = await create(demoted);
    assert.equal(replayed.status, 409);
    assert(!replayed.text.includes("new@oak.example"));
  });

  test("says while the first is under way that it is, and when to ask again", async () => {
    const { oak, owner } = await cast();
    const maria = await oak.addUser();
    const json = { mode: "generated", verification: { method: "in_person" } };
    const headers = { "idempotency-key": "while-it-is-hashed" };
    const send = () => oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: owner, headers });
    const answers = await Promise.all(Array.from({ length: 5 }, send));
    const busy = answers.filter(({ status }) => status === 409);
    assert(busy.length > 0, "some came while it was hashed");
    for (const answer of busy) {
      const { code, title, detail } = answer.json() as Record<string, string>;
      assert.deepEqual(
        [code, title, detail, answer.headers["retry-after"]],
        [
          "idempotency_in_progress",
          "The first request with this Idempotency-Key is still under way.",
          "Send it again in a moment; it is answered then as the first one was.",
          "1",
        ],
      );
    }
    assert.equal((await rowsOf(oak, "recoveries")).length, 1);
  });

  test("belongs to who sends it, lasts a day, and is refused where it is no key", async () => {
    const { oak, owner } = await cast();
    const admin = await oak.signIn(await oak.addUser({ role: "admin" }));
    const maria = await oak.addUser();
    const send = (cookies: CookieJar, key: string) =>
      oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies, headers: { "idempotency-key": key } });
    assert.equal((await send(owner, "k")).headers["idempotency-replayed"], undefined);
    assert.equal((await send(admin, "k")).headers["idempotency-replayed"], undefined);
    assert.equal((await send(owner, "k")).headers["idempotency-replayed"], "true");
    rekey.clock.advance(25 * HOUR_MS);
    const later = await oak.asOwner();
    assert.equal((await send(later, "k")).headers["idempotency-replayed"], undefined);
    for (const key of ["", "a b", "x".repeat(256)]) assert.equal((await send(later, key)).status, 422, key);
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
