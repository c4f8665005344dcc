import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { testRekey } from "../../test/support/rekey.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

suite("S16: find your instance", () => {
  test("S16 one mail lists every instance in which the address may sign in, from whichever it was asked", async () => {
    const email = "maria.finder@people.example";
    const [oak, pine, elm] = [
      await rekey.createInstance("Oak Recovery"),
      await rekey.createInstance("Pine House"),
      await rekey.createInstance("Elm Lodge"),
    ];
    for (const instance of [pine, elm]) await instance.addUser({ email });
    const gone = await rekey.createInstance("Gone Ranch");
    await gone.addUser({ email, role: "no_access" });
    const asked = await oak.request("/find-instance", { form: { email: email.toUpperCase() } });
    assert.deepEqual([asked.status, asked.headers.location], [303, "/find-instance/sent"]);
    const { message, to } = await oak.mailTo(email, ({ message: { subject } }) => subject === "Where you sign in");
    assert.deepEqual(to, [email], "as it is kept, not as it was typed");
    for (const instance of [pine, elm]) assert(message.text?.includes(`${instance.instance.origin}/sign-in`));
    for (const instance of [oak, gone]) assert(!message.text?.includes(`${instance.instance.origin}/sign-in`));
    assert.match(message.text ?? "", /Pine House/);
  });

  test("S16 nobody is mailed where no account goes by the address, and three an hour at most", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ email: "maria.often@people.example" });
    const ask = (email: string) => oak.api("POST", "/instance-requests", { json: { email } });
    for (const email of ["nobody@people.example", maria.username, "", "x".repeat(300)])
      assert.equal((await ask(email)).status, 202);
    for (let time = 0; time < 5; time += 1) assert.equal((await ask(maria.email)).status, 202);
    await untilIdle(oak);
    const mails = (await rowsOf(oak, "emails")).filter(({ kind }) => kind === "instance_list");
    assert.deepEqual(new Set(mails.map(({ to_address: to }) => to)), new Set([maria.email]));
    assert.equal(mails.length, 3);
    const events = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "instance.find");
    assert.equal(events.length, 9, "each stands in the record");
  });
});
