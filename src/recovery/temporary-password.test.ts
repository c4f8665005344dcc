import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { canonicalTemporaryPassword, generateTemporaryPassword, readOut } from "#credentials/temporary-password.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import { type Answer, CookieJar } from "../../test/support/http.ts";
import { times } from "../../test/support/numbers.ts";
import { operationsOf } from "../../test/support/operations.ts";
import { wordsOf } from "../../test/support/password-paths.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { codeOf, NEW_PASSWORD, redeem } from "../../test/support/reset-link.ts";
import { routesOf } from "../../test/support/routes.ts";
import { startSecondProcess } from "../../test/support/second-process.ts";
import { dumpOf, rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const VERIFIED = { method: "call_back", note: "Called the number on file" };
const TYPED = "granite teapot lullaby";
/** The 17 space characters of Unicode, at either end. */
const SPACES = [
  ..."\u0020\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000",
];

interface Given {
  readonly recovery: { readonly id: string; readonly method: string; readonly state: string };
  readonly password?: string;
  readonly expires_at: string;
  readonly verified: boolean;
}

suite("a temporary password", () => {
  test("P8 works at once, is shown once, expires within a day, and is recorded with how it was verified", async () => {
    const { oak, maria, admin } = await cast();
    const answer = await give(oak, maria, admin);
    assert.equal(answer.status, 201, answer.text);
    const { recovery, password, expires_at: expiresAt, verified } = answer.json() as Given;
    assert.match(password ?? "", /^([A-HJKMNP-Z2-9]{4}-){3}[A-HJKMNP-Z2-9]{4}$/);
    assert.deepEqual([recovery.method, recovery.state, verified], ["temporary_password", "sent", true]);
    const lifeMs = Date.parse(expiresAt) - rekey.clock.now().getTime();
    assert(lifeMs > DAY_MS - MINUTE_MS && lifeMs <= DAY_MS, `${lifeMs} ms`);
    const shown = await oak.api("GET", `/recoveries/${recovery.id}`, { cookies: admin });
    assert(!shown.text.includes(password ?? "?"));
    const [verification] = await rowsOf(oak, "verifications");
    assert.deepEqual(
      [verification?.recovery_id, verification?.method, verification?.note, verification?.verified_by],
      [recovery.id, VERIFIED.method, VERIFIED.note, oak.owner.id],
    );
    const signedIn = await signIn(oak, maria, password);
    assert.equal(signedIn.status, 200);
    assert.equal((signedIn.json() as { must_change_password: boolean }).must_change_password, true);
  });

  test("P8 never repeats, and holds at least 64 bits", () => {
    const count = times({ quick: 1_000, full: 100_000 });
    const made = new Set(Array.from({ length: count }, generateTemporaryPassword));
    assert.equal(made.size, count);
    const letters = new Set([...made].flatMap((password) => [...password.replaceAll("-", "")]));
    assert.equal(letters.size, 31);
    assert(16 * Math.log2(letters.size) >= 64);
    for (const lookalike of "ILO01") assert(!letters.has(lookalike), lookalike);
  });

  test("is read out so that nobody takes one letter for another", () => {
    assert.deepEqual(readOut("AB2C-ZYX9"), ["Alfa Bravo 2 Charlie", "Zulu Yankee X-ray 9"]);
    assert.equal(canonicalTemporaryPassword(" ab2c zyx9\n", true), "AB2CZYX9");
    assert.equal(canonicalTemporaryPassword("\u2011Ab2c‑ZYX9", true), "AB2CZYX9");
    assert.equal(canonicalTemporaryPassword("  Two words ", false), "Two words");
  });

  test("P5 signs in however it was pasted or typed from the telephone", async () => {
    const { oak, maria, admin } = await cast();
    const { password = "" } = (await give(oak, maria, admin)).json() as Given;
    const spellings = [
      ...SPACES.slice(0, 4).flatMap((space) => [`${space}${password}`, `${password}${space}`]),
      password.toLowerCase(),
      password.replaceAll("-", ""),
      password.replaceAll("-", " "),
      `${password}\r\n`,
    ];
    for (const spelling of spellings)
      assert.equal((await signIn(oak, maria, spelling)).status, 200, JSON.stringify(spelling));
    for (const wrong of [password.slice(1), `${password}A`, password.replace(/.$/, "?"), ""])
      assert.equal((await signIn(oak, maria, wrong)).status, 401, JSON.stringify(wrong));
  });

  test("P5 that is typed is judged as every password, and forgives spaces at its ends when it is used", async () => {
    const { oak, maria, admin } = await cast();
    for (const space of SPACES) {
      for (const password of [`${space}${TYPED}`, `${TYPED}${space}`]) {
        const refused = await give(oak, maria, admin, { mode: "typed", password });
        assert.deepEqual([refused.status, codeOf(refused)], [422, "password_rejected"]);
        assert.match((refused.json() as { detail: string }).detail, /␣/);
      }
    }
    for (const password of ["too short", "PasswordPassword", undefined])
      assert.equal((await give(oak, maria, admin, { mode: "typed", password })).status, 422, password);
    const given = await give(oak, maria, admin, { mode: "typed", password: TYPED });
    assert.equal(given.status, 201, given.text);
    assert(!given.text.includes(TYPED), "who typed it knows it");
    for (const spelling of [TYPED, ` ${TYPED}`, `${TYPED}\t`, `\u00A0${TYPED}\u200B`])
      assert.equal((await signIn(oak, maria, spelling)).status, 200, JSON.stringify(spelling));
    assert.equal((await signIn(oak, maria, TYPED.toUpperCase())).status, 401, "a typed one keeps its case");
  });

  test("is either generated or typed: a password beside generated is refused rather than dropped", async () => {
    const { oak, maria, admin } = await cast();
    for (const password of ["granite teapot lullaby", ""]) {
      const answer = await give(oak, maria, admin, { mode: "generated", password });
      assert.deepEqual([answer.status, codeOf(answer)], [422, "validation_failed"], answer.text);
      assert.equal((answer.json() as { errors: { field: string }[] }).errors[0]?.field, "password");
    }
    assert.equal((await signIn(oak, maria, maria.password)).status, 200, "nothing was changed");
  });

  test("is typed only where the instance allows it", async () => {
    const { oak, maria, admin } = await cast();
    const off = await oak.api("PATCH", "/settings", { json: { allows_typed_passwords: false }, cookies: admin });
    assert.equal(off.status, 200, off.text);
    const refused = await give(oak, maria, admin, { mode: "typed", password: TYPED });
    const { errors } = refused.json() as { errors: { field: string; code: string }[] };
    assert.deepEqual([refused.status, errors[0]?.field, errors[0]?.code], [422, "password", "typed_not_allowed"]);
    assert.equal((await give(oak, maria, admin)).status, 201);
    const page = await oak.request(`/settings/users/${maria.id}/change-password`, { cookies: admin });
    assert(!page.text.includes('name="new_password"'));
  });

  test("A3 needs its verification record, and words where the method says nothing", async () => {
    const { oak, maria, admin } = await cast();
    const before = await dumpOf(oak);
    for (const verification of [
      undefined,
      {},
      { method: "guess" },
      { note: "x" },
      { method: "other" },
      { method: "other", note: " \u200B" },
    ]) {
      const json = { mode: "generated", ...(verification && { verification }) };
      const answer = await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: admin });
      assert.equal(answer.status, 422, JSON.stringify(verification));
    }
    const tables = (dump: string): string[] =>
      dump.split("\n").filter((line) => !/^(audit_events|sessions) /.test(line));
    assert.deepEqual(tables(await dumpOf(oak)), tables(before), "nothing was changed");
    const onPage = await oak.request(`/settings/users/${maria.id}/change-password`, {
      form: { mode: "generated" },
      cookies: admin,
    });
    assert.equal(onPage.status, 422);
    assert.match(wordsOf(onPage.text), /Choose how you made sure/);
  });

  test("P8 until it is changed every other route is refused, page and API", async () => {
    const { oak, maria, admin } = await cast();
    const promoted = await oak.api("PATCH", `/users/${maria.id}`, { json: { role: "admin" }, cookies: admin });
    assert.equal(promoted.status, 200);
    const { password } = (await give(oak, maria, admin)).json() as Given;
    const cookies = await oak.signIn(maria, password);
    const allowed = new Set(["get /api/v1/session", "delete /api/v1/session", "post /api/v1/session/password"]);
    const operations = operationsOf(await oak.request("/api/openapi.json"));
    assert(operations.length > 20);
    for (const { method, path, body } of operations) {
      if (allowed.has(`${method} ${path}`)) continue;
      const target = path.replaceAll(/\{\w+\}/g, maria.id);
      const answer = await oak.request(target, { method: method.toUpperCase(), cookies, ...(body && { json: body }) });
      assert.deepEqual([answer.status, codeOf(answer)], [403, "password_change_required"], `${method} ${path}`);
    }
    const open =
      /^\/(account\/password|not-me|sign-|forgot-password|reset-password|contact|ticket-answers|find-instance|assets|api|healthz|readyz|metrics|instance\.css|\.well-known)/;
    for (const { method, path } of await routesOf(rekey)) {
      if (open.test(path) || method !== "GET") continue;
      const answer = await oak.request(path.replaceAll(/:\w+/g, maria.id), { cookies });
      assert.deepEqual([answer.status, answer.headers.location], [303, "/account/password"], path);
    }
    for (const [path, status] of [
      ["/contact", 200],
      ["/contact/sent", 200],
      ["/find-instance", 200],
      ["/ticket-answers/cut-short", 404],
    ] as const)
      assert.equal((await oak.request(path, { cookies })).status, status, `${path} asks nobody to sign in`);
    const me = (await oak.api("GET", "/session", { cookies })).json() as Record<string, unknown>;
    assert.deepEqual([me.must_change_password, me.permissions], [true, []]);
    const change = { current_password: password, new_password: NEW_PASSWORD };
    assert.equal((await oak.api("POST", "/session/password", { json: change, cookies })).status, 204);
    assert.equal((await oak.api("GET", "/users", { cookies })).status, 200, "from then on everything works");
  });

  test("is no password of one's own, and its recovery is complete once there is one", async () => {
    const { oak, maria, admin } = await cast();
    const { password = "", recovery } = (await give(oak, maria, admin)).json() as Given;
    const cookies = await oak.signIn(maria, password);
    for (const same of [password, password.toLowerCase(), password.replaceAll("-", "")]) {
      const json = { current_password: password, new_password: same };
      assert.equal(codeOf(await oak.api("POST", "/session/password", { json, cookies })), "password_rejected", same);
    }
    const json = { current_password: password, new_password: NEW_PASSWORD };
    assert.equal((await oak.api("POST", "/session/password", { json, cookies })).status, 204);
    const { state, timeline } = (await oak.api("GET", `/recoveries/${recovery.id}`, { cookies: admin })).json() as {
      state: string;
      timeline: { event: string }[];
    };
    assert.equal(state, "completed");
    assert.deepEqual(
      timeline.map(({ event }) => event),
      ["requested", "signed_in", "completed"],
    );
    assert.equal((await signIn(oak, maria, password)).status, 401);
    assert.equal((await signIn(oak, maria, NEW_PASSWORD)).status, 200);
  });

  test("ends to the millisecond, and its session with it", async () => {
    const { oak, maria, admin } = await cast();
    const { password, expires_at: expiresAt } = (await give(oak, maria, admin)).json() as Given;
    const end = new Date(expiresAt);
    const expect = async (at: Date, status: number): Promise<void> => {
      rekey.clock.freezeAt(at);
      assert.equal((await signIn(oak, maria, password)).status, status, at.toISOString());
    };
    try {
      await expect(new Date(end.getTime() - 1), 200);
      const cookies = await oak.signIn(maria, password);
      assert.equal((await oak.api("GET", "/session", { cookies })).status, 200);
      await expect(end, 401);
      assert.equal((await oak.api("GET", "/session", { cookies })).status, 401);
      await expect(new Date(end.getTime() + HOUR_MS), 401);
    } finally {
      rekey.clock.run();
    }
    const reasons = (await rowsOf(oak, "audit_events")).map(({ reason }) => reason);
    assert(reasons.includes("temporary_password_expired"));
  });

  test("SE2 ends every session, the old password and every link, and tells the person", async () => {
    const { oak, maria, admin } = await cast();
    const token = await oak.mailedToken(maria, admin);
    const cookies = await oak.signIn(maria);
    const { password } = (await give(oak, maria, admin)).json() as Given;
    assert.equal((await oak.api("GET", "/session", { cookies })).status, 401);
    assert.equal((await signIn(oak, maria, maria.password)).status, 401);
    assert.equal(codeOf(await redeem(oak, token)), "link_revoked");
    const mail = await oak.mailTo(maria.email, ({ message }) => /was changed/.test(message.subject ?? ""));
    assert(!`${mail.message.text}${mail.message.html}`.includes(password ?? "?"));
    assert.match(mail.message.text ?? "", /who hands you a temporary one/);
    const second = (await give(oak, maria, admin)).json() as Given;
    assert.equal((await signIn(oak, maria, password)).status, 401, "the newer one replaced it");
    const revoked = await oak.api("DELETE", `/recoveries/${second.recovery.id}`, { cookies: admin });
    assert.equal(revoked.status, 204);
    assert.equal((await signIn(oak, maria, second.password)).status, 401, "a revoked one opens nothing");
  });

  test("P9 works at once, on the other process too", async (t) => {
    const { oak, admin } = await cast();
    const second = await startSecondProcess(rekey);
    t.after(() => second?.stop());
    const there = second ? oak.at(second.base) : oak;
    for (let number = 0; number < times({ quick: 10, full: 100 }); number += 1) {
      const user = await oak.addUser({ password: null });
      const { password } = (await give(oak, user, admin)).json() as Given;
      const [here, elsewhere] = await Promise.all([signIn(oak, user, password), signIn(there, user, password)]);
      assert.deepEqual([here.status, elsewhere.status], [200, 200]);
    }
  });

  test("P10 comes back nowhere: no page, answer, mail, log, table or record", async () => {
    const { oak, maria, admin } = await cast();
    const canary = "canary lagoon umbrella";
    const given = await give(oak, maria, admin, { mode: "typed", password: canary });
    assert.equal(given.status, 201);
    const refused = await give(oak, maria, admin, { mode: "typed", password: "canary too" });
    const form = {
      mode: "typed",
      new_password: "canary no",
      confirm_password: "canary nope",
      verification_method: "manager",
    };
    const onPage = await oak.request(`/settings/users/${maria.id}/change-password`, { form, cookies: admin });
    assert.equal(onPage.status, 422);
    const cookies = await oak.signIn(maria, canary);
    const changed = await oak.api("POST", "/session/password", {
      json: { current_password: canary, new_password: "canary valley thunder kettle" },
      cookies,
    });
    assert.equal(changed.status, 204);
    await untilIdle(oak);
    const mails = rekey.sink.mails.map(({ message }) => `${message.subject}${message.text}${message.html}`);
    const pages = await Promise.all(
      ["/settings/users", `/settings/users/${maria.id}`, "/settings/audit", "/"].map((page) =>
        oak.request(page, { cookies: admin }),
      ),
    );
    pages.push(await oak.request("/settings/audit.csv", { form: {}, cookies: admin }));
    const everything = [given, refused, onPage, ...pages].map(({ text }) => text);
    for (const text of [...everything, ...mails, ...rekey.log, await dumpOf(oak)]) assert(!text.includes("canary"));
  });

  test("A2 is set for nobody higher, not for oneself, and not by who only sends links", async () => {
    const { oak, maria, admin: ownerCookies } = await cast();
    const [adminUser, support] = [await oak.addUser({ role: "admin" }), await oak.addUser({ role: "support" })];
    const [admin, helper] = [await oak.signIn(adminUser), await oak.signIn(support)];
    assert.equal((await give(oak, oak.owner, admin)).status, 403, "an Admin for the Owner");
    assert.equal((await give(oak, adminUser, admin)).status, 403, "oneself");
    assert.equal((await give(oak, maria, helper)).status, 403, "Support");
    assert.equal((await give(oak, adminUser, ownerCookies)).status, 201);
    await oak.api("POST", `/users/${maria.id}/deactivate`, { json: {}, cookies: ownerCookies });
    assert.equal(codeOf(await give(oak, maria, ownerCookies)), "user_inactive");
  });
});

