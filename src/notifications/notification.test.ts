import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Scope } from "#instances/scope.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { notify } from "./notification.ts";

const rekey = await testRekey();
const SENT = "Reset Password Instruction has been sent successfully!";

suite("A notification", () => {
  test("stands on the next page that a person opens, though parts of other pages asked for themselves meanwhile", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const cookies = await oak.asOwner();
    const sent = await oak.request(`/settings/users/${maria.id}/reset-links`, {
      form: { return_to: "/settings/users" },
      cookies,
    });
    assert.equal(sent.status, 303);

    const headers = { "HX-Request": "true", "Rekey-Automatic": "1" };
    const part = await oak.request("/settings/users", { cookies, headers });
    assert.doesNotMatch(noticesOf(part.text), new RegExp(SENT));
    const page = await oak.request("/settings/users", { cookies });
    assert.match(noticesOf(page.text), new RegExp(SENT));
    const again = await oak.request("/settings/users", { cookies });
    assert.doesNotMatch(noticesOf(again.text), new RegExp(SENT), "shown once");
    assert.match(again.text, new RegExp(SENT), "kept in the tray");
    assert.match(
      again.text,
      new RegExp(`${SENT}<span class="tray-about">${maria.name}</span>`),
      "with whom it was about",
    );
  });

  test("of a refusal stays in the tray as well, with a script and without", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const gone = await oak.addUser();
    assert.equal((await oak.api("POST", `/users/${gone.id}/deactivate`, { json: {}, cookies })).status, 200);
    for (const [count, headers] of [
      [1, { "HX-Request": "true" }],
      [2, {}],
    ] as const) {
      const refused = await oak.request(`/settings/users/${gone.id}/reset-links`, { form: {}, cookies, headers });
      assert.equal(refused.status, 409);
      const { text } = await oak.request("/settings/users", { cookies });
      assert.equal(text.split("tray-item tray-error").length, count + 1);
      assert.equal(
        text.split("notification notification-error").length,
        2,
        "but for the template, none is shown again",
      );
    }
  });

  test("stays in the tray, the newest first, until twenty others came", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    for (let number = 1; number <= 22; number += 1)
      await oak.deps.db.inInstance(oak.instance.id, (tx) =>
        notify(tx, asOwner(oak), rekey.clock.now(), { kind: "info", title: `Told ${number}.`, text: "" }),
      );
    await oak.request("/settings/users", { cookies });
    const { text } = await oak.request("/settings/users", { cookies });
    const tray = text.slice(text.indexOf('id="tray"'), text.indexOf("tray-empty"));
    const told = [...tray.matchAll(/Told (\d+)\./g)].map(([, number]) => Number(number));
    assert.deepEqual(
      told,
      Array.from({ length: 20 }, (_, index) => 22 - index),
    );
  });
});

function asOwner({ scope, owner }: TestInstance): Scope {
  return { ...scope, actor: { type: "user", ...owner, freshUntil: new Date(0) } };
}

/** What is shown at the top right, without the tray. */
function noticesOf(page: string): string {
  return page.slice(page.indexOf('id="notices"'));
}
