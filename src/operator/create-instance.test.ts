import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { listInstances } from "#instances/instance.ts";
import { RekeyError } from "#lib/errors.ts";
import { times } from "../../test/support/numbers.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { createInstance } from "./create-instance.ts";

const { deps } = await testRekey();

const ROUNDS = times({ quick: 10, full: 200 });
const AT_ONCE = 4;

suite("Instances made at the same moment", () => {
  test("with one origin: one is made with its Owner, the others are told that it is taken", async () => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const origin = `https://pine${round}.example`;
      const made = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => create(origin)));
      const refused = made.filter((each) => each.status === "rejected").map(({ reason }) => reason as unknown);
      assert.equal(refused.length, AT_ONCE - 1);
      for (const error of refused) assert(error instanceof RekeyError && error.code === "origin_taken", String(error));
      const there = (await listInstances(deps.db)).filter((instance) => instance.origin === origin);
      assert.equal(there.length, 1);
    }
  });
});

function create(origin: string) {
  const owner = { email: "ada@pine.example", firstName: "Ada", lastName: "Okafor" };
  return createInstance(deps, { name: "Pine House", origin, owner });
}
