import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { freeze } from "../../test/support/frozen-user.ts";
import { type Answer, CookieJar } from "../../test/support/http.ts";
import { mainOf } from "../../test/support/page-main.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { openLink } from "../../test/support/reset-link.ts";
import { untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

/** What keeps everybody's links from helping. */
const OUT = [
  ["was deactivated", (oak, user, by) => act(oak, by, `POST /users/${user.id}/deactivate`), /switched off/],
  ["has no access", (oak, user, by) => act(oak, by, `PATCH /users/${user.id}`, { role: "no_access" }), /switched off/],
  ["is frozen", (oak, user) => freeze(oak, user.id), /frozen/],
] as const satisfies readonly (readonly [
  string,
  (oak: TestInstance, user: TestUser, by: CookieJar) => unknown,
  RegExp,
])[];

async function act(oak: TestInstance, cookies: CookieJar, what: string, json = {}): Promise<void> {
  const [method = "", path = ""] = what.split(" ");
  const answer = await oak.api(method, path, { json, cookies });
  assert(answer.status < 300, answer.text);
}

suite("A fresh link in place of one that no longer works", () => {
  for (const [what, happens, says] of OUT)
    test(`is promised to nobody who ${what}; they are told, and whom to ask`, async () => {
      const [oak, admin] = await open();
      const maria = await oak.addUser();
      const token = await oak.mailedToken(maria, admin);
      await happens(oak, maria, admin);
      await act(oak, admin, `DELETE /recoveries/${await recoveryOf(oak, maria, admin)}`).catch(() => {});
      const cookies = new CookieJar();
      for (const answer of [await openLink(oak, token, { cookies }), await renew(oak, maria, { admin, cookies })]) {
        assert.equal(answer.status, 410);
        assert.match(mainOf(answer.text), says);
        assert.match(mainOf(answer.text), /No link lets you in[^]*href="\/contact"/);
      }
      await untilIdle(oak);
      assert.equal(oak.linksTo(maria).length, 1);
    });

  test("goes to another address without telling it to who holds the old link", async () => {
    const [oak, admin] = await open();
    const maria = await oak.addUser({ email: "maria@first.example" });
    const token = await oak.mailedToken(maria, admin);
    await act(oak, admin, `PATCH /users/${maria.id}`, { email: "maria@second.example" });
    const cookies = new CookieJar();
    await openLink(oak, token, { cookies });
    const answer = await renew(oak, maria, { admin, cookies });
    assert.match(mainOf(answer.text), /It goes to the address of the account/);
    assert.doesNotMatch(answer.text, /second\.example/);
    await oak.mailTo("maria@second.example");
  });

  test("is refused in words once as many went out as may within an hour", async () => {
    const [oak, admin] = await open();
    const maria = await oak.addUser();
    const token = await oak.mailedToken(maria, admin);
    const cookies = new CookieJar();
    await openLink(oak, token, { cookies });
    for (let count = 0; count < 5; count += 1) {
      rekey.clock.advance(61_000);
      await renew(oak, maria, { admin, cookies });
      await untilIdle(oak);
    }
    const answer = await renew(oak, maria, { admin, cookies });
    assert.equal(answer.status, 429);
    assert.match(answer.text, /5 mails with a link were sent within the last hour/);
  });

  test("is not needed where the old one came with what stood after it in the mail", async () => {
    const [oak, admin] = await open();
    const maria = await oak.addUser();
    const token = await oak.mailedToken(maria, admin);
    for (const tail of [".", ",", ")", ">", "%3E", "%20", "=", "%0A", "/"]) {
      const answer = await openLink(oak, `${token}${tail}`);
      assert.equal(answer.status, 200, tail);
      assert.match(answer.text, /New Password/);
    }
  });
});

async function open(): Promise<[TestInstance, CookieJar]> {
  const oak = await rekey.createInstance();
  return [oak, await oak.asOwner()];
}

async function recoveryOf(oak: TestInstance, { id }: TestUser, cookies: CookieJar): Promise<string> {
  const answer = await oak.api("GET", `/recoveries?user_id=${id}`, { cookies });
  return (answer.json() as { items: readonly { id: string }[] }).items.at(-1)?.id ?? "";
}

async function renew(
  oak: TestInstance,
  user: TestUser,
  { admin, cookies }: { admin: CookieJar; cookies: CookieJar },
): Promise<Answer> {
  const recovery = await recoveryOf(oak, user, admin);
  return oak.request("/reset-password/renew", { form: { recovery }, cookies });
}
