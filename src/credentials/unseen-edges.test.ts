import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { PASSWORD_PATHS } from "../../test/support/password-paths.ts";
import { testRekey } from "../../test/support/rekey.ts";

const rekey = await testRekey();

/** All code points of the category Zs (Unicode 17): 17 of them. */
const SPACES = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((character) => /\p{Zs}/u.test(character));

/** What pasting brings along and nobody sees. */
const UNSEEN = [
  "\t",
  "\n",
  "\r",
  "\u0085",
  "\u2028",
  "\u2029",
  "\u200B",
  "\u200C",
  "\u200D",
  "\u2060",
  "\uFEFF",
  "\u180E",
  "\u00AD",
];

const WORDS = "silver walnut canyon ember";

suite("P5: unseen characters at the ends of a password", () => {
  test("P5 there are 17 space characters to try", () => {
    assert.equal(SPACES.length, 17);
  });

  for (const { name, open } of PASSWORD_PATHS) {
    test(`P5 are refused with a mark that shows them, by ${name}, and the link stays`, async () => {
      const oak = await rekey.createInstance();
      const admin = await oak.asOwner();
      const maria = await oak.addUser();
      const tryOn = await open(oak, maria, admin);
      for (const unseen of [...SPACES, ...UNSEEN]) {
        const code = unseen.codePointAt(0)?.toString(16);
        for (const [password, mark] of [
          [`${unseen}${WORDS}`, /at the beginning \(shown as ␣…\)/],
          [`${WORDS}${unseen}`, /at the end \(shown as …␣\)/],
          [`${unseen}${unseen}${WORDS}${unseen}`, /at the beginning and at the end \(shown as ␣␣…␣\)/],
        ] as const) {
          const verdict = await tryOn(password);
          assert.equal(verdict.isAccepted, false, `U+${code}`);
          assert.match(verdict.words, mark, `U+${code}`);
        }
      }
      assert.deepEqual(await tryOn(WORDS), { isAccepted: true, words: "" }, "the spaces between the words are fine");
      await oak.signIn(maria, WORDS);
      for (const near of [` ${WORDS}`, `${WORDS} `, `${WORDS}\u200B`]) {
        const answer = await oak.api("POST", "/session", { json: { identifier: maria.email, password: near } });
        assert.equal(answer.status, 401, "a permanent password is compared exactly as given");
      }
    });
  }

  test("P5 a refused password is shown again nowhere in the answer", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    for (const { name, open } of PASSWORD_PATHS) {
      const tryOn = await open(oak, await oak.addUser(), admin);
      const { words } = await tryOn(` ${WORDS}`);
      assert.doesNotMatch(words, /walnut/, name);
    }
  });
});
