import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { HOUR_MS } from "#lib/clock.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

interface Page {
  readonly items: readonly { readonly id: string; readonly state: string }[];
  readonly next_cursor: string | null;
}

suite("the list of recoveries", () => {
  test("has full pages of one state, however rare it is, and a cursor only where there is more", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    for (let number = 0; number < 12; number += 1) {
      const id = await sendLink(oak, admin);
      if (number % 4 > 0) await oak.api("DELETE", `/recoveries/${id}`, { cookies: admin });
    }
    await untilIdle(oak);
    const sent = await pagesOf(oak, admin, "state=sent&limit=2");
    assert.deepEqual(
      sent.map(({ items }) => items.length),
      [2, 1],
    );
    const revoked = await pagesOf(oak, admin, "state=revoked&limit=3");
    assert.deepEqual(
      revoked.map(({ items }) => items.length),
      [3, 3, 3],
      "the last page is full, and says that it is the last",
    );
    const all = await pagesOf(oak, admin, "limit=5");
    assert.deepEqual(
      all.map(({ items }) => items.length),
      [5, 5, 2],
    );
    assert.equal(new Set(all.flatMap(({ items }) => items.map(({ id }) => id))).size, 12);
    assert.deepEqual(await pagesOf(oak, admin, "state=failed&limit=2"), [{ items: [], next_cursor: null }]);
  });

  test("finds each recovery by the state that it shows, and by no other", async (t) => {
    t.after(() => rekey.sink.answer(() => undefined)); // No earlier: what waits would be accepted meanwhile.
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    await sendLink(oak, admin);
    await untilIdle(oak);
    rekey.clock.advance(2 * HOUR_MS);
    const later = await oak.asOwner();
    await oak.api("DELETE", `/recoveries/${await sendLink(oak, later)}`, { cookies: later });
    await oak.mailedToken(await oak.addUser(), later);
    rekey.sink.answer(() => "550 5.1.1 No such user");
    await sendLink(oak, later);
    await untilIdle(oak);
    rekey.sink.answer(() => "451 4.3.2 Busy");
    await sendLink(oak, later);
    const shown = (await pagesOf(oak, later, "limit=50")).flatMap(({ items }) => items);
    assert.deepEqual(
      shown.map(({ state }) => state),
      ["queued", "failed", "sent", "revoked", "expired"],
    );
    for (const state of ["queued", "sent", "bounced", "failed", "completed", "expired", "revoked"]) {
      const [page] = await pagesOf(oak, later, `state=${state}&limit=50`);
      const expected = shown.filter((each) => each.state === state).map(({ id }) => id);
      assert.deepEqual(
        page?.items.map(({ id }) => id),
        expected,
        state,
      );
    }
  });
});

async function sendLink(oak: TestInstance, cookies: CookieJar): Promise<string> {
  const { id } = await oak.addUser();
  const sent = await oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies });
  assert.equal(sent.status, 202, sent.text);
  return (sent.json() as { id: string }).id;
}

async function pagesOf(oak: TestInstance, cookies: CookieJar, query: string): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | null = ""; cursor !== null; cursor = pages.at(-1)?.next_cursor ?? null) {
    const answer = await oak.api("GET", `/recoveries?${query}${cursor && `&cursor=${cursor}`}`, { cookies });
    assert.equal(answer.status, 200, answer.text);
    const { items, next_cursor: next } = answer.json() as Page;
    pages.push({ items: items.map(({ id, state }) => ({ id, state })), next_cursor: next });
  }
  return pages;
}
