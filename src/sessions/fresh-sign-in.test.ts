import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { MINUTE_MS } from "#lib/clock.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { formWithFile } from "../../test/support/multipart.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

const VERIFICATION = { method: "in_person", note: "" };
const TYPED = "quartz violin harbour lamp";

type Act = (oak: TestInstance, cookies: CookieJar, userId: string) => Promise<Answer>;

/** What needs a fresh sign-in, and what it answers when it has one. */
const ACTS: Readonly<Record<string, { status: number; act: Act }>> = {
  "a temporary password": {
    status: 201,
    act: (oak, cookies, id) =>
      oak.api("POST", `/users/${id}/temporary-password`, {
        json: { mode: "typed", password: TYPED, verification: VERIFICATION },
        cookies,
      }),
  },
  "another role": {
    status: 200,
    act: (oak, cookies, id) => oak.api("PATCH", `/users/${id}`, { json: { role: "support" }, cookies }),
  },
  "another address": {
    status: 200,
    act: (oak, cookies, id) => oak.api("PATCH", `/users/${id}`, { json: { email: "else@oak.example" }, cookies }),
  },
  "correcting an address": {
    status: 202,
    act: (oak, cookies, id) =>
      oak.api("POST", `/users/${id}/reset-links/correct-and-send`, { json: { email: "right@oak.example" }, cookies }),
  },
  "a user who may something": {
    status: 201,
    act: (oak, cookies) =>
      oak.api("POST", "/users", {
        json: { email: "new@oak.example", first_name: "Noa", last_name: "New", role: "admin", invite: false },
        cookies,
      }),
  },
  "an API key": {
    status: 201,
    act: (oak, cookies) => oak.api("POST", "/api-keys", { json: { name: "Desk", scopes: ["users.read"] }, cookies }),
  },
  "the record as a file": {
    status: 200,
    act: (oak, cookies) => oak.request("/settings/audit.csv", { form: {}, cookies }),
  },
  "an import": {
    status: 303,
    act: async (oak, cookies) => {
      const csv = "First Name,Last Name,Email,Role\r\nPat,Park,pat@oak.example,Member\r\n";
      return oak.request("/settings/users/import", { method: "POST", ...(await formWithFile({}, csv)), cookies });
    },
  },
};

