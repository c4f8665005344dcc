import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { hash } from "@node-rs/argon2";

import { RekeyError } from "#lib/errors.ts";
import { trimUnseen } from "#lib/text.ts";
import { times } from "../../test/support/numbers.ts";
import { PASSWORD_PATHS } from "../../test/support/password-paths.ts";
import { Random } from "../../test/support/random.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { forgetLimits, rowsOf } from "../../test/support/tables.ts";
import { replaceCredential } from "./credential.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";
import { requireAcceptablePassword } from "./password-policy.ts";

const rekey = await testRekey();

const AT_ONCE = 4;
const NOBODY = { user: { firstName: "", lastName: "", username: "", email: "" }, instanceName: "" };

/** What passwords are made of: letters, what other scripts bring, what changes under NFKC, and what is no character at all. */
const PIECES: readonly string[] = [
  ..."abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 !\"'\\/%_",
  ..."éßñøİıſΩωжЯאبनी字の한",
  ..."ﬁﬃ①²½ＡﷺǄÅ",
  "e\u0301",
  "o\u0323\u0302",
  "\u1112\u1161\u11ab",
  "🦔",
  "👩‍🚀",
  "𝔘",
  "\0",
  "\u0001",
  "\n",
  "\r\n",
  "\t",
  "\u200B",
  "\u202E",
  "\uFFFD",
  "\uFFFF",
  "\u{10FFFF}",
  "\uE000",
];

/** Lengths around which something could be cut off: what bcrypt, a C string or a column would take. */
const LENGTHS = [15, 16, 24, 36, 71, 72, 73, 74, 100, 128, 200, 255, 256];

/** What comes along at the ends when a password is copied. */
const UNSEEN = ["", " ", "\t", "\r\n", "\u00A0", "\u200B", "\uFEFF", " \u3000"];

suite("P6: the whole password counts", () => {
  const count = times({ quick: 30, full: 2_000 });

  test(`P6 each of ${count} passwords is right, in any normal form, and one that differs after NFKC never is`, async () => {
    const random = new Random(6);
    for (let done = 0; done < count; done += AT_ONCE) {
      const pairs = await Promise.all(random.many(AT_ONCE, () => random.fraction()).map((seed) => pairOf(seed)));
      await Promise.all(pairs.map(requireExact));
    }
  });

  test("P6 nothing is cut off at a NUL, at 72 bytes, at 255 bytes, or anywhere", async () => {
    const long = "quiet lantern\0 meadow bicycle harbor violet ember copper walnut silver canyon thunder"
      .repeat(3)
      .slice(0, 250);
    const stored = await hashPassword(long);
    assert.equal(await verifyPassword(long, stored), true);
    for (const at of [14, 36, 55, 71, 72, 73, 127, 128, 248, 249]) {
      assert.equal(await verifyPassword(long.slice(0, at), stored), false, `cut off at ${at}`);
      const changed = `${long.slice(0, at)}#${long.slice(at + 1)}`;
      assert.equal(await verifyPassword(changed, stored), false, `another character at ${at}`);
    }
  });

  test("P6 holds through set and sign-in, too", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const random = new Random(66);
    for (const { name, open } of PASSWORD_PATHS) {
      for (let done = 0; done < 5; done += 1) {
        const { password, other } = await pairOf(random.fraction(), name === "form");
        const maria = await oak.addUser();
        const tryOn = await open(oak, maria, admin);
        assert.deepEqual(await tryOn(password), { isAccepted: true, words: "" }, JSON.stringify(password));
        assert.equal(await statusOf(oak, maria, password), 200, JSON.stringify(password));
        assert.equal(await statusOf(oak, maria, other), 401, JSON.stringify({ password, other }));
      }
    }
  });

  test("P6 holds for a temporary password that was typed: trimmed and after NFKC it is right, whatever else differs is wrong", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const maria = await oak.addUser({ firstName: "Xu", lastName: "Qi", username: "xq", email: "xq@zz.example" });
    const random = new Random(666);
    for (let done = 0; done < times({ quick: 12, full: 300 }); done += 1) {
      const { password, other } = await pairOf(random.fraction());
      const json = { mode: "typed", password, verification: { method: "in_person" } };
      const given = await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: admin });
      const shown = JSON.stringify({ password, other });
      assert.equal(given.status, 201, `${shown} ${given.text}`);
      const form = random.pick(["NFC", "NFD", "NFKC", "NFKD"] as const);
      const pasted = random.pick(UNSEEN) + password.normalize(form) + random.pick(UNSEEN);
      assert.equal(await statusOf(oak, maria, pasted), 200, JSON.stringify({ password, pasted }));
      const isSame = trimUnseen(other.normalize("NFKC")) === trimUnseen(password.normalize("NFKC"));
      assert.equal(await statusOf(oak, maria, other), isSame ? 200 : 401, shown);
      await forgetLimits(oak);
    }
  });

  test("P6 half a character is refused when it is set, and is not taken for a whole one at sign-in", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const maria = await oak.addUser();
    const token = await oak.mailedToken(maria, admin);
    for (const half of ["\ud800", "\udfff", "\udc00\ud800"]) {
      const json = { token, password: `quiet ${half} meadow bicycle` };
      const answer = await oak.api("POST", "/recovery-redemptions", { json });
      assert.equal(answer.status, 422, answer.text);
      assert.match(answer.text, /"malformed"/);
    }
    const whole = "quiet \uFFFD meadow bicycle";
    assert.equal((await oak.api("POST", "/recovery-redemptions", { json: { token, password: whole } })).status, 204);
    assert.equal(await statusOf(oak, maria, whole), 200);
    assert.equal(await statusOf(oak, maria, whole.replace("\uFFFD", "\ud800")), 401);
  });
});

