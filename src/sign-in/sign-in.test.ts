import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { CookieJar } from "../../test/support/http.ts";
import { wordsOf } from "../../test/support/password-paths.ts";
import { GOOD_PASSWORD, type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { idIn, NEW_PASSWORD, openLink } from "../../test/support/reset-link.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

suite("signing in", () => {
  test("takes user name or address in any case, with what pasting adds around it", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ email: "Maria.G@Oak.example", username: "Maria_Gonzalez" });
    for (const identifier of [
      "Maria_Gonzalez",
      "maria_gonzalez",
      "MARIA_GONZALEZ",
      "maria.g@oak.example",
      "MARIA.G@OAK.EXAMPLE",
      "  maria.g@oak.example\t",
      "\uFEFFmaria_gonzalez\u200B",
      "ｍａｒｉａ_gonzalez",
    ]) {
      const answer = await oak.api("POST", "/session", { json: { identifier, password: GOOD_PASSWORD } });
      assert.equal(answer.status, 200, identifier);
      const { user, must_change_password: mustChange } = answer.json() as {
        user: { id: string };
        must_change_password: boolean;
      };
      assert.equal(user.id, maria.id);
      assert.equal(mustChange, false);
    }
  });

  test("answers every refusal with the same words, and records why", async () => {
    const oak = await rekey.createInstance();
    await oak.addUser({ username: "active" });
    await oak.addUser({ username: "never", password: null });
    await oak.addUser({ username: "noaccess", role: "no_access" });
    const gone = await oak.addUser({ username: "gone" });
    await oak.deps.db.inInstance(oak.instance.id, (tx) =>
      tx.updateTable("users").set({ status: "inactive" }).where("id", "=", gone.id).execute(),
    );
    const pine = await rekey.createInstance("Pine House");
    await pine.addUser({ username: "elsewhere" });
    const cases = [
      ["active", `${GOOD_PASSWORD}.`, "wrong_password"],
      ["active", GOOD_PASSWORD.toUpperCase(), "wrong_password"],
      ["active", "", "wrong_password"],
      ["never", GOOD_PASSWORD, "no_password"],
      ["noaccess", GOOD_PASSWORD, "no_access"],
      ["gone", GOOD_PASSWORD, "inactive"],
      ["nobody", GOOD_PASSWORD, "unknown_user"],
      ["elsewhere", GOOD_PASSWORD, "unknown_user"],
      ["act%", GOOD_PASSWORD, "unknown_user"],
      ["", GOOD_PASSWORD, "unknown_user"],
      ["active\0", GOOD_PASSWORD, "unknown_user"],
    ] as const;
    const bodies = new Set<string>();
    for (const [identifier, password, reason] of cases) {
      const answer = await oak.api("POST", "/session", { json: { identifier, password } });
      assert.equal(answer.status, 401, `${identifier} ${reason}`);
      assert.deepEqual(answer.setCookies, []);
      bodies.add(answer.text.replace(String(answer.headers["x-request-id"]), ""));
    }
    assert.equal(bodies.size, 1, [...bodies].join("\n"));
    const refusals = (await rowsOf(oak, "audit_events"))
      .filter(({ action }) => action === "session.refuse")
      .toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
    assert.deepEqual(
      refusals.map(({ reason }) => reason),
      cases.map(([, , reason]) => reason),
    );
    assert((await rowsOf(oak, "sessions")).length === 0, "no session began");
  });

  test("by the form leads to where one wanted to go, but never off this site", async () => {
    const oak = await rekey.createInstance();
    for (const [next, expected] of [
      ["", "/"],
      ["/settings/users?q=maria&status=active", "/settings/users?q=maria&status=active"],
      ["/settings/users?q=josé maria¿", "/settings/users?q=jos%C3%A9%20maria%C2%BF"],
      ["https://evil.example", "/"],
      ["//evil.example", "/"],
      ["/\\evil.example", "/"],
      ["/\t/evil.example", "/"],
      ["\\\\evil.example", "/"],
      ["javascript:alert(1)", "/"],
      [" //evil.example", "/"],
    ] as const) {
      const form = { identifier: oak.owner.email, password: GOOD_PASSWORD, next };
      const answer = await oak.request("/sign-in", { form });
      assert.equal(answer.status, 303, answer.text);
      assert.equal(answer.headers.location, expected, JSON.stringify(next));
      const link = `/sign-in?next=${encodeURIComponent(next)}`;
      const shown = await oak.request(link);
      assert.equal(shown.text.includes('name="next"'), expected !== "/", `${link} is offered`);
      const again = await oak.request(link, { cookies: await oak.asOwner() });
      assert.equal(again.headers.location, expected, "who is signed in is led on at once");
    }
  });

  test("follows a password set by a link, on a browser where somebody else is signed in", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria" });
    const cookies = await oak.asOwner();
    const former = String(cookies);
    const token = await oak.mailedToken(maria, cookies);
    await openLink(oak, token, { cookies });
    const form = { recovery: idIn(token), new_password: NEW_PASSWORD, confirm_password: NEW_PASSWORD };
    const set = await oak.request("/reset-password", { form, cookies });
    assert.equal(set.headers.location, "/sign-in");
    const shown = await oak.request("/sign-in", { cookies });
    assert.equal(shown.status, 200, `led to ${shown.headers.location} as ${oak.owner.name}`);
    assert(shown.text.includes(`value="${maria.username}"`), "the user name is filled in");
    const signedIn = await oak.request("/sign-in", {
      form: { identifier: maria.username, password: NEW_PASSWORD },
      cookies,
    });
    assert.equal(signedIn.status, 303, signedIn.text);
    const session = (await oak.api("GET", "/session", { cookies })).json() as { user: { id: string } };
    assert.equal(session.user.id, maria.id);
    const before = await oak.api("GET", "/session", { headers: { cookie: former } });
    assert.equal(before.status, 401, "the browser's former session has ended");
    assert.equal((await oak.request("/sign-in", { cookies })).headers.location, "/", "whoever is signed in is led on");
  });

  test("by the form says what was wrong, keeps what was typed but the password", async () => {
    const oak = await rekey.createInstance();
    const form = { identifier: '"><script>maria', password: "secret in the wrong place", next: "/settings" };
    const answer = await oak.request("/sign-in", { form });
    assert.equal(answer.status, 401);
    assert.match(wordsOf(answer.text), /The user name or password is not right\./);
    assert.match(answer.text, /value="&quot;&gt;&lt;script&gt;maria"/);
    assert.match(answer.text, /name="next" value="\/settings"/);
    assert.doesNotMatch(answer.text, /secret in the wrong place/);
  });

  test("asks who comes without a session to sign in, and says whom the session belongs to", async () => {
    const oak = await rekey.createInstance();
    const cookies = new CookieJar();
    const page = await oak.request("/settings/users?q=a", { cookies });
    assert.equal(page.headers.location, "/sign-in?next=%2Fsettings%2Fusers%3Fq%3Da");
    assert.equal((await oak.api("GET", "/session", { cookies })).status, 401);
    const support = await oak.addUser({ role: "support" });
    const session = (await oak.api("GET", "/session", { cookies: await oak.signIn(support) })).json() as Record<
      string,
      unknown
    >;
    assert.equal((session.user as { role: string }).role, "support");
    assert.deepEqual(session.permissions, ["users.read", "recovery.send_link", "tickets.work"]);
  });

  test("signing out ends this session alone, is recorded, and repeats safely", async () => {
    const oak = await rekey.createInstance();
    const [one, other] = [await oak.asOwner(), await oak.asOwner()];
    const copy = String(one);
    assert.equal((await oak.api("DELETE", "/session", { cookies: one })).status, 204);
    assert.equal((await oak.api("GET", "/session", { headers: { cookie: copy } })).status, 401);
    assert.equal((await oak.api("GET", "/session", { cookies: other })).status, 200);
    assert.equal((await oak.api("DELETE", "/session", { headers: { cookie: copy } })).status, 401);
    assert.equal((await oak.request("/sign-out", { form: {}, headers: { cookie: copy } })).status, 303);
    assert.equal(await countOf(oak, "session.end"), 1);
  });

  test("a source address that somebody writes into a header is not believed", async () => {
    const oak = await rekey.createInstance();
    const headers = { "x-forwarded-for": "203.0.113.9", forwarded: "for=203.0.113.9", "x-real-ip": "203.0.113.9" };
    const json = { identifier: oak.owner.email, password: GOOD_PASSWORD };
    assert.equal((await oak.api("POST", "/session", { json, headers })).status, 200);
    const [session] = await rowsOf(oak, "sessions");
    assert.equal(session?.source_address, "127.0.0.1");
    const created = (await rowsOf(oak, "audit_events")).find(({ action }) => action === "session.create");
    assert.equal(created?.source_address, "127.0.0.1");
  });
});

async function countOf(oak: TestInstance, action: string): Promise<number> {
  return (await rowsOf(oak, "audit_events")).filter((event) => event.action === action).length;
}
