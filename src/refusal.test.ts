import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { testRekey } from "../test/support/rekey.ts";

const rekey = await testRekey();

suite("A request that tries the controls", () => {
  test("is told to the operator, with its number, where it came from, and nothing of what it said", async () => {
    const oak = await rekey.createInstance();
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    const from = "127.0.0.9";
    const secret = "canary-of-a-stranger";
    const tries = [
      ["api_key_invalid", await oak.api("GET", "/users", { headers: { authorization: `Bearer ${secret}` }, from })],
      ["not_permitted", await oak.request("/settings/audit", { cookies: support, from })],
      ["unknown_field", await oak.api("GET", `/users?${secret}=1`, { cookies: support, from })],
      [
        "forbidden_origin",
        await oak.request("/sign-out", {
          form: {},
          headers: { "sec-fetch-site": "cross-site" },
          cookies: support,
          from,
        }),
      ],
    ] as const;
    for (const [code, answer] of tries) {
      assert(answer.status >= 400 && answer.status < 500, code);
      const line = rekey.log.find(
        (each) => each.includes(String(answer.headers["x-request-id"])) && each.includes("warn"),
      );
      assert(line, `${code} is told`);
      const { source, ...told } = JSON.parse(line) as { source: string; code: string };
      assert.deepEqual([told.code, source], [code, from]);
    }
    assert(!rekey.log.some((line) => line.includes(secret)));
  });
});