suite("P4: two ways to type the same characters", () => {
  test("P4 what was set composed signs in decomposed, and the other way round", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const password = "Ångström crème brûlée ﬁlò ṩ 한국 ﾊﾟﾝ";
    const forms = (["NFC", "NFD", "NFKC", "NFKD"] as const).map((form) => password.normalize(form));
    assert.equal(new Set(forms).size, 4);
    for (const [index, set] of forms.entries()) {
      const maria = await oak.addUser();
      const tryOn = await PASSWORD_PATHS[index % PASSWORD_PATHS.length]?.open(oak, maria, admin);
      assert.equal((await tryOn?.(set))?.isAccepted, true);
      for (const typed of forms) assert.equal(await statusOf(oak, maria, typed), 200);
      assert.equal(await statusOf(oak, maria, password.replace("è", "e")), 401);
    }
  });
});

suite("P7: how passwords are kept", () => {
  test("P7 every path stores an argon2id hash of at least 19 MiB, two passes, one lane", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    for (const { open } of PASSWORD_PATHS) {
      const tryOn = await open(oak, await oak.addUser(), admin);
      assert.equal((await tryOn("amber compass willow station")).isAccepted, true);
    }
    const rows = await rowsOf(oak, "credentials");
    assert.equal(rows.length, 1 + PASSWORD_PATHS.length);
    for (const { password_hash: stored } of rows) requireStrong(String(stored));
    assert.equal(new Set(rows.map((row) => row.password_hash)).size, rows.length, "each has a salt of its own");
  });

  test("P7 a weaker hash is raised when its owner signs in, and only then", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    for (const weak of [
      { algorithm: 2, memoryCost: 4_096, timeCost: 2, parallelism: 1 },
      { algorithm: 2, memoryCost: 19_456, timeCost: 1, parallelism: 1 },
      { algorithm: 1, memoryCost: 19_456, timeCost: 2, parallelism: 1 },
    ]) {
      const planted = await hash(String(maria.password), weak);
      assert.throws(() => requireStrong(planted), assert.AssertionError);
      await oak.deps.db.inInstance(oak.instance.id, (tx) =>
        replaceCredential(tx, oak.scope, oak.deps.clock.now(), {
          userId: maria.id,
          credential: { kind: "permanent", passwordHash: planted },
        }),
      );
      assert.equal(await statusOf(oak, maria, "not her password at all"), 401);
      assert.equal(await storedFor(oak, maria), planted);
      await oak.signIn(maria);
      const raised = await storedFor(oak, maria);
      requireStrong(raised);
      await oak.signIn(maria);
      assert.equal(await storedFor(oak, maria), raised, "once is enough");
    }
  });
});