suite("Require New Password", () => {
  test("S9 ends sessions, refuses the old password from now on, and mails the link", async () => {
    const { oak, maria, admin } = await cast();
    const cookies = await oak.signIn(maria);
    const json = { reason: "Security update" };
    const required = await oak.api("POST", `/users/${maria.id}/require-new-password`, { json, cookies: admin });
    assert.equal(required.status, 202, required.text);
    assert.equal((await oak.api("GET", "/session", { cookies })).status, 401);
    assert.equal((await signIn(oak, maria, maria.password)).status, 401);
    const user = (await oak.api("GET", `/users/${maria.id}`, { cookies: admin })).json() as {
      access: { password: string; live_recovery: { origin: string } };
    };
    assert.deepEqual(
      [user.access.password, user.access.live_recovery.origin],
      ["none", "admin"],
      "it is no invitation",
    );
    const mail = await oak.mailTo(maria.email, ({ message }) => /reset-password/.test(message.text ?? ""));
    const link = /\/reset-password\/([\w-]+)/.exec(mail.message.text ?? "")?.[1] ?? "";
    assert.equal((await redeem(oak, link)).status, 204);
    assert.equal((await signIn(oak, maria, NEW_PASSWORD)).status, 200);
    const events = (await rowsOf(oak, "audit_events")).map(({ action, reason }) => [action, reason]);
    assert(
      events.some(([action, reason]) => action === "recovery.require_new_password" && reason === "Security update"),
    );
    assert((await rowsOf(oak, "audit_events")).some(({ reason }) => reason === "new_password_required"));
  });

  test("says in its mail that the old password is refused, even right after another link", async () => {
    const { oak, maria, admin } = await cast();
    await oak.mailedToken(maria, admin);
    await oak.api("POST", `/users/${maria.id}/require-new-password`, { json: {}, cookies: admin });
    const { message } = await oak.mailTo(maria.email, (mail) => /no longer works/.test(mail.message.text ?? ""));
    assert.match(message.text ?? "", /you are signed out everywhere/);
    assert.doesNotMatch(message.text ?? "", /stays as it is/);
    const again = await oak.api("POST", `/users/${maria.id}/require-new-password`, { json: {}, cookies: admin });
    assert.equal(again.status, 202);
    await untilIdle(oak);
    assert.equal(oak.linksTo(maria).length, 2, "clicked once more it sends no second one");
  });

  test("wins over a change of password that was under way, and ends the keys that they made", async () => {
    for (let round = 0; round < times({ quick: 8, full: 100 }); round += 1) {
      const oak = await rekey.createInstance(); // Where a third administered, one of them alone could not.
      const owner = await oak.asOwner();
      const admin = await oak.addUser({ role: "admin" });
      const cookies = await oak.signIn(admin);
      const made = await oak.api("POST", "/api-keys", { json: { name: "Desk", scopes: ["users.read"] }, cookies });
      const headers = { authorization: `Bearer ${(made.json() as { key: string }).key}` };
      const json = { current_password: admin.password, new_password: NEW_PASSWORD };
      const change = oak.api("POST", "/session/password", { json, cookies });
      await pause(5 * round);
      const required = await oak.api("POST", `/users/${admin.id}/require-new-password`, { json: {}, cookies: owner });
      assert.equal(required.status, 202);
      const { status } = await change;
      assert([204, 401].includes(status), `${status}`);
      assert.equal((await signIn(oak, admin, NEW_PASSWORD)).status, 401, "whoever came first, the password is refused");
      assert.equal((await signIn(oak, admin, admin.password)).status, 401);
      assert.equal((await oak.api("GET", "/users", { headers })).status, 401, "no program of theirs goes on");
    }
  });

  test("is nothing for who never had one", async () => {
    const { oak, admin } = await cast();
    const { id } = await oak.addUser({ password: null });
    const answer = await oak.api("POST", `/users/${id}/require-new-password`, { json: {}, cookies: admin });
    assert.deepEqual([answer.status, codeOf(answer)], [409, "no_password_yet"]);
    const user = (await oak.api("GET", `/users/${id}`, { cookies: admin })).json() as {
      actions: Record<string, { allowed: boolean; reason: string }>;
    };
    assert.deepEqual(
      [user.actions.require_new_password?.allowed, user.actions.send_reset_link?.allowed],
      [false, true],
    );
  });

  test("takes a temporary password away, too", async () => {
    const { oak, maria, admin } = await cast();
    const { password, recovery } = (await give(oak, maria, admin)).json() as Given;
    await oak.api("POST", `/users/${maria.id}/require-new-password`, { json: {}, cookies: admin });
    assert.equal((await signIn(oak, maria, password)).status, 401);
    const { state } = (await oak.api("GET", `/recoveries/${recovery.id}`, { cookies: admin })).json() as {
      state: string;
    };
    assert.equal(state, "revoked");
  });
});

async function cast(): Promise<{ oak: TestInstance; maria: TestUser; admin: CookieJar }> {
  const oak = await rekey.createInstance();
  return { oak, maria: await oak.addUser({ firstName: "Maria" }), admin: await oak.asOwner() };
}

function give(
  oak: TestInstance,
  user: TestUser,
  cookies: CookieJar,
  what: { mode: string; password?: string | undefined } = { mode: "generated" },
): Promise<Answer> {
  const json = { ...what, verification: VERIFIED };
  return oak.api("POST", `/users/${user.id}/temporary-password`, { json, cookies });
}

function signIn(oak: TestInstance, user: TestUser, password: string | undefined): Promise<Answer> {
  return oak.api("POST", "/session", { json: { identifier: user.username, password }, cookies: new CookieJar() });
}
