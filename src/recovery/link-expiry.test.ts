import assert from "node:assert/strict";
import { afterEach, suite, test } from "node:test";

import { sql } from "kysely";

import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { idIn, mailLink, openLink, ORIGINS, redeem, redeemOnPage } from "../../test/support/reset-link.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

/** Too short to be taken, so that one link can be tried often: who is told so holds a living link. */
const SHORT = "too short";

const DOORS: Readonly<Record<string, (oak: TestInstance, token: string) => Promise<number>>> = {
  "GET of the page": async (oak, token) => (await openLink(oak, token)).status,
  "POST to the API": async (oak, token) => (await redeem(oak, token, SHORT)).status,
  "POST of the form": async (oak, token) => (await redeemOnPage(oak, token, SHORT)).status,
};
const ALIVE = { "GET of the page": 200, "POST to the API": 422, "POST of the form": 422 };
const EXPIRED = { "GET of the page": 410, "POST to the API": 410, "POST of the form": 410 };

/** Minutes of life that make a link end with its lifetime, and such that make it end with its cap. */
const LIVES = { lifetime: { link: 60, invitation: 4_320 }, cap: { link: 1_440, invitation: 10_080 } };

suite("T4: a reset link ends to the millisecond, by the server's clock", () => {
  afterEach(() => rekey.clock.run());

  for (const origin of ORIGINS) {
    for (const [end, minutes] of Object.entries(LIVES)) {
      test(`with its ${end}, made by ${origin}: it works a millisecond before and not at the moment itself`, async () => {
        const oak = await rekey.createInstance();
        await setLives(oak, minutes);
        const isInvitation = origin === "invitation";
        const user = await oak.addUser(isInvitation ? { password: null } : {});
        const admin = await oak.asOwner();
        const start = rekey.clock.now();
        rekey.clock.freezeAt(start);
        const token = await mailLink(oak, origin, { user, admin });
        await untilIdle(oak);
        const endsAt = new Date(start.getTime() + (isInvitation ? minutes.invitation : minutes.link) * 60_000);
        const [recovery] = await rowsOf(oak, "recoveries");
        assert.deepEqual(new Date(String(recovery?.expires_at)), endsAt);

        const statuses = async (ms: number): Promise<unknown> => {
          rekey.clock.freezeAt(new Date(endsAt.getTime() + ms));
          const all = Object.entries(DOORS).map(async ([door, knock]) => [door, await knock(oak, token)]);
          return Object.fromEntries(await Promise.all(all));
        };
        assert.deepEqual(await statuses(-1), ALIVE);
        assert.deepEqual(await statuses(0), EXPIRED);
        assert.deepEqual(await statuses(1), EXPIRED);
        assert.deepEqual(await statuses(3_600_000), EXPIRED);
        const told = (await redeem(oak, token)).json() as { code: string; expired_at: string };
        assert.deepEqual([told.code, told.expired_at], ["link_expired", endsAt.toISOString()]);
        rekey.clock.freezeAt(new Date(endsAt.getTime() - 1));
        assert.equal((await redeem(oak, token)).status, 204, "nothing that was tried used it up");
      });
    }
  }

  test("however often it is mailed again, it never outlives its cap", async () => {
    const oak = await rekey.createInstance();
    await setLives(oak, { link: 720, invitation: 4_320 });
    const maria = await oak.addUser();
    const start = rekey.clock.now();
    rekey.clock.freezeAt(start);
    let token = "";
    for (let hours = 0; hours < 24; hours += 6) {
      rekey.clock.freezeAt(new Date(start.getTime() + hours * 3_600_000));
      token = await oak.mailedToken(maria, await oak.asOwner());
      await untilIdle(oak);
    }
    assert.equal(new Set(oak.linksTo(maria).map(({ message }) => message.messageId)).size, 4);
    rekey.clock.freezeAt(new Date(start.getTime() + 24 * 3_600_000 - 1));
    assert.equal((await openLink(oak, token)).status, 200);
    rekey.clock.advance(1);
    assert.equal((await redeem(oak, token)).status, 410);
    const [{ id } = { id: "" }] = await rowsOf(oak, "recoveries");
    assert.equal(id, idIn(token), "it was one link all along");
  });

  test("a life outside of the limits cannot be configured", async () => {
    const oak = await rekey.createInstance();
    for (const minutes of [
      { link: 9, invitation: 4_320 },
      { link: 1_441, invitation: 4_320 },
      { link: 60, invitation: 59 },
      { link: 60, invitation: 10_081 },
    ]) {
      await assert.rejects(setLives(oak, minutes), /lifetime_limits/);
    }
  });
});

async function setLives(oak: TestInstance, minutes: { link: number; invitation: number }): Promise<void> {
  await oak.deps.db.onInstances((tx) =>
    sql`update instances set link_lifetime_minutes = ${minutes.link}, invitation_lifetime_minutes = ${minutes.invitation}
      where id = ${oak.instance.id}`.execute(tx),
  );
}
