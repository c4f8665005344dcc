import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import { type Answer, CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { openLink, redeemOnPage } from "../../test/support/reset-link.ts";
import { untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const EVIL = "evil.example";

/** What proxies, frameworks and attackers have written in front of a request. The Host header alone says for which instance it is. */
const HEADERS: readonly Readonly<Record<string, string | readonly string[]>>[] = [
  { "X-Forwarded-Host": EVIL },
  { "X-Forwarded-Host": `${EVIL}:443` },
  { "X-Forwarded-Host": [EVIL, EVIL] },
  { "X-Forwarded-Host": `localhost, ${EVIL}` },
  { "X-Forwarded-Host": `user@${EVIL}` },
  { "X-Forwarded-Host": `${EVIL}/?` },
  { "X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "X-Forwarded-Port": "8443" },
  { "X-Forwarded-Proto": "https" },
  { "X-Forwarded-Proto": "javascript" },
  { "X-Forwarded-Port": "8443" },
  { "X-Forwarded-Prefix": `//${EVIL}` },
  { "X-Forwarded-Path": `//${EVIL}` },
  { "X-Forwarded-Server": EVIL },
  { "X-Forwarded-Scheme": "https" },
  { "X-Forwarded-Ssl": "on" },
  { "X-Forwarded-For": EVIL },
  { "X-Forwarded": `host=${EVIL}` },
  { "X-Original-Forwarded-Host": EVIL },
  { Forwarded: `host=${EVIL}` },
  { Forwarded: `for=192.0.2.1;host="${EVIL}";proto=https` },
  { Forwarded: [`host=localhost`, `host=${EVIL}`] },
  { "Front-End-Https": "on" },
  { "X-Host": EVIL },
  { "X-HTTP-Host-Override": EVIL },
  { "X-Original-Host": EVIL },
  { "X-Backend-Host": EVIL },
  { "X-Real-Host": EVIL },
  { "X-Original-URL": `http://${EVIL}/` },
  { "X-Rewrite-URL": `http://${EVIL}/` },
  { "X-Url-Scheme": "https" },
  { "X-Real-IP": EVIL },
  { "X-Client-IP": EVIL },
  { "CF-Connecting-IP": EVIL },
  { "True-Client-IP": EVIL },
  { "Base-Url": `http://${EVIL}` },
  { "Request-Uri": `http://${EVIL}/` },
  { "Proxy-Host": EVIL },
  { Destination: EVIL },
  { Via: `1.1 ${EVIL}` },
  { Referer: `http://${EVIL}/` },
  { Origin: `http://${EVIL}` },
];

suite("T10: links, redirects and cookies come from the configured origin", () => {
  let oak: TestInstance;
  before(async () => (oak = await rekey.createInstance()));

  test("whatever 40 kinds of headers say", async () => {
    assert(HEADERS.length >= 40);
    for (const headers of HEADERS) {
      const said = JSON.stringify(headers);
      const maria = await oak.addUser({ password: null });
      const asked = await oak.request("/forgot-password", { form: { identifier: maria.email }, headers });
      assertOwn(asked, said);
      const { message, raw } = await oak.mailTo(maria.email);
      assert(!raw.toString().includes(EVIL) && !message.html?.includes(EVIL), said);
      const links = [...`${message.text} ${message.html}`.matchAll(/https?:\/\/[^\s"<]+/g)].map(([link]) => link);
      assert(links.length >= 2, "the link stands in both parts");
      for (const link of links) assert.equal(new URL(link).origin, oak.instance.origin, said);
      const token = /\/reset-password\/([\w-]+)/.exec(message.text ?? "")?.[1] ?? "";
      const cookies = new CookieJar();
      const opened = await oak.request(`/reset-password/${token}`, { headers, cookies });
      assert.match(opened.headers.location ?? "", /^\/reset-password\?/);
      assertOwn(opened, said);
      assertOwn(await openLink(oak, token, { headers, cookies }), said);
    }
  });

  test("when a password is set and somebody signs in, too", async () => {
    const headers = { "X-Forwarded-Host": EVIL, Forwarded: `host=${EVIL};proto=https`, "X-Forwarded-Proto": "https" };
    const maria = await oak.addUser();
    const token = await oak.mailedToken(maria, await oak.asOwner());
    assert.equal((await redeemOnPage(oak, token, "violet harbor thunder kettle")).status, 303);
    const form = { identifier: maria.username, password: "violet harbor thunder kettle" };
    const signedIn = await oak.request("/sign-in", { form, headers });
    assert.equal(signedIn.status, 303);
    assert.equal(signedIn.headers.location, "/");
    assertOwn(signedIn, "sign-in");
    const asked = await oak.request("/settings/users", { headers });
    assert.equal(asked.headers.location, "/sign-in?next=%2Fsettings%2Fusers");
  });

  test("and a host that is no instance's gets 421 and nothing else, wherever it asks", async () => {
    const { host } = oak;
    const named = [EVIL, `${host.split(":")[0]}.${EVIL}:3000`, "localhost:1", "[::1]", "127.0.0.1", "*"];
    for (const unknown of [...named, `${host.split(":")[0]}`, `www.${host}`]) {
      for (const target of ["/sign-in", "/api/v1/session", "/assets/x", "/instance.css", "/api/openapi.json"]) {
        assertRefused(await oak.request(target, { host: unknown }), [421]);
      }
      const identifier = oak.owner.email;
      const options = { host: unknown, json: { identifier } };
      assertRefused(await oak.api("POST", "/recovery-requests", options), [421]);
      for (const health of ["/healthz", "/readyz"]) {
        assert.equal((await oak.request(health, { host: unknown })).status, 200, `${unknown} ${health}`);
      }
    }
    // What is no host at all may be refused as that (RFC 9112, section 3.2).
    for (const broken of [
      `${host}.${EVIL}`,
      `${host},${EVIL}`,
      `x@${host}`,
      `${host}/`,
      `${host}#`,
      " ",
      "a b",
      "%00",
    ]) {
      assertRefused(await oak.request("/sign-in", { host: broken }), [400, 421]);
    }
    await untilIdle(oak);
    assert.deepEqual(oak.linksTo(oak.owner), []);
  });

  test("and the host's letters may be large or small", async () => {
    const maria = await oak.addUser({ password: null });
    const host = oak.host.toUpperCase();
    const asked = await oak.request("/forgot-password", { form: { identifier: maria.email }, host });
    assert.equal(asked.status, 303);
    assert((await oak.mailTo(maria.email)).message.text?.includes(`${oak.instance.origin}/reset-password/`));
  });
});

function assertRefused(answer: Answer, statuses: readonly number[]): void {
  assert(statuses.includes(answer.status), `${answer.status} ${answer.text}`);
  assert(!answer.text.includes(EVIL) && answer.setCookies.length === 0);
}

/** Nothing of the answer speaks of another host, and its cookies are this host's own. */
function assertOwn(answer: Answer, said: string): void {
  assert(answer.status < 400, `${said}: ${answer.status} ${answer.text}`);
  assert(!JSON.stringify(answer.headers).includes(EVIL), said);
  assert(!answer.text.includes(EVIL), said);
  for (const cookie of answer.setCookies) {
    assert(!/;\s*domain=/i.test(cookie), cookie);
    assert(/; HttpOnly/i.test(cookie) || /; Max-Age=0/i.test(cookie), cookie);
  }
}
