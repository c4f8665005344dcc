import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { newOpaqueId } from "#platform/crypto/id.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { isKnownBrowser, rememberBrowser } from "./known-browser.ts";

const rekey = await testRekey();

suite("The browsers that are known to an account", () => {
  test("are the twenty that were used last: one more displaces the oldest, the oldest itself displaces none", async () => {
    const oak = await rekey.createInstance();
    const { id: userId } = await oak.addUser();
    const browsers = Array.from({ length: 21 }, newOpaqueId);
    const [oldest = "", second = "", ...others] = browsers;
    const newest = others.at(-1) ?? "";
    let at = oak.deps.clock.now().getTime();
    const use = (browserId: string): Promise<unknown> =>
      oak.deps.db.inInstance(oak.instance.id, (tx) =>
        rememberBrowser(tx, oak.scope, new Date((at += 1_000)), { userId, browserId, userAgent: null }),
      );
    const known = async (): Promise<readonly string[]> => {
      const found: string[] = [];
      for (const browserId of browsers)
        if (await oak.deps.db.inInstance(oak.instance.id, (tx) => isKnownBrowser(tx, oak.scope, { userId, browserId })))
          found.push(browserId);
      return found;
    };
    for (const browserId of browsers.slice(0, -1)) await use(browserId);
    await use(oldest);
    assert.deepEqual(await known(), browsers.slice(0, -1));
    await use(newest);
    assert.deepEqual(await known(), [oldest, ...others], "the second had not been used for longest");
    assert.notEqual(second, "");
  });
});
