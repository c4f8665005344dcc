import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { CookieJar, type RequestOptions } from "../../test/support/http.ts";
import { inParallel } from "../../test/support/in-parallel.ts";
import { times } from "../../test/support/numbers.ts";
import { mainOf } from "../../test/support/page-main.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { openLink, redeem, redeemOnPage } from "../../test/support/reset-link.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const PEOPLE = times({ quick: 5, full: 1_000 });

/** How mail scanners, previews and browsers open a link before the person does. */
const OPENINGS: readonly RequestOptions[] = [
  {},
  { method: "HEAD" },
  { method: "OPTIONS" },
  { headers: { "sec-fetch-site": "none", "user-agent": "Mozilla/5.0 (Windows NT 10.0) SafeLinks" } },
  { headers: { "Sec-Purpose": "prefetch;prerender", Purpose: "prefetch" } },
  { headers: { "X-Moz": "prefetch" } },
  { headers: { "X-Purpose": "preview" } },
  { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" } },
  { headers: { Range: "bytes=0-0" } },
  { headers: { "user-agent": "Slackbot-LinkExpanding 1.0" } },
];

suite("T5: opening a reset link", () => {
  test(`changes nothing but the timeline, however often and by whatever it is opened, and then the person succeeds`, async () => {
    const oak = await rekey.createInstance();
    const tokens = await mailLinks(oak);
    const unchanged = await stateOf(oak);
    let opens = 0;
    await inParallel(tokens, async (token) => {
      for (const opening of OPENINGS) {
        // A browser keeps cookies and a scanner does not; both follow redirects.
        const opened = await openLink(oak, token, { ...opening, cookies: new CookieJar() });
        assert(opened.status === 200 || opening.method === "OPTIONS", `${opened.status} ${JSON.stringify(opening)}`);
        const bare = await oak.request(`/reset-password/${token}`, opening);
        if (bare.headers.location) await oak.request(bare.headers.location, opening);
        opens += 2;
      }
    });
    assert.equal(opens, PEOPLE * OPENINGS.length * 2);
    assert.equal(await stateOf(oak), unchanged);
    const results = await inParallel([...tokens.entries()], async ([number, token]) =>
      number % 2 === 0 ? (await redeem(oak, token)).status : (await redeemOnPage(oak, token)).status,
    );
    assert.equal(results.filter((status) => status === 204 || status === 303).length, PEOPLE);
    await untilIdle(oak); // A thousand people are told of their new password; the next test's mail would wait behind them.
  });

  test("by a machine that presses the button with no password, or a bad one, consumes nothing either", async () => {
    const oak = await rekey.createInstance();
    const token = await oak.mailedToken(await oak.addUser(), await oak.asOwner());
    for (const password of ["", "short", "aaaaaaaaaaaaaaaaaaaa", " violet harbor thunder kettle"]) {
      assert.equal((await redeem(oak, token, password)).status, 422, password);
      assert.equal((await redeemOnPage(oak, token, password)).status, 422, password);
    }
    assert.equal((await redeem(oak, token)).status, 204);
  });
});

test("An opening by a machine is not shown in the list as the person’s own", async () => {
  const oak = await rekey.createInstance();
  const cookies = await oak.asOwner();
  const token = await oak.mailedToken(await oak.addUser(), cookies);
  const open = (headers: Record<string, string>) => openLink(oak, token, { headers, cookies: new CookieJar() });
  const list = async () => mainOf((await oak.request("/settings/users", { cookies })).text);
  await open({ "Sec-Purpose": "prefetch;prerender" });
  assert.match(await list(), /Link sent/);
  await open({});
  assert.match(await list(), /Link opened/);
});

async function mailLinks(oak: TestInstance): Promise<readonly string[]> {
  const admin = await oak.asOwner();
  const tokens: string[] = [];
  for (let number = 1; number <= PEOPLE; number += 1) {
    tokens.push(await oak.mailedToken(await oak.addUser({ password: null }), admin));
  }
  await untilIdle(oak);
  return tokens;
}

/** Everything of the instance that decides who gets in. */
async function stateOf(oak: TestInstance): Promise<string> {
  const tables = ["recoveries", "credentials", "sessions", "emails", "users", "audit_events", "notifications"];
  const rows = await Promise.all(tables.map((table) => rowsOf(oak, table)));
  return JSON.stringify(rows.map((each) => each.map((row) => JSON.stringify(row)).toSorted()));
}
