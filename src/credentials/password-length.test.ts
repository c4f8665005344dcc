import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { PASSWORD_PATHS } from "../../test/support/password-paths.ts";
import { testRekey } from "../../test/support/rekey.ts";

const rekey = await testRekey();

/** Code points in a row from an alphabet, none of them a sequence or a repetition that is refused for itself. */
function mixed(alphabet: string, length: number): string {
  const letters = [...alphabet];
  return Array.from({ length }, (_, at) => letters[(at * at + 3 * at) % letters.length]).join("");
}

const LATIN = "kvzqwjxbptmrdghlncfsy";
const EMOJI = "🌵🛶🎻🧭🪁🦔🌶🍄🥁🪐🦩🛰🧶🪵🎲🏺🧲";
const ACCENTED = "éüñçőžřåøêîûïäöàèţşğ";
const LIGATURES = "ﬁﬂﬀﬃﬄﬆﬅ"; // 7 code points, 16 after NFKC

const LENGTHS: readonly { name: string; password: string; isAccepted: boolean; says?: RegExp }[] = [
  { name: "nothing", password: "", isAccepted: false, says: /0 characters.*15 are needed, so 15 more/ },
  { name: "14 letters", password: mixed(LATIN, 14), isAccepted: false, says: /14 characters.*so 1 more/ },
  { name: "15 letters", password: mixed(LATIN, 15), isAccepted: true },
  { name: "256 letters", password: mixed(LATIN, 256), isAccepted: true },
  { name: "257 letters", password: mixed(LATIN, 257), isAccepted: false, says: /257 characters; at most 256/ },
  { name: "14 emoji, which are 28 UTF-16 units", password: mixed(EMOJI, 14), isAccepted: false, says: /14 characters/ },
  { name: "15 emoji", password: mixed(EMOJI, 15), isAccepted: true },
  { name: "256 emoji, which are 1,024 bytes", password: mixed(EMOJI, 256), isAccepted: true },
  { name: "257 emoji", password: mixed(EMOJI, 257), isAccepted: false, says: /257 characters/ },
  { name: "7 ligatures that grow to 16", password: LIGATURES, isAccepted: true },
  { name: "6 ligatures that grow to 14", password: "ﬁﬂﬀﬃﬄﬅ", isAccepted: false, says: /14 characters/ },
  {
    name: "15 of one ligature and a letter, which grow to 271",
    password: `${"\uFDFA".repeat(15)}x`,
    isAccepted: false,
    says: /at most 256/,
  },
  {
    name: "28 code points that shrink to 14",
    password: mixed("éüñçőžřåêîûïäöàèţşğ", 14).normalize("NFD"),
    isAccepted: false,
    says: /14 characters/,
  },
  {
    name: "30 code points that shrink to 15",
    password: mixed("éüñçőžřåêîûïäöàèţşğ", 15).normalize("NFD"),
    isAccepted: true,
  },
  { name: "far over 256 that shrink to 256", password: mixed(ACCENTED, 256).normalize("NFD"), isAccepted: true },
  { name: "257 after shrinking", password: mixed(ACCENTED, 257).normalize("NFD"), isAccepted: false, says: /257 char/ },
  {
    name: "halfwidth marks that join: 30 to 15",
    password: mixed("ｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋ", 15).replace(/./gu, "$&ﾞ"),
    isAccepted: true,
  },
];

suite("P1: the length of a password", () => {
  for (const { name, open } of PASSWORD_PATHS) {
    test(`P1 is 15 to 256 code points after NFKC, by ${name}`, async () => {
      const oak = await rekey.createInstance();
      const admin = await oak.asOwner();
      const refused = LENGTHS.filter(({ isAccepted }) => !isAccepted);
      const patient = await oak.addUser();
      const tryOn = await open(oak, patient, admin);
      for (const { name: length, password, says } of refused) {
        const verdict = await tryOn(password);
        assert.equal(verdict.isAccepted, false, length);
        assert.match(verdict.words, says ?? /./, length);
      }
      for (const { name: length, password } of LENGTHS.filter(({ isAccepted }) => isAccepted)) {
        const user = await oak.addUser();
        const setOnce = await open(oak, user, admin);
        assert.deepEqual(await setOnce(password), { isAccepted: true, words: "" }, length);
        await oak.signIn(user, password);
      }
      assert.equal((await tryOn(mixed(LATIN, 20))).isAccepted, true, "refusals did not use the link up");
    });
  }
});
