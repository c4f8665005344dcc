import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { CookieJar } from "../../test/support/http.ts";
import { isResetLink, type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { NEW_PASSWORD, redeem, redeemOnPage } from "../../test/support/reset-link.ts";

const rekey = await testRekey();

suite("S9: what is refused from now on", () => {
  test("does not come back by the link, which stays good for another password", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const token = await requireNew(oak, maria, await oak.asOwner());
    const refused = await redeem(oak, token, maria.password);
    assert.equal(refused.status, 422);
    const { code, errors } = refused.json() as { code: string; errors: { field: string; code: string }[] };
    assert.equal(code, "password_rejected");
    assert.deepEqual(
      errors.map((each) => [each.field, each.code]),
      [["password", "same_as_refused"]],
    );
    const onPage = await redeemOnPage(oak, token, maria.password);
    assert.equal(onPage.status, 422);
    assert.match(onPage.text, /This password is refused from now on\. Choose another one\./);
    assert.equal((await redeem(oak, token)).status, 204);
    await oak.signIn(maria, NEW_PASSWORD);
  });

  test("is a temporary password too, that somebody else has heard, however it is written", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const owner = await oak.asOwner();
    const json = { mode: "generated", verification: { method: "in_person" } };
    const set = await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: owner });
    const { password } = set.json() as { password: string };
    const token = await requireNew(oak, maria, owner);
    for (const given of [password, password.toUpperCase()])
      assert.equal((await redeem(oak, token, given)).status, 422, given);
    assert.equal((await redeem(oak, token)).status, 204);
  });
});

test("By a link that was only asked for, the password may stay what it is", async () => {
  const oak = await rekey.createInstance();
  const maria = await oak.addUser();
  const token = await oak.mailedToken(maria, await oak.asOwner());
  assert.equal((await redeem(oak, token, maria.password)).status, 204);
});

/** @returns the token of the link that is mailed then. */
async function requireNew(oak: TestInstance, user: TestUser, cookies: CookieJar): Promise<string> {
  const required = await oak.api("POST", `/users/${user.id}/require-new-password`, { json: {}, cookies });
  assert.equal(required.status, 202, required.text);
  return tokenIn(await oak.mailTo(user.email, isResetLink));
}
