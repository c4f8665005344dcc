import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DAY_MS, MINUTE_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import { issueResetLink } from "#recovery/issue-reset-link.ts";
import { lockUser } from "#users/user.ts";
import { freeze } from "../../test/support/frozen-user.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { lockOut } from "../../test/support/lock-out.ts";
import { mainOf } from "../../test/support/page-main.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { bounceLink } from "../../test/support/report-mail.ts";
import { NEW_PASSWORD, redeem } from "../../test/support/reset-link.ts";
import { openedTicket } from "../../test/support/ticket.ts";
import { untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

suite("The dashboard: waiting to get back in", () => {
  test("shows who is stuck before who waits and who only has to do the next step, and of those the longest waiting first", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const sent = await withLink(oak, owner, "Sent");
    rekey.clock.advance(MINUTE_MS);
    const set = await withLink(oak, owner, "Set");
    assert.equal((await redeem(oak, set.token)).status, 204);
    const asked = await oak.addUser({ firstName: "Asked", lastName: "For Help" });
    await openedTicket(oak, asked);
    await openedTicket(oak, { name: "Nobody Known", email: "nobody@elsewhere.example" });
    const support = await oak.addUser({ role: "support" });
    const json = { permission: "settings.edit" };
    const inside = await oak.signIn(support);
    assert.equal((await oak.api("POST", "/access-requests", { json, cookies: inside })).status, 202);
    assert.equal((await oak.api("DELETE", "/session", { cookies: inside })).status, 204, "and signs out");
    rekey.clock.advance(MINUTE_MS);
    const bounced = await withLink(oak, owner, "Bounced");
    await bounceLink(rekey, oak, bounced.user, "Postfix, no such user");
    const frozen = await oak.addUser({ firstName: "Frozen", lastName: "Person" });
    await freeze(oak, frozen.id);
    const locked = await oak.addUser({ firstName: "Locked", lastName: "Out" });
    await lockOut(oak, locked.id);
    assert.deepEqual(await waiting(oak, owner), [
      ["Bounced Person", "Mail bounced"],
      ["Frozen Person", "Frozen: “This was not me”"],
      ["Locked Out", "Locked after failed sign-ins"],
      ["Set Person", "Password set, not signed in"],
      ["Asked For Help", "Ticket #1 is open"],
      ["Nobody Known", "Ticket #2 is open"],
      ["Sent Person", "Link not used yet"],
    ]);
    await oak.signIn(set.user, NEW_PASSWORD);
    await oak.signIn(sent.user);
    await oak.signIn(asked);
    assert.deepEqual(
      (await waiting(oak, owner)).map(([name]) => name),
      ["Bounced Person", "Frozen Person", "Locked Out", "Nobody Known"],
      "who is in waits no more",
    );
  });

  test("names each person once, by what is most urgent, since the earliest that is known", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const { user } = await withLink(oak, owner, "Maria");
    rekey.clock.advance(2 * DAY_MS);
    const later = await oak.asOwner();
    await openedTicket(oak, user);
    await lockOut(oak, user.id);
    assert.deepEqual(await waiting(oak, later), [["Maria Person", "Locked after failed sign-ins"]]);
    const page = await oak.request("/", { cookies: later });
    assert.match(page.text, /2 days ago/);
    await oak.api("POST", `/users/${user.id}/deactivate`, { cookies: later, json: {} });
    assert.deepEqual(await waiting(oak, later), [["Maria Person", "Ticket #1 is open"]], "who is inactive has asked");
  });

  test("leaves out who comes in from a known browser while strangers' guesses lock the account", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria" });
    const browser = await oak.signIn(maria);
    await lockOut(oak, maria.id);
    const owner = await oak.asOwner();
    assert.equal((await waiting(oak, owner)).length, 1);
    rekey.clock.advance(MINUTE_MS);
    const json = { identifier: maria.username, password: maria.password };
    assert.equal((await oak.api("POST", "/session", { json, cookies: browser })).status, 200);
    assert.deepEqual(await waiting(oak, owner), []);
  });

  test("keeps who was cut off in sight, though nothing of theirs is open any more", async () => {
    const oak = await rekey.createInstance();
    let owner = await oak.asOwner();
    const { user: linked } = await withLink(oak, owner, "Linked");
    const required = await withLink(oak, owner, "Required");
    assert.equal((await requireNew(oak, owner, required.user)).status, 202);
    const { id } = (await requireNew(oak, owner, required.user)).json() as { id: string };
    assert.equal((await oak.api("DELETE", `/recoveries/${id}`, { cookies: owner })).status, 204);
    assert.deepEqual((await waiting(oak, owner)).map(byName), ["Required", "Linked"]);
    const json = { reason: "A laptop is gone" };
    assert.equal((await oak.api("POST", "/emergency/end-everything", { json, cookies: owner })).status, 200);
    owner = await oak.asOwner();
    assert.deepEqual(await waiting(oak, owner), [
      ["Linked Person", "Link revoked"],
      ["Required Person", "New password required"],
    ]);
    const list = mainOf((await oak.request("/settings/users", { cookies: owner })).text);
    assert.match(list, /Link revoked/);
    assert.match(list, /New password required/);
    await oak.signIn(linked);
    assert.deepEqual((await waiting(oak, owner)).map(byName), ["Required"]);
  });

  test("tells who may decide, and nobody else, that a request waits for a second administrator", async () => {
    const oak = await rekey.createInstance();
    const [ann, ben] = [await oak.addUser({ role: "admin" }), await oak.addUser({ role: "admin" })];
    const [asking, support] = [await oak.signIn(ann), await oak.signIn(await oak.addUser({ role: "support" }))];
    assert.equal((await requireNew(oak, asking, ben)).status, 409);
    const tells = async (cookies: CookieJar) => /1 request waits/.test((await oak.request("/", { cookies })).text);
    assert.deepEqual(
      [await tells(await oak.asOwner()), await tells(asking), await tells(support)],
      [true, false, false],
    );
  });

  test("shows who got in with a temporary password, and did not change it before it ran out", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Person" });
    const json = { mode: "generated", verification: { method: "in_person" } };
    const set = await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: await oak.asOwner() });
    const { password } = set.json() as { password: string };
    rekey.clock.advance(MINUTE_MS);
    await oak.signIn(maria, password);
    assert.deepEqual(await waiting(oak, await oak.asOwner()), [], "she is in");
    rekey.clock.advance(DAY_MS);
    const owner = await oak.asOwner();
    assert.deepEqual(await waiting(oak, owner), [["Maria Person", "Temporary password expired"]]);
    const profile = mainOf((await oak.request(`/settings/users/${maria.id}`, { cookies: owner })).text);
    assert.match(profile, /Expired before it was changed/);
  });

  test("keeps who was not reached in sight, however many were invited since", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const bounced = await withLink(oak, owner, "Bounced");
    await bounceLink(rekey, oak, bounced.user, "Postfix, no such user");
    await withLink(oak, owner, "Sent");
    const people = await Promise.all(Array.from({ length: 101 }, () => oak.addUser({ password: null })));
    for (const { id } of people) await oak.deps.db.inInstance(oak.instance.id, (tx) => invite(oak, tx, id));
    const shown = await waiting(oak, owner);
    assert.deepEqual(shown[0], ["Bounced Person", "Mail bounced"]);
    assert(
      shown.some(([name]) => name === "Sent Person"),
      "nor who only has to use their link",
    );
  });
});

