import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { testRekey } from "../../test/support/rekey.ts";

const rekey = await testRekey();

suite("Send Reset Link", () => {
  test("mails a link that sets a new password, with which the user signs in", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await oak.asOwner();
    const token = await oak.mailedToken(maria, admin);

    const redeemed = await oak.api("POST", "/recovery-redemptions", {
      json: { token, password: "violet harbor thunder kettle" },
    });
    assert.equal(redeemed.status, 204, redeemed.text);
    await oak.signIn(maria, "violet harbor thunder kettle");

    const recoveries = await oak.api("GET", `/recoveries?user_id=${maria.id}`, { cookies: admin });
    const { items } = recoveries.json() as { items: { state: string; timeline: { event: string }[] }[] };
    const { state, timeline } = items[0] ?? assert.fail("there is a recovery");
    assert.equal(state, "completed");
    assert.deepEqual(
      timeline.map(({ event }) => event),
      ["requested", "queued", "accepted", "completed", "signed_in"],
    );
  });

  test("without script leads back to the list it was clicked in, in plain characters, and nowhere else", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const admin = await oak.asOwner();
    const profile = `/settings/users/${maria.id}`;
    for (const [returnTo, expected] of [
      ["/settings/users?q=josé maria¿", "/settings/users?q=jos%C3%A9%20maria%C2%BF"],
      ["/settings/usersé", profile],
      ["/settings/users/\r\nSet-Cookie: a=b", profile],
      ["//evil.example/settings/users", profile],
    ] as const) {
      const form = { return_to: returnTo };
      const answer = await oak.request(`/settings/users/${maria.id}/reset-links`, { form, cookies: admin });
      assert.equal(answer.status, 303, answer.text);
      assert.equal(answer.headers.location, expected, JSON.stringify(returnTo));
    }
  });
});
