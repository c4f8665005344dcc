import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { isResetLink, testRekey, tokenIn } from "../../test/support/rekey.ts";

const rekey = await testRekey();

suite("Send Reset Link", () => {
  test("mails a link that sets a new password, with which the user signs in", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await oak.signIn(oak.owner);
    const sent = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: admin });
    assert.equal(sent.status, 202, sent.text);
    const token = tokenIn(await oak.mailTo(maria.email, isResetLink));

    const redeemed = await oak.api("POST", "/recovery-redemptions", {
      json: { token, password: "violet harbor thunder kettle" },
    });
    assert.equal(redeemed.status, 204, redeemed.text);
    await oak.signIn(maria, "violet harbor thunder kettle");

    const recovery = await oak.api("GET", `/recoveries/${(sent.json() as { id: string }).id}`, { cookies: admin });
    const { state, timeline } = recovery.json() as { state: string; timeline: { event: string }[] };
    assert.equal(state, "completed");
    assert.deepEqual(
      timeline.map(({ event }) => event),
      ["requested", "queued", "accepted", "completed", "signed_in"],
    );
  });
});
