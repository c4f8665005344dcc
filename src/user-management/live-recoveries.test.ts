import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { CookieJar } from "../../test/support/http.ts";
import { wordsOf } from "../../test/support/password-paths.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

suite("a temporary password that a reset link follows", () => {
  test("stands beside the link at the top of profile and panel, each with its Revoke, however many came between", async () => {
    const { oak, maria, admin } = await cast();
    for (let sent = 0; sent < 11; sent += 1) await revoke(oak, admin, await sendLink(oak, admin, maria));
    const link = await sendLink(oak, admin, maria);
    const temporary = (await rowsOf(oak, "recoveries")).find(({ method }) => method === "temporary_password");
    for (const page of ["", "/panel"]) {
      const { text } = await oak.request(`/settings/users/${maria.id}${page}`, { cookies: admin });
      const [top = ""] = text.split("<details");
      for (const id of [link, temporary?.id]) assert.match(top, new RegExp(`/recoveries/${String(id)}/revoke`));
      assert.match(wordsOf(top), /Temporary password and link/);
    }
    assert.match(await chipOf(oak, admin, maria), /Temporary password and link/);
  });

  test("is what the chip speaks of once the link is revoked or has run out, and what the API calls live", async () => {
    const { oak, maria, admin } = await cast();
    await revoke(oak, admin, await sendLink(oak, admin, maria));
    assert.match(await chipOf(oak, admin, maria), /Temporary password$/);
    assert.equal(await liveMethod(oak, admin, maria), "temporary_password");
    await oak.mailedToken(maria, admin);
    assert.equal(await liveMethod(oak, admin, maria), "reset_link");
    rekey.clock.advance(61 * 60_000);
    const later = await oak.asOwner();
    assert.match(await chipOf(oak, later, maria), /Temporary password$/);
    assert.equal(await liveMethod(oak, later, maria), "temporary_password");
  });

  test("once it let the person in, says so, since that matters more than the link", async () => {
    const { oak, maria, admin, password } = await cast();
    await sendLink(oak, admin, maria);
    await oak.signIn(maria, password);
    assert.match(await chipOf(oak, admin, maria), /In, has to change the password$/);
  });

  test("does not hide that the mail with the link was refused", async () => {
    const { oak, maria, admin } = await cast();
    rekey.sink.answer(({ to }) => (to.includes(maria.email) ? "550 5.1.1 No such user" : undefined));
    await sendLink(oak, admin, maria);
    await untilIdle(oak);
    assert.match(await chipOf(oak, admin, maria), /Mail refused/);
  });
});

async function cast(): Promise<{ oak: TestInstance; maria: TestUser; admin: CookieJar; password: string }> {
  const oak = await rekey.createInstance();
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  const admin = await oak.asOwner();
  const json = { mode: "generated", verification: { method: "in_person" } };
  const given = await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: admin });
  assert.equal(given.status, 201, given.text);
  await untilIdle(oak);
  return { oak, maria, admin, password: (given.json() as { password: string }).password };
}

async function sendLink(oak: TestInstance, cookies: CookieJar, user: TestUser): Promise<string> {
  const sent = await oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies });
  assert.equal(sent.status, 202, sent.text);
  return (sent.json() as { id: string }).id;
}

async function revoke(oak: TestInstance, cookies: CookieJar, id: string): Promise<void> {
  assert.equal((await oak.api("DELETE", `/recoveries/${id}`, { cookies })).status, 204);
}

/** What the list says of how the user can get in. */
async function chipOf(oak: TestInstance, cookies: CookieJar, user: TestUser): Promise<string> {
  const { text } = await oak.request(`/settings/users?q=${user.username}`, { cookies });
  const row = [...text.matchAll(/<tr role="row">(.*?)<\/tr>/gs)].find(([line]) => line.includes(user.id))?.[1] ?? "";
  return wordsOf([...row.matchAll(/<td.*?<\/td>/gs)].at(-1)?.[0] ?? "").trim();
}

async function liveMethod(oak: TestInstance, cookies: CookieJar, user: TestUser): Promise<string> {
  const { access } = (await oak.api("GET", `/users/${user.id}`, { cookies })).json() as {
    access: { live_recovery: { method: string } };
  };
  return access.live_recovery.method;
}
