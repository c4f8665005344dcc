import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import { times } from "../../test/support/numbers.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { codeOf, redeem } from "../../test/support/reset-link.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

/** As many as one administrator may send within an hour. */
const LINKS = times({ quick: 30, full: 2_900 });

suite("A7: end everything", () => {
  test("A7 ends every session, link, temporary password and key of the instance within ten seconds, and nothing elsewhere", async () => {
    const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    const [owner, elsewhere] = [await oak.asOwner(), await pine.asOwner()];
    const [maria, tom] = [await oak.addUser(), await oak.addUser()];
    const session = await oak.signIn(maria);
    const token = await oak.mailedToken(maria, owner);
    const given = await oak.api("POST", `/users/${tom.id}/temporary-password`, {
      json: { mode: "generated", verification: { method: "in_person" } },
      cookies: owner,
    });
    const { password } = given.json() as { password: string };
    const json = { name: "Desk", scopes: ["users.read"] };
    const made = await oak.api("POST", "/api-keys", { json, cookies: owner });
    const headers = { authorization: `Bearer ${(made.json() as { key: string }).key}` };
    for (let number = 0; number < LINKS; number += 1) {
      const user = await oak.addUser({ password: null });
      await oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies: owner });
    }

    const startedAt = performance.now();
    const ended = await oak.api("POST", "/emergency/end-everything", {
      json: { reason: "A laptop is gone" },
      cookies: owner,
    });
    assert(performance.now() - startedAt < 10_000);
    assert.equal(ended.status, 200, ended.text);
    assert.deepEqual(ended.json(), { sessions: 2, recoveries: LINKS + 2, keys: 1 });
    for (const cookies of [owner, session]) assert.equal((await oak.api("GET", "/session", { cookies })).status, 401);
    assert.equal((await oak.api("GET", "/users", { headers })).status, 401);
    assert.equal((await redeem(oak, token)).status, 410);
    const attempt = { json: { identifier: tom.username, password } };
    assert.equal((await oak.api("POST", "/session", attempt)).status, 401);
    const event = (await rowsOf(oak, "audit_events")).find(({ action }) => action === "instance.end_everything");
    assert.deepEqual([event?.result, event?.reason], ["ok", "A laptop is gone"]);

    await oak.signIn(maria);
    assert.equal((await pine.api("GET", "/session", { cookies: elsewhere })).status, 200);
  });

  test("A7 ends the key that is being made at the same moment", async () => {
    const oak = await rekey.createInstance();
    for (let round = 0; round < times({ quick: 10, full: 200 }); round += 1) {
      const [owner, other] = [await oak.asOwner(), await oak.asOwner()];
      const json = { name: "Desk", scopes: ["users.read"] };
      const [made] = await Promise.all([
        oak.api("POST", "/api-keys", { json, cookies: owner }),
        oak.api("POST", "/emergency/end-everything", { json: { reason: "A laptop is gone" }, cookies: other }),
      ]);
      assert([201, 401].includes(made.status), made.text);
      const working = (await rowsOf(oak, "api_keys")).filter((key) => key.revoked_at === null);
      assert.equal(working.length, 0);
    }
  });

  test("A7 counts what was live, though all of it is over", async () => {
    const oak = await rekey.createInstance();
    const idle = await oak.asOwner();
    rekey.clock.advance(13 * HOUR_MS);
    const owner = await oak.asOwner();
    const json = { reason: "A laptop is gone" };
    const ended = await oak.api("POST", "/emergency/end-everything", { json, cookies: owner });
    assert.deepEqual(ended.json(), { sessions: 1, recoveries: 0, keys: 0 });
    assert((await rowsOf(oak, "sessions")).every((session) => session.ended_at !== null));
    assert.equal((await oak.api("GET", "/session", { cookies: idle })).status, 401);
  });

  test("A7 needs a reason, the permission, and a fresh sign-in", async () => {
    const oak = await rekey.createInstance();
    const [owner, support] = [await oak.asOwner(), await oak.signIn(await oak.addUser({ role: "support" }))];
    const end = (reason: string, cookies = owner) =>
      oak.api("POST", "/emergency/end-everything", { json: { reason }, cookies });
    assert.equal((await end(" \u200B")).status, 422);
    assert.equal((await end("Why not", support)).status, 403);
    const page = await oak.request("/settings/end-everything", { form: { reason: "" }, cookies: owner });
    assert.equal(page.status, 422);
    assert.match(page.text, /Say why, for whoever reads the record/);
    rekey.clock.advance(11 * MINUTE_MS);
    assert.equal(codeOf(await end("A laptop is gone")), "step_up_required");
    assert.equal((await oak.api("GET", "/session", { cookies: owner })).status, 200, "nothing was ended");
  });
});
