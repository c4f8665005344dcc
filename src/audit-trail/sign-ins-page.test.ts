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
    assert.match(await read(), /6 attempts shown/);
    const ofMaria = await read("person=maria");
    assert.match(ofMaria, /3 attempts shown/);
    assert.match(ofMaria, /Locked, whatever the password/);
    assert.match(ofMaria, new RegExp(`Login enabled By ${oak.owner.name}`));
    assert(!ofMaria.includes(tom.name));
    assert.match(await read("person=mariah"), /Nobody goes by this/);
    assert.match(await read("result=session.create"), /3 attempts shown/);
    assert.match(await read("person=tom&result=session.refuse"), /Nobody tried like this/);
    assert.match(await read("result=nonsense&person=%00&cursor=1"), /6 attempts shown/);
  });

  test("is read by nobody without the permission", async () => {
    const oak = await rekey.createInstance();
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    const refused = await oak.request("/settings/sign-in-history", { cookies: support });
    assert.equal(refused.status, 403);
    assert.match(refused.text, /This needs the role Owner or Admin\./);
  });
});
