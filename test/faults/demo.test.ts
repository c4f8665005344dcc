import assert from "node:assert/strict";
import { test } from "node:test";

import { DEMO_PASSWORD } from "#demo/acts.ts";
import { CookieJar, request } from "../support/http.ts";
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
      const times = await timesOfRecord(`http://127.0.0.1:${port}`, `${host}:${port}`);
      assert(times.length > 20);
      assert.deepEqual(times, times.toSorted().toReversed(), "what was done last stands first");
    }
  } finally {
    assert.equal(await demo.stop("SIGTERM"), 0);
  }
});

/** @returns when each act was done that the record shows first. */
async function timesOfRecord(url: string, host: string): Promise<readonly string[]> {
  const cookies = new CookieJar();
  const json = { identifier: "dana.whitfield", password: DEMO_PASSWORD };
  const signedIn = await request(url, "/api/v1/session", { host, method: "POST", json, cookies });
  assert.equal(signedIn.status, 200, signedIn.text);
  const { items } = (await request(url, "/api/v1/audit-events?limit=200", { host, cookies })).json() as {
    items: readonly { readonly at: string }[];
  };
  return items.map(({ at }) => at);
}