function byName([name = ""]: readonly string[]): string {
  return name.replace(" Person", "");
}

function requireNew(oak: TestInstance, cookies: CookieJar, user: TestUser): Promise<Answer> {
  return oak.api("POST", `/users/${user.id}/require-new-password`, { json: {}, cookies });
}

async function invite(oak: TestInstance, tx: Tx, userId: string): Promise<unknown> {
  const user = await lockUser(tx, oak.scope, userId);
  return issueResetLink(oak.deps, tx, oak.scope, { user, origin: "invitation", by: "hand" });
}

async function withLink(
  oak: TestInstance,
  cookies: CookieJar,
  firstName: string,
): Promise<{ user: TestUser; token: string }> {
  const user = await oak.addUser({ firstName, lastName: "Person" });
  const token = await oak.mailedToken(user, cookies);
  await untilIdle(oak);
  return { user, token };
}

/** @returns who stands on the dashboard, with what is in the way, from the top. */
async function waiting(oak: TestInstance, cookies: CookieJar): Promise<readonly (readonly [string, string])[]> {
  const { text } = await oak.request("/", { cookies });
  const rows = text.matchAll(/<a class="person-name"[^>]*>([^<]+)<\/a>.*?<span class="chip[^>]*>.*?<span>([^<]+)</gs);
  return [...rows].map(([, name = "", words = ""]) => [name.trim(), words.trim()] as const);
}
