import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DAY_MS } from "#lib/clock.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { codeOf, NEW_PASSWORD, redeem } from "../../test/support/reset-link.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

/** Every act on somebody's credentials, and to whom the mail about it goes. */
const ACTS: readonly {
  readonly sentence: string;
  act(oak: TestInstance, maria: TestUser, admin: CookieJar): Promise<string>;
}[] = [
  {
    sentence: "a new password by link",
    act: async (oak, maria, admin) => {
      assert.equal((await redeem(oak, await oak.mailedToken(maria, admin))).status, 204);
      return maria.email;
    },
  },
  {
    sentence: "a temporary password",
    act: async (oak, maria, admin) => {
      const json = { mode: "generated", verification: { method: "in_person" } };
      const given = await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: admin });
      assert.equal(given.status, 201);
      return maria.email;
    },
  },
  {
    sentence: "a change of one's own",
    act: async (oak, maria) => {
      const json = { current_password: maria.password, new_password: NEW_PASSWORD };
      const cookies = await oak.signIn(maria);
      assert.equal((await oak.api("POST", "/session/password", { json, cookies })).status, 204);
      return maria.email;
    },
  },
  {
    sentence: "another address, told at the old one",
    act: async (oak, maria, cookies) => {
      const json = { email: `other-${maria.username}@oak.example` };
      assert.equal((await oak.api("PATCH", `/users/${maria.id}`, { json, cookies })).status, 200);
      return maria.email;
    },
  },
];

