import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { setTemporaryPassword } from "./set-temporary-password.ts";
import { RekeyError } from "#lib/errors.ts";
import { LEAKED_PASSWORDS } from "../../test/support/password-list.ts";
import { PASSWORD_PATHS } from "../../test/support/password-paths.ts";
import { testRekey } from "../../test/support/rekey.ts";

const rekey = await testRekey();
const WORDS = /It has been seen in a leak of another site, so it is guessed first\. Choose another one/;
const GOOD = "silver walnut canyon ember";

suite("P3: passwords on the operator's list", () => {
  test("P3 are refused on every path, in other spellings of the same too", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    for (const { name, open } of PASSWORD_PATHS) {
      const maria = await oak.addUser();
      const tryOn = await open(oak, maria, admin);
      for (const leaked of LEAKED_PASSWORDS) {
        for (const spelling of [leaked, leaked.normalize("NFD"), wide(leaked)]) {
          const { isAccepted, words } = await tryOn(spelling);
          assert.equal(isAccepted, false, `${name} ${spelling}`);
          assert.match(words, WORDS, name);
          assert(!words.includes(leaked), name);
        }
      }
      assert.equal((await tryOn(LEAKED_PASSWORDS[0]?.toUpperCase() ?? "")).isAccepted, false, name);
      assert.equal((await tryOn(GOOD)).isAccepted, true, name);
    }
  });

  test("P3 are refused when an administrator or the operator types one", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const { id: userId } = await oak.addUser();
    const [password = ""] = LEAKED_PASSWORDS;
    const verification = { method: "in_person", note: "" } as const;
    const json = { mode: "typed", password, verification };
    const answer = await oak.api("POST", `/users/${userId}/temporary-password`, { json, cookies });
    assert.equal(answer.status, 422);
    assert.match((answer.json() as { detail: string }).detail, WORDS);
    assert.deepEqual(
      (answer.json() as { errors: { field: string; code: string }[] }).errors.map(({ field, code }) => [field, code]),
      [["password", "common"]],
    );
    const form = {
      mode: "typed",
      new_password: password,
      confirm_password: password,
      verification_method: "in_person",
      verification_note: "",
    };
    const page = await oak.request(`/settings/users/${userId}/change-password`, { form, cookies });
    assert.equal(page.status, 422);
    assert.match(page.text, WORDS);
    await assert.rejects(
      setTemporaryPassword(rekey.deps, oak.scope, { userId, mode: "typed", password, verification }),
      (error: unknown) => error instanceof RekeyError && WORDS.test(error.detail),
    );
  });
});

/** @returns the same text to NFKC, in letters of full width. */
function wide(text: string): string {
  return text.replace(/[!-~]/g, (character) => String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0));
}
