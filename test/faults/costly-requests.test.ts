import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { testRekey } from "../support/rekey.ts";

const rekey = await testRekey();

const LENGTH = 60_000;
/** In the wrong order, and as many as a form can hold. */
const ACCENTS = `a${"\u0301".repeat(20_000)}${"\u0323".repeat(20_000)}`;
/** What takes as many steps as the square of its length takes a thousand times as long as what takes as many as its length. */
const MOST_TIMES = 20;
/** The shortest of so many counts, since what else the machine does makes one longer, and what costs too much costs it each time. */
const TURNS = 3;

/** Each as long as what it is compared with, and sent by a stranger. */
const COSTLY: Readonly<Record<string, readonly [target: string, body: string]>> = {
  "spaces within a user name": ["/sign-in", `identifier=a${"+".repeat(LENGTH)}a&password=x`],
  "spaces within a password": ["/sign-in", `identifier=a&password=a${"+".repeat(LENGTH)}a`],
  "accents on one letter of a password": [
    "/sign-in",
    new URLSearchParams({
      identifier: "a",
      password: ACCENTS,
    }).toString(),
  ],
  "accents on one letter of a user name": [
    "/sign-in",
    new URLSearchParams({ identifier: ACCENTS, password: "x" }).toString(),
  ],
  "spaces within a name": ["/contact", `name=a${"+".repeat(LENGTH)}a&email=a%40b.example&message=a`],
  "fields without an end": ["/sign-in", "a&".repeat(LENGTH)],
  "fields without an end where a file belongs": ["/settings/users/import", "a&".repeat(LENGTH)],
  "dots after a link": [`/reset-password/${".".repeat(12_000)}a`, ""],
};

suite("what a stranger can have the program do by one request", () => {
  for (const [what, [target, body]] of Object.entries(COSTLY)) {
    test(`takes no longer for ${what}, but for what its length takes`, async () => {
      const oak = await rekey.createInstance();
      const timeOf = async (content: string): Promise<number> => {
        const startedAt = performance.now();
        const method = content === "" ? "GET" : "POST";
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        const answer = await oak.request(target, { method, ...(content && { body: content, headers }) });
        assert(answer.status < 500 && answer.status !== 429, `${answer.status}: what is refused early costs nothing`);
        return performance.now() - startedAt;
      };
      const ordinary = `identifier=a&password=x&${"x".repeat(Math.max(body.length - 24, 0))}`;
      await timeOf("identifier=a&password=x");
      let [plain, took] = [Infinity, Infinity];
      for (let turn = 0; turn < TURNS; turn++) {
        plain = Math.min(plain, await timeOf(ordinary));
        took = Math.min(took, await timeOf(body));
      }
      assert(took < MOST_TIMES * plain, `${took.toFixed(0)} ms, and ${plain.toFixed(0)} ms for what is as long`);
    });
  }

  test("is refused above what a form can hold, also where a file belongs", async () => {
    const oak = await rekey.createInstance();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await oak.request("/settings/users/import", {
      method: "POST",
      body: "a&".repeat(1_000_000),
      headers,
    });
    assert.equal(answer.status, 413);
  });
});
