import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { lockOut } from "../../test/support/lock-out.ts";
import { wordsOf } from "../../test/support/password-paths.ts";
import { testRekey } from "../../test/support/rekey.ts";

const rekey = await testRekey();

suite("the sign-in history", () => {
  test("says who came in, who did not and why, by person and by result", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.signIn(oak.owner);
    const [maria, tom] = [await oak.addUser({ firstName: "Maria" }), await oak.addUser({ firstName: "Tom" })];
    await oak.signIn(maria);
    await lockOut(oak, maria.id);
    await oak.api("POST", "/session", { json: { identifier: maria.email, password: maria.password } });
    await oak.api("POST", "/session", { json: { identifier: "mariah", password: "x" } });
    await oak.api("POST", `/users/${maria.id}/enable-login`, { json: {}, cookies: owner });
    await oak.signIn(tom);
    const read = async (query = ""): Promise<string> =>
      wordsOf((await oak.request(`/settings/sign-in-history?${query}`, { cookies: owner })).text);
    assert.match(await read(), /6 entries shown/);
    const ofMaria = await read("person=maria");
    assert.match(ofMaria, /3 entries shown/);
    assert.match(ofMaria, /Locked, whatever the password/);
    assert.match(ofMaria, new RegExp(`Login enabled By ${oak.owner.name}`));
    assert(!ofMaria.includes(tom.name));
    assert.match(await read("person=mariah"), /Nobody goes by this/);
    assert.match(await read("result=session.create"), /3 entries shown/);
    assert.match(await read("person=tom&result=session.refuse"), /Nothing was recorded like this/);
    assert.match(await read("result=nonsense&person=%00&cursor=1"), /6 entries shown/);
  });

  test("says who signed out, and who was signed out by whom", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const [maria, tom] = [await oak.addUser({ firstName: "Maria" }), await oak.addUser({ firstName: "Tom" })];
    await oak.api("DELETE", "/session", { cookies: await oak.signIn(maria) });
    await oak.signIn(tom);
    await oak.api("DELETE", `/users/${tom.id}/sessions`, { cookies: owner });
    const support = await oak.signIn(await oak.addUser({ firstName: "Sofia", role: "support" }));
    await oak.api("DELETE", `/users/${maria.id}/sessions`, { cookies: support });
    const read = async (query: string): Promise<string> =>
      wordsOf((await oak.request(`/settings/sign-in-history?${query}`, { cookies: owner })).text);
    assert.match(await read(""), /6 entries shown/);
    const ended = await read("result=session.end");
    assert.match(ended, /3 entries shown/);
    assert.match(ended, new RegExp(`${maria.name} Signed out · 127`), "whoever signs out needs no name");
    assert.match(ended, new RegExp(`${tom.name} Signed out By ${oak.owner.name}`));
    assert.match(ended, new RegExp(`${maria.name} Signed out: refused You may not do this`));
  });

  test("is read by nobody without the permission", async () => {
    const oak = await rekey.createInstance();
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    const refused = await oak.request("/settings/sign-in-history", { cookies: support });
    assert.equal(refused.status, 403);
    assert.match(refused.text, /This needs the role Owner or Admin\./);
  });
});