/** @returns an acceptable password and one that differs from it after NFKC, often where something might be cut off. */
async function pairOf(seed: number, isTyped = false): Promise<{ password: string; other: string }> {
  const random = new Random(Math.floor(seed * 2 ** 32));
  for (;;) {
    const password = passwordOf(random, isTyped);
    if (!(await isAcceptable(password))) continue;
    const other = variantOf(random, password);
    if (other.normalize("NFKC") !== password.normalize("NFKC")) return { password, other };
  }
}

/** @param isTyped without what a form changes on its way: browsers send every line end as CR LF. */
function passwordOf(random: Random, isTyped: boolean): string {
  const pieces = isTyped ? PIECES.filter((piece) => !/[\r\n]/.test(piece)) : PIECES;
  const length = random.pick(LENGTHS);
  let password = "";
  while ([...password.normalize("NFKC")].length < length) password += random.pick(pieces);
  return password.normalize(random.pick(["NFC", "NFD", "NFKC", "NFKD"]));
}

function variantOf(random: Random, password: string): string {
  const characters = [...password];
  const at = random.happens(0.5) ? characters.length - 1 : random.between(0, characters.length - 1);
  const replaced = (by: string): string => characters.with(at, by).join("");
  return random.pick([
    () => characters.slice(0, -1).join(""),
    () => `${password}${random.pick(PIECES)}`,
    () => ` ${password}`,
    () => `${password}\0`,
    () => replaced(random.pick(PIECES)),
    () => replaced(""),
    () => replaced("\uFFFD"),
    () => replaced("\ud800"),
    () => replaced((characters[at] ?? "").toUpperCase()),
    () => password.split("\0")[0] ?? "",
    () => Buffer.from(password).subarray(0, 72).toString(),
    () => password.normalize("NFD").replace(/\p{M}/u, ""),
    () => password.toLowerCase(),
  ])();
}

async function requireExact({ password, other }: { password: string; other: string }): Promise<void> {
  const shown = JSON.stringify({ password, other });
  const stored = await hashPassword(password);
  const form = (["NFC", "NFD", "NFKC", "NFKD"] as const)[password.length % 4];
  assert.equal(await verifyPassword(password.normalize(form), stored), true, shown);
  assert.equal(await verifyPassword(other, stored), false, shown);
}

async function isAcceptable(password: string): Promise<boolean> {
  try {
    await requireAcceptablePassword({ passwordList: undefined }, password, NOBODY, "password");
    return true;
  } catch (error) {
    if (error instanceof RekeyError && error.code === "password_rejected") return false;
    throw error;
  }
}

function requireStrong(stored: string): void {
  const [, memory, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$[\w+/]{22,}\$[\w+/]{43}$/.exec(stored) ?? [];
  assert(Number(memory) >= 19_456 && Number(passes) >= 2, stored.slice(0, 40));
}

async function storedFor(oak: TestInstance, user: TestUser): Promise<string> {
  const row = (await rowsOf(oak, "credentials")).find((one) => one.user_id === user.id);
  return String(row?.password_hash);
}

async function statusOf(oak: TestInstance, user: TestUser, password: string): Promise<number> {
  return (await oak.api("POST", "/session", { json: { identifier: user.username, password } })).status;
}
