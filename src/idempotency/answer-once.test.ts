import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { dumpOf, rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

interface OpenApi {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>;
}

interface Operation {
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}

suite("Idempotency-Key", () => {
  test("is declared for every POST but those that anybody may call", async () => {
    const { oak } = await cast();
    const { paths } = (await oak.request("/api/openapi.json")).json() as OpenApi;
    const posts = Object.entries(paths).flatMap(([path, { post }]) => (post ? [{ path, ...post }] : []));
    assert(posts.length > 20);
    for (const { path, security, parameters = [] } of posts) {
      const isDeclared = parameters.some((each) => each.in === "header" && each.name === "Idempotency-Key");
      assert.equal(isDeclared, security?.length !== 0, path);
    }
  });

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
