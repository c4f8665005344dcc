import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { sql } from "kysely";

import { CookieJar } from "../../test/support/http.ts";
import { inParallel } from "../../test/support/in-parallel.ts";
import { findBytes, formsOf, readFiles } from "../../test/support/needles.ts";
import { times } from "../../test/support/numbers.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { idIn, openLink, redeem, redeemOnPage } from "../../test/support/reset-link.ts";
import { dumpOf, rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

/** Of this test alone, so that wherever it is found, it is from here. */
const PASSWORD = "harvest ribbon glacier pepper";

suite("T9: the token of a link", () => {
  test("leaves the address before the form is shown, and goes into no referrer and no cache", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const token = await oak.mailedToken(await oak.addUser(), admin);
    const cookies = new CookieJar();
    const first = await oak.request(`/reset-password/${token}`, { cookies });
    assert.equal(first.status, 303);
    assert.equal(first.headers.location, `/reset-password?recovery=${idIn(token)}`);
    assert.equal(first.headers["referrer-policy"], "no-referrer");
    assert.equal(first.headers["cache-control"], "no-store");
    assert(!first.text.includes(token));
    const [cookie = "", ...others] = first.setCookies;
    assert.deepEqual(others, []);
    assert(cookie.includes(token), "the cookie holds it");
    for (const attribute of [/; HttpOnly/, /; SameSite=Lax/, /; Max-Age=1800/]) assert.match(cookie, attribute);

    const form = await oak.request(first.headers.location ?? "", { cookies });
    assert.equal(form.status, 200);
    assert(form.text.includes('name="new_password"'));
    assert(!`${form.text}${JSON.stringify(form.headers)}`.includes(token));
    assert.equal(form.headers["cache-control"], "no-store");
    for (const [, address = ""] of form.text.matchAll(/(?:href|src|action)="([^"]*)"/g)) {
      assert.match(address, /^(\/(?!\/)|#)/, "nothing is asked of another origin");
    }
    const refused = await redeemOnPage(oak, token, "short");
    assert.equal(refused.status, 422);
    assert(!`${refused.text}${JSON.stringify(refused.headers)}`.includes(token));
  });

  test("stays out of a dead link's page, its referrer and its cookies", async () => {
    const oak = await rekey.createInstance();
    const token = await oak.mailedToken(await oak.addUser(), await oak.asOwner());
    assert.equal((await redeem(oak, token)).status, 204);
    for (const dead of [token, `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`, token.slice(0, 40)]) {
      const cookies = new CookieJar();
      const answer = await oak.request(`/reset-password/${dead}`, { cookies });
      assert.equal(answer.headers["referrer-policy"], "no-referrer");
      assert.equal(answer.headers["cache-control"], "no-store");
      assert(!answer.text.includes(dead));
      const last = await openLink(oak, dead);
      assert(last.status === 404 || last.status === 409);
      assert(!last.text.includes(dead));
    }
  });

  test("is in no answer of the API, no audit event, and no line of the log", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const maria = await oak.addUser();
    const token = await oak.mailedToken(maria, admin);
    await openLink(oak, token);
    await redeem(oak, token, "short");
    assert.equal((await redeem(oak, token)).status, 204);
    await redeem(oak, token);
    const targets = [
      `/users/${maria.id}`,
      "/users",
      "/recoveries",
      `/recoveries/${idIn(token)}`,
      "/audit-events",
      "/session",
    ];
    for (const target of targets) {
      const answer = await oak.api("GET", target, { cookies: admin });
      assert.equal(answer.status, 200);
      assert(!formsOf([token]).some((form) => answer.text.includes(form.toString("latin1"))), target);
      assert(!/nonce|key_id|password_hash|id_digest/.test(answer.text), target);
    }
    for (const page of ["/", "/settings/users", `/settings/users/${maria.id}`, `/settings/users/${maria.id}/panel`]) {
      const answer = await oak.request(page, { cookies: admin });
      assert(!answer.text.includes(token) && !answer.text.includes(token.slice(22)), page);
    }
    const log = rekey.log.join("\n");
    assert(log.includes("/reset-password/:token"), "the log speaks of these requests, by their route");
    assert(!log.includes(token) && !log.includes(token.slice(22)));
  });
});

suite("T2: no secret at rest", () => {
  test("the database, its files, its own log and ours hold no form of any link that was mailed or password that was set", async () => {
    const oak = await rekey.createInstance();
    const count = times({ quick: 40, full: 1000 });
    const tokens = await mailLinks(oak, count);
    const used = tokens.slice(0, count / 4);
    await inParallel(used, async (token) => {
      await openLink(oak, token);
      assert.equal((await redeem(oak, token, PASSWORD)).status, 204);
    });
    await untilIdle(oak);
    // Rows lie whole in their tables' files only once they were written there; the log before them is cut into pages.
    await oak.deps.db.onInstances((tx) => sql`checkpoint`.execute(tx));
    const places = [Buffer.from(await dumpOf(oak)), Buffer.from(rekey.log.join("\n")), ...readFiles(rekey.databaseDir)];
    assert.deepEqual(findBytes(places, [...formsOf(tokens), Buffer.from(PASSWORD)]), []);

    const nonces = (await rowsOf(oak, "recoveries")).map(({ nonce }) => Buffer.from(String(nonce).slice(2), "hex"));
    const addresses = (await rowsOf(oak, "emails")).map(({ to_address: address }) => Buffer.from(String(address)));
    const [tables, log] = [readFiles(rekey.databaseDir, "base"), readFiles(rekey.databaseDir, "pg_wal")];
    assert.equal(findBytes(tables, nonces).length, count, "what does lie in the tables is found by the same search");
    assert.equal(findBytes(log, addresses).length, addresses.length, "and what does lie in the log before them");
  });
});

async function mailLinks(oak: TestInstance, count: number): Promise<readonly string[]> {
  const admin = await oak.asOwner();
  return inParallel(Array.from({ length: count }), async () =>
    oak.mailedToken(await oak.addUser({ password: null }), admin),
  );
}
