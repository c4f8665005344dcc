import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { testRekey } from "../../test/support/rekey.ts";

const rekey = await testRekey();

const CROWD = "127.0.0.66";
const ELSEWHERE = "127.0.0.77";

suite("F3: a flood of bad sign-ins", () => {
  test("F3 lets somebody from elsewhere pass, and is told to wait where its line is full", async () => {
    const oak = await rekey.createInstance();
    await oak.asOwner();
    const flood = Array.from({ length: 150 }, (_, number) => {
      const json = { identifier: `stranger${number}@oak.example`, password: "a guess of a stranger" };
      return oak.api("POST", "/session", { json, from: CROWD });
    });
    let looked = 0;
    for (const each of flood) void each.then(({ status }) => (looked += status === 401 ? 1 : 0));
    await flood[0];
    const json = { identifier: oak.owner.username, password: oak.owner.password };
    const before = looked;
    assert.equal((await oak.api("POST", "/session", { json, from: ELSEWHERE })).status, 200);
    const passed = looked - before;
    const answers = await Promise.all(flood);
    const refused = answers.filter(({ status }) => status === 429);
    assert(refused.every(({ headers }) => Number(headers["retry-after"]) > 0));
    assert.equal(looked, answers.length - refused.length);
    assert(passed < looked / 2, `${passed} of ${looked} were looked at before somebody from elsewhere`);
  });
});
