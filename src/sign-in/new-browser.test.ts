import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { redeem } from "../../test/support/reset-link.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
const NEW_PASSWORD = "copper window garden violin";

suite("A sign-in from a new browser", () => {
  test("is told by mail once another browser is known, with what it was and from where", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    await signIn(oak, maria, { browser: FIREFOX });
    assert.equal(await mailsAbout(oak, maria), 0, "of the first one the person has just set the password for");
    await signIn(oak, maria, { browser: SAFARI, from: "127.0.0.7" });
    assert.equal(await mailsAbout(oak, maria), 1);
    const { message } = await oak.mailTo(maria.email, isAboutBrowser);
    assert.match(String(message.text), /Browser: Safari on iPhone\nInternet address: 127\.0\.0\.7/);
    assert.match(String(message.html), /Safari on iPhone/);
  });

  test("is not told of a browser that is known, nor of one of the same kind at the same address", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const known = await signIn(oak, maria, { browser: FIREFOX });
    await signIn(oak, maria, { browser: FIREFOX, cookies: known, from: "127.0.0.5" });
    await signIn(oak, maria, { browser: FIREFOX, cookies: known });
    await signIn(oak, maria, { browser: FIREFOX });
    assert.equal(await mailsAbout(oak, maria), 0);
    await signIn(oak, maria, { browser: FIREFOX, from: "127.0.0.9" });
    assert.equal(await mailsAbout(oak, maria), 1, "the same kind from elsewhere is");
    assert((await rowsOf(oak, "known_browsers")).length <= 20);
  });

  test("is disowned with the link in the mail: nobody is signed in any more, and the password is refused", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const mine = await signIn(oak, maria, { browser: FIREFOX });
    const theirs = await signIn(oak, maria, { browser: SAFARI });
    const link = await notMeLink(oak, maria);
    assert.equal((await oak.request(link)).status, 200);
    assert.equal((await oak.api("GET", "/session", { cookies: theirs })).status, 200, "opening it changes nothing");
    assert.equal((await oak.request(link, { form: {} })).status, 200);
    for (const cookies of [mine, theirs]) assert.equal((await oak.api("GET", "/session", { cookies })).status, 401);
    assert.equal((await tryIn(oak, maria, { browser: SAFARI })).status, 401);
  });

  test("cannot be disowned any more once the password was set anew, which would shut out its owner", async () => {
    const oak = await rekey.createInstance();
    const [maria, owner] = [await oak.addUser(), await oak.asOwner()];
    await signIn(oak, maria, { browser: FIREFOX });
    await signIn(oak, maria, { browser: SAFARI });
    const link = await notMeLink(oak, maria);
    assert.equal((await redeem(oak, await oak.mailedToken(maria, owner), NEW_PASSWORD)).status, 204);
    assert.equal((await oak.request(link, { form: {} })).status, 409);
    await signIn(oak, { ...maria, password: NEW_PASSWORD }, { browser: FIREFOX });
  });

  test("keeps no more than twenty browsers of one account in mind", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    for (let number = 1; number <= 23; number += 1) await signIn(oak, maria, { browser: FIREFOX });
    assert.equal((await rowsOf(oak, "known_browsers")).length, 20);
  });
});

interface Trying {
  readonly browser: string;
  readonly cookies?: CookieJar;
  readonly from?: string;
}

function tryIn(oak: TestInstance, { username, password }: TestUser, { browser, cookies, from = "127.0.0.1" }: Trying) {
  const headers = { "user-agent": browser };
  const json = { identifier: username, password };
  return oak.api("POST", "/session", { json, headers, from, cookies: cookies ?? new CookieJar() });
}

async function signIn(oak: TestInstance, user: TestUser, trying: Trying): Promise<CookieJar> {
  const cookies = trying.cookies ?? new CookieJar();
  assert.equal((await tryIn(oak, user, { ...trying, cookies })).status, 200);
  return cookies;
}

const isAboutBrowser = ({ message }: { message: { subject?: string | undefined } }): boolean =>
  /from a new browser/.test(message.subject ?? "");

async function mailsAbout(oak: TestInstance, { id }: TestUser): Promise<number> {
  await untilIdle(oak);
  return (await rowsOf(oak, "emails")).filter(({ kind, user_id: of }) => kind === "new_browser" && of === id).length;
}

async function notMeLink(oak: TestInstance, { email }: TestUser): Promise<string> {
  const { message } = await oak.mailTo(email, isAboutBrowser);
  return /\/not-me\/[\w-]+/.exec(message.text ?? "")?.[0] ?? "";
}