suite("A5: “this was not me”", () => {
  for (const { sentence, act } of ACTS) {
    test(`A5 after ${sentence}: opening does nothing, saying so ends everything, once, and tells the administrators`, async () => {
      const oak = await rekey.createInstance();
      const admin = await oak.asOwner();
      const maria = await oak.addUser({ firstName: "Maria" });
      const link = await linkIn(oak, await act(oak, maria, admin));
      const password = sentence.includes("address") ? maria.password : NEW_PASSWORD;
      const session = /temporary/.test(sentence) ? undefined : await oak.signIn(maria, password);
      const before = await rowsOf(oak, "credentials");
      for (let time = 0; time < 3; time += 1) assert.equal((await oak.request(link)).status, 200);
      assert.deepEqual(await rowsOf(oak, "credentials"), before, "opening does nothing");
      const said = await oak.request(link, { form: {} });
      assert.equal(said.status, 200, said.text);
      if (session) assert.equal((await oak.api("GET", "/session", { cookies: session })).status, 401);
      const attempt = { json: { identifier: maria.username, password } };
      assert.equal((await oak.api("POST", "/session", attempt)).status, 401, "the password is refused");
      const { message } = await oak.mailTo(oak.owner.email, (mail) => /not me/.test(mail.message.subject ?? ""));
      assert.match(message.text ?? "", new RegExp(`/settings/users/${maria.id}`));
      const event = (await rowsOf(oak, "audit_events")).find(({ action }) => action === "password.disown");
      assert.deepEqual([event?.result, event?.actor_type, event?.target_id], ["ok", "stranger", maria.id]);
      assert.equal((await oak.request(link, { form: {} })).status, 409, "once");
      assert.match((await oak.request(link)).text, /Your account is frozen/, "whoever doubts that it worked is told");
    });
  }

  test("freezes the account: no path makes a link or a password until an administrator has made sure and thaws it", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    await oak.api("PATCH", "/settings", { json: { allows_copied_links: true }, cookies: owner });
    const maria = await oak.addUser();
    await ACTS[0]?.act(oak, maria, owner);
    assert.match((await oak.request(await linkIn(oak, maria.email), { form: {} })).text, /Your account is frozen/);
    await untilIdle(oak);
    const mails = (await rowsOf(oak, "emails")).length;

    const verification = { method: "call_back", note: "" };
    const onMaria = (path: string, json = {}) => oak.api("POST", `/users/${maria.id}${path}`, { json, cookies: owner });
    for (const [path, json] of [
      ["/reset-links", {}],
      ["/reset-links/correct-and-send", { email: "else@oak.example" }],
      ["/temporary-password", { mode: "generated", verification }],
      ["/require-new-password", {}],
    ] as const) {
      const refused = await onMaria(path, json);
      assert.deepEqual([refused.status, codeOf(refused)], [409, "user_frozen"], path);
    }
    const copied = await oak.request(`/settings/users/${maria.id}/copy-reset-link`, { form: {}, cookies: owner });
    assert.equal(copied.status, 409);
    assert.equal((await oak.api("POST", "/recovery-requests", { json: { identifier: maria.email } })).status, 202);
    await untilIdle(oak);
    assert.equal((await rowsOf(oak, "emails")).length, mails, "nor by Forgot password?");
    const profile = await oak.request(`/settings/users/${maria.id}`, { cookies: owner });
    assert.match(profile.text, /Frozen: “This was not me”/);
    assert.deepEqual(await causesOf(oak, maria, owner), ["frozen", "new_password_required"], "its password is refused");

    assert.equal((await onMaria("/thaw")).status, 422, "A3: not without the verification record");
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    const path = `/users/${maria.id}/thaw`;
    assert.equal((await oak.api("POST", path, { json: { verification }, cookies: support })).status, 403);
    assert.equal((await onMaria("/thaw", { verification })).status, 200);
    const again = await onMaria("/thaw", { verification });
    assert.deepEqual([again.status, codeOf(again)], [409, "not_frozen"]);
    assert.deepEqual(await causesOf(oak, maria, owner), ["new_password_required"]);
    for (const page of ["/", "/settings/users", `/settings/users/${maria.id}`])
      assert.match((await oak.request(page, { cookies: owner })).text, /New password required/, page);
    const record = (await rowsOf(oak, "verifications")).find(({ user_id: userId }) => userId === maria.id);
    assert.equal(record?.method, "call_back");
    rekey.clock.advance(61_000);
    assert.equal((await onMaria("/reset-links")).status, 202);
    await untilIdle(oak);
    const link = oak.linksTo(maria).at(-1);
    assert(link);
    assert.equal(
      (await redeem(oak, tokenIn(link), NEW_PASSWORD)).status,
      422,
      "what was not theirs does not come back",
    );
    assert.equal((await redeem(oak, tokenIn(link), "copper window garden violin")).status, 204);
  });

  test("of an older mail says at once that a newer one counts; a link that does not work leads to an administrator, not to a fresh password", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const admin = await oak.asOwner();
    await ACTS[2]?.act(oak, maria, admin);
    const older = await linkIn(oak, maria.email);
    assert.equal((await oak.request(older)).status, 200);
    await ACTS[1]?.act(oak, maria, admin);
    await untilIdle(oak);
    for (const [link, status, words] of [
      [older, 409, /A newer mail tells of a later change/],
      [older.slice(0, -9), 404, /Open the mail again and click the button, or copy the whole address\.</],
    ] as const) {
      const page = await oak.request(link);
      assert.equal(page.status, status);
      assert.match(page.text, words);
      assert.match(page.text, /href="\/contact"/);
      assert.doesNotMatch(page.text, /forgot-password|href="\/sign-in"/);
    }
  });

  test("A5 is forged by nobody, belongs to its instance, and ends after a week", async () => {
    const oak = await rekey.createInstance();
    const pine = await rekey.createInstance("Pine House");
    const maria = await oak.addUser();
    await ACTS[1]?.act(oak, maria, await oak.asOwner());
    const link = await linkIn(oak, maria.email);
    await untilIdle(oak);
    for (const forged of [
      link.slice(0, -2),
      `${link}A`,
      link.replace(/.$/, (last) => (last === "A" ? "B" : "A")),
      "/not-me/x",
    ]) {
      assert.equal((await oak.request(forged)).status, 404, forged);
      assert.equal((await oak.request(forged, { form: {} })).status, 404, forged);
    }
    assert.equal((await pine.request(link, { form: {} })).status, 404);
    rekey.clock.advance(7 * DAY_MS);
    assert.equal((await oak.request(link, { form: {} })).status, 410);
  });
});

/** @returns the path of the link in the newest mail about a change. */
async function linkIn(oak: TestInstance, address: string): Promise<string> {
  const { message } = await oak.mailTo(address, (mail) => /\/not-me\//.test(mail.message.text ?? ""));
  assert((message.html || "").includes("This was not me"));
  return /\/not-me\/[\w-]+/.exec(message.text ?? "")?.[0] ?? "";
}

/** @returns why the person cannot sign in, the true cause first. */
async function causesOf(oak: TestInstance, user: TestUser, cookies: CookieJar): Promise<readonly string[]> {
  const { items } = (await oak.api("GET", `/users/${user.id}/diagnosis`, { cookies })).json() as {
    items: readonly { cause: string }[];
  };
  return items.map(({ cause }) => cause);
}
