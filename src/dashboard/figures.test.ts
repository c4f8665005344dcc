import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DAY_MS, HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { mainOf } from "../../test/support/page-main.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { NEW_PASSWORD, redeem } from "../../test/support/reset-link.ts";

const rekey = await testRekey();

/** @returns what stands on the dashboard, by the figure's address. */
async function figuresOf(oak: TestInstance, cookies: CookieJar): Promise<ReadonlyMap<string, number>> {
  const { text } = await oak.request("/", { cookies });
  const bars = text.matchAll(/href="\/figures\/(\w+)" class="chart-count">.*?class="chart-value"[^>]*>(\d+)</g);
  const causes = text.matchAll(/href="\/figures\/(\w+)"><span class="figure-number">(\d+)</g);
  return new Map([...bars, ...causes].map(([, key = "", count]) => [key, Number(count)]));
}

suite("The figures of the dashboard", () => {
  test("say how long it took and what was in the way, and lead to the people", async () => {
    const oak = await rekey.createInstance();
    const owner = () => oak.asOwner();
    const add = (firstName: string) => oak.addUser({ firstName });
    const people = [
      await add("Quick"),
      await add("Slow"),
      await add("Absent"),
      await add("Unsure"),
      await add("Twice"),
    ];
    const [quick, slow, absent, unsure, twice] = people as [TestUser, TestUser, TestUser, TestUser, TestUser];
    for (const [user, afterMs] of [
      [quick, MINUTE_MS],
      [slow, 20 * MINUTE_MS],
    ] as const) {
      const token = await oak.mailedToken(user, await owner());
      rekey.clock.advance(afterMs);
      assert.equal((await redeem(oak, token)).status, 204);
      await oak.signIn(user, NEW_PASSWORD);
    }
    await oak.mailedToken(absent, await owner());
    await oak
      .request(`/reset-password/${await oak.mailedToken(unsure, await owner())}`)
      .then(async ({ headers, setCookies }) =>
        oak.request(String(headers.location), {
          headers: { cookie: setCookies.map((line) => line.split(";")[0]).join("; ") },
        }),
      );
    await oak.mailedToken(twice, await owner());
    rekey.clock.advance(2 * HOUR_MS);
    await oak.mailedToken(twice, await owner());

    const figures = await figuresOf(oak, await owner());
    assert.deepEqual(Object.fromEntries([...figures].filter(([, count]) => count > 0)), {
      within_5_minutes: 1,
      within_1_hour: 1,
      never_opened: 2,
      opened_unused: 1,
      again: 1,
    });
    for (const [key, names] of [
      ["within_5_minutes", ["Quick"]],
      ["opened_unused", ["Unsure"]],
      ["again", ["Twice"]],
    ] as const) {
      const { status, text } = await oak.request(`/figures/${key}`, { cookies: await owner() });
      assert.equal(status, 200);
      const shown = people.map(({ firstName }) => firstName).filter((name) => mainOf(text).includes(`${name} Nguyen`));
      assert.deepEqual(shown, names);
    }
    assert.equal((await oak.request("/figures/toString", { cookies: await owner() })).status, 404);
    rekey.clock.advance(31 * DAY_MS);
    const later = await figuresOf(oak, await owner());
    assert.deepEqual(new Set(later.values()), new Set([0]), "what is older is not counted");
  });

  test("are shown to who may see who there is, and to nobody else", async () => {
    const oak = await rekey.createInstance();
    const member = await oak.signIn(await oak.addUser());
    assert.equal((await oak.request("/figures/again", { cookies: member })).status, 403);
    assert.equal((await oak.request("/figures/again")).status, 303);
  });
});
