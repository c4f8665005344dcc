import assert from "node:assert/strict";
import { test } from "node:test";

import { request } from "../support/http.ts";
import { startProgram } from "../support/program.ts";

const isEmbedded = (process.env.REKEY_TEST_DATABASE ?? "embedded") === "embedded";

test("the demo starts with two companies, everybody in the middle of their story", { skip: !isEmbedded }, async () => {
  const demo = await startProgram({ PORT: "0" }, "src/demo.ts");
  try {
    assert(demo.origin, demo.stdout() + demo.stderr());
    const { port } = new URL(demo.origin);
    for (const [host, name] of [
      ["localhost", "Oak Recovery"],
      ["pine.localhost", "Pine House"],
    ] as const) {
      const page = await request(`http://127.0.0.1:${port}`, "/sign-in", { host: `${host}:${port}` });
      assert.equal(page.status, 200);
      assert(page.text.includes(`Sign in to ${name}`));
    }
  } finally {
    assert.equal(await demo.stop("SIGTERM"), 0);
  }
});
