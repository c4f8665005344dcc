import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { suite, test } from "node:test";

import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import { CookieJar } from "../../test/support/http.ts";
import { inParallel } from "../../test/support/in-parallel.ts";
import { times } from "../../test/support/numbers.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { codeOf, openLink, redeem } from "../../test/support/reset-link.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const AT_ONCE = 20;

/** Where a token can be tried, each with what it takes. */
const DOORS = {
  "the mailed address": (oak, token) => oak.request(`/reset-password/${token}`),
  "the API": (oak, token) => redeem(oak, token),
  "the API for a fresh link": (oak, token) => oak.api("POST", "/recovery-redemptions/renew", { json: { token } }),
  "the address to disown a change": (oak, token) => oak.request(`/not-me/${token}`),
  "the answer to that": (oak, token) => oak.request(`/not-me/${token}`, { form: {} }),
} as const satisfies Record<string, Try>;

type Oak = Awaited<ReturnType<typeof rekey.createInstance>>;
type Try = (oak: Oak, token: string) => Promise<{ status: number; text: string }>;

suite("T8: guessing links", () => {
  test("T8 finds nothing and is soon told to wait, while the owner's link works from the same address", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const token = await oak.mailedToken(maria, await oak.asOwner());
    const guesses = Array.from({ length: times({ quick: 300, full: 10_000 }) }, () => guess(token));
    rekey.clock.freezeAt(rekey.clock.now()); // However long it takes, nobody's turn comes back meanwhile.
    const statuses = await inParallel(guesses, async (each) => (await redeem(oak, each)).status);
    rekey.clock.run();
    const wrong = statuses.filter((status) => status === 404);
    assert.equal(wrong.length, AT_ONCE, "so many before the 429");
    assert.equal(statuses.filter((status) => status === 429).length, guesses.length - AT_ONCE);
    assert((await openLink(oak, token)).text.includes("New Password"), "the owner sees the form");
    assert.equal((await redeem(oak, token)).status, 204, "and sets a password");
    const redeemed = (await rowsOf(oak, "recoveries")).filter(({ state }) => state === "completed");
    assert.equal(redeemed.length, 1);
  });

  for (const [door, attempt] of Object.entries(DOORS)) {
    test(`T8 is throttled at ${door}, with the time to wait, and not for ever`, async () => {
      const oak = await rekey.createInstance();
      const token = await oak.mailedToken(await oak.addUser(), await oak.asOwner());
      rekey.clock.freezeAt(rekey.clock.now());
      try {
        for (let number = 1; number <= AT_ONCE; number += 1)
          assert.equal((await attempt(oak, guess(token))).status, 404);
        const refused = await attempt(oak, guess(token));
        assert.equal(refused.status, 429, refused.text);
        rekey.clock.advance(MINUTE_MS / 2);
        assert.equal((await attempt(oak, guess(token))).status, 404, "one more every half minute");
        assert.equal((await attempt(oak, guess(token))).status, 429);
      } finally {
        rekey.clock.run();
      }
    });
  }

  test("T8 says when to come again, by API and on the page, and what is over is forgotten", async () => {
    const oak = await rekey.createInstance();
    const token = await oak.mailedToken(await oak.addUser(), await oak.asOwner());
    for (let number = 1; number <= AT_ONCE; number += 1) await redeem(oak, guess(token));
    const answer = await redeem(oak, guess(token));
    assert.equal(codeOf(answer), "too_many_requests");
    assert(Number(answer.headers["retry-after"]) <= 30);
    const page = await oak.request(`/reset-password/${guess(token)}`, { cookies: new CookieJar() });
    assert(Number(page.headers["retry-after"]) <= 30);
    assert.match(page.text, /too often/);
    await oak.api("POST", "/recovery-requests", { json: { identifier: oak.owner.email } });
    await untilIdle(oak);
    const limits = () => rowsOf(oak, "rate_limits");
    assert.equal((await limits()).length, 4, "the guesses; the mails of the Owner, of the source, of the instance");
    rekey.clock.advance(2 * HOUR_MS);
    await redeem(oak, guess(token));
    assert.equal((await limits()).length, 1, "only this guess is remembered");
  });
});

/** @returns a token for the same recovery that differs in nothing but the secret. */
function guess(token: string): string {
  const bytes = Buffer.from(token, "base64url");
  return Buffer.concat([bytes.subarray(0, 16), randomBytes(32)]).toString("base64url");
}