suite("SE6: a fresh sign-in", () => {
  for (const [what, { status, act }] of Object.entries(ACTS)) {
    test(`SE6 is asked for ${what} after ten minutes, and no earlier`, async () => {
      const oak = await rekey.createInstance();
      const [owner, maria] = [await oak.asOwner(), await oak.addUser()];
      rekey.clock.advance(10 * MINUTE_MS);
      const before = await rowsOf(oak, "users");
      const refused = await act(oak, owner, maria.id);
      assert.equal(refused.status, 403, refused.text.slice(0, 300));
      if (String(refused.headers["content-type"]).includes("json")) assert.equal(codeOf(refused), "step_up_required");
      else assert.match(refused.text, /Confirm that it is you/);
      assert.deepEqual(await rowsOf(oak, "users"), before, "nothing was done");

      const confirmed = await oak.api("POST", "/session/step-up", {
        json: { password: oak.owner.password },
        cookies: owner,
      });
      assert.equal(confirmed.status, 204, confirmed.text);
      rekey.clock.advance(9 * MINUTE_MS);
      assert.equal((await act(oak, owner, maria.id)).status, status);
    });
  }

  test("SE6 is not asked for what undoes or helps: a link, another title, deactivating, Enable Login", async () => {
    const oak = await rekey.createInstance();
    const [owner, maria] = [await oak.asOwner(), await oak.addUser()];
    rekey.clock.advance(15 * MINUTE_MS);
    const call = async (method: string, path: string, json = {}): Promise<number> =>
      (await oak.api(method, `/users/${maria.id}${path}`, { json, cookies: owner })).status;
    assert.equal(await call("POST", "/reset-links"), 202);
    assert.equal(await call("PATCH", "", { title: "Nurse", email: maria.email, role: maria.role }), 200);
    assert.equal(await call("POST", "/enable-login"), 409);
    assert.equal(await call("POST", "/deactivate"), 200);
  });

  test("goes on under a new id; the one from before opens nothing", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const before = owner.get("rekey") ?? "";
    const json = { password: oak.owner.password };
    assert.equal((await oak.api("POST", "/session/step-up", { json, cookies: owner })).status, 204);
    assert.notEqual(owner.get("rekey"), before);
    assert.equal((await oak.api("GET", "/session", { cookies: owner })).status, 200);
    owner.set("rekey", before);
    assert.equal((await oak.api("GET", "/session", { cookies: owner })).status, 401);
  });

  test("P11: nobody guesses the password at an open session: throttled by the tenth", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const guess = (password: string) => oak.api("POST", "/session/step-up", { json: { password }, cookies: owner });
    for (let number = 1; number <= 9; number += 1) {
      const refused = await guess("wrong");
      assert.deepEqual([refused.status, codeOf(refused)], [422, "validation_failed"]);
    }
    assert.equal((await guess(oak.owner.password ?? "")).status, 429);
    const events = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "session.confirm");
    assert.deepEqual(new Set(events.map(({ result }) => result)), new Set(["refused"]));
  });

  test("carries what was typed through the page that asks, sealed, and does it once", async () => {
    const oak = await rekey.createInstance();
    const [owner, maria] = [await oak.asOwner(), await oak.addUser()];
    rekey.clock.advance(15 * MINUTE_MS);
    const path = `/settings/users/${maria.id}/change-password`;
    const form = {
      mode: "typed",
      new_password: TYPED,
      confirm_password: TYPED,
      verification_method: "in_person",
      verification_note: "",
    };
    const asked = await oak.request(path, { form, cookies: owner });
    assert.equal(asked.status, 403);
    assert(!asked.text.includes(TYPED), "P10: a password does not come back");
    const carried = /name="carried" value="([^"]+)"/.exec(asked.text)?.[1] ?? "";
    const again = { carried, password: oak.owner.password ?? "" };

    const wrong = await oak.request(`${path}?confirmed`, { form: { carried, password: "wrong" }, cookies: owner });
    assert.equal(wrong.status, 422);
    assert(wrong.text.includes(carried), "it is still there");
    const tom = await oak.addUser();
    for (const [sentence, target, sent] of [
      ["to somebody else", `/settings/users/${tom.id}/change-password?confirmed`, again],
      ["changed", `${path}?confirmed`, { ...again, carried: `${carried.slice(0, -2)}AA` }],
      ["cut", `${path}?confirmed`, { ...again, carried: carried.slice(0, 20) }],
      ["none", `${path}?confirmed`, { ...again, carried: "" }],
    ] as const)
      assert.equal((await oak.request(target, { form: sent, cookies: owner })).status, 400, sentence);
    const other = await oak.signIn(await oak.addUser({ role: "admin" }));
    assert.equal((await oak.request(`${path}?confirmed`, { form: again, cookies: other })).status, 400, "by another");

    const done = await oak.request(`${path}?confirmed`, { form: again, cookies: owner });
    assert.equal(done.status, 200);
    assert.match(done.text, /Verified: this password signs in/);
    await oak.signIn(maria, TYPED);
    const changes = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "password.change");
    assert.equal(changes.length, 1);
  });

  test("what was carried is worth nothing after half an hour", async () => {
    const oak = await rekey.createInstance();
    const [owner, maria] = [await oak.asOwner(), await oak.addUser()];
    rekey.clock.advance(15 * MINUTE_MS);
    const path = `/settings/users/${maria.id}/edit`;
    const asked = await oak.request("/settings/api-keys", {
      form: { name: "Desk", scopes: "users.read" },
      cookies: owner,
    });
    const carried = /name="carried" value="([^"]+)"/.exec(asked.text)?.[1] ?? "";
    for (let minutes = 0; minutes < 30; minutes += 10) {
      await oak.request(path, { cookies: owner }); // The session is used meanwhile.
      rekey.clock.advance(10 * MINUTE_MS);
    }
    const late = await oak.request("/settings/api-keys?confirmed", {
      form: { carried, password: oak.owner.password ?? "" },
      cookies: owner,
    });
    assert.equal(late.status, 400, late.text);
    assert.match(late.text, /Begin again/);
  });
});
