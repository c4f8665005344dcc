import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { testRekey } from "../../test/support/rekey.ts";
import { rowsOf } from "../../test/support/tables.ts";
import { requireNewPassword } from "./require-new-password.ts";
import { sendResetLink } from "./send-reset-link.ts";

const rekey = await testRekey();

suite("A6: an approved way in", () => {
  for (const act of [sendResetLink, requireNewPassword])
    test(`A6 goes to no address that was changed while it was approved, by ${act.name}`, async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser();
      const owner = await oak.asOwner();
      const changed = await oak.api("PATCH", `/users/${maria.id}`, {
        json: { email: "elsewhere@evil.example" },
        cookies: owner,
      });
      assert.equal(changed.status, 200, changed.text);
      const begin = (sentTo: string) =>
        act(oak.deps, { ...oak.scope, approved: { sentTo } }, { userId: maria.id, reason: "Asked for" });
      await assert.rejects(begin(maria.email), { code: "not_permitted" });
      assert.deepEqual(await rowsOf(oak, "recoveries"), []);
      assert.equal((await begin("Elsewhere@evil.example")).sentTo, "elsewhere@evil.example");
    });
});
