import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, suite, test } from "node:test";

import { sql } from "kysely";

import { openKeyring } from "#platform/crypto/keyring.ts";
import { inParallel } from "../../test/support/in-parallel.ts";
import { times } from "../../test/support/numbers.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { codeOf, idIn, openLink, redeem } from "../../test/support/reset-link.ts";
import { forgetLimits, rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();
const { keyring } = rekey.deps;

/** Everything that a link's MAC is made of. */
interface Parts {
  readonly id: string;
  readonly instanceId: string;
  readonly userId: string;
  readonly nonce: Buffer;
  readonly purpose: string;
}

const BITS = 48 * 8;

suite("T7: a link is good for its own instance, user and purpose, and no letter of it can be exchanged", () => {
  let oak: TestInstance;
  /** Genuine tokens with their parts: five at Oak, one of them an invitation, and two at Pine. */
  let known: readonly { token: string; parts: Parts }[];

  before(async () => {
    oak = await rekey.createInstance();
    const pine = await rekey.createInstance("Pine House");
    known = [...(await mailLinks(oak, 5)), ...(await mailLinks(pine, 2))];
  });

  test("the tokens made here from the parts are the mailed ones, so that the forgeries are good ones", () => {
    for (const { token, parts } of known) assert.equal(tokenOf(parts), token);
  });

  test("1,000 exchanges of id, MAC, instance, user, purpose, nonce or key are all refused alike", async () => {
    const forged = new Set([
      ...exchanged(known),
      ...flipped(known[0]?.token ?? ""),
      ...made(known.map(({ parts }) => parts)),
    ]);
    for (const { token, parts } of known) if (parts.instanceId === oak.instance.id) forged.delete(token);
    assert(forged.size >= 1000, `${forged.size} forgeries`);
    const step = times({ quick: 5, full: 1 });
    const tried = [...forged].filter((_, index) => index % step === 0);
    await inParallel(tried, async (token) => {
      await forgetLimits(oak);
      const answer = await redeem(oak, token);
      assert.deepEqual([answer.status, codeOf(answer)], [404, "link_invalid"], token);
    });
    await inParallel(
      tried.filter((_, index) => index % 10 === 0),
      async (token) => {
        await forgetLimits(oak);
        assert.equal((await openLink(oak, token)).status, 404, token);
        assert.equal((await oak.api("POST", "/recovery-redemptions/renew", { json: { token } })).status, 404, token);
      },
    );
  });

  test("other spellings of the same bytes are not the link", async () => {
    const token = known[0]?.token ?? "";
    const standard = Buffer.from(token, "base64url").toString("base64");
    const spellings = [
      `${token}=`,
      `${token}==`,
      `${token}A`,
      `${token}\n`,
      ` ${token}`,
      `${token.slice(0, 20)} ${token.slice(20)}`,
      token.slice(0, -1),
      token.slice(1),
      `${token}${token}`,
      Buffer.from(token, "base64url").toString("hex"),
      token.toLowerCase(),
      "",
      ...(standard === token ? [] : [standard]),
    ];
    for (const spelling of spellings) {
      await forgetLimits(oak);
      const answer = await redeem(oak, spelling);
      assert.deepEqual([answer.status, codeOf(answer)], [404, "link_invalid"], JSON.stringify(spelling));
    }
  });

  test("a recovery that comes to speak of another user is opened by its link no more", async () => {
    await forgetLimits(oak);
    const [first, second] = known;
    assert(first && second);
    for (const change of [
      sql`user_id = ${second.parts.userId}, state = 'expired'`,
      sql`user_id = ${first.parts.userId}, nonce = ${randomBytes(32)}`,
    ]) {
      await rewrite(first.parts.id, change);
      assert.equal((await openLink(oak, first.token)).status, 404);
    }
    await rewrite(first.parts.id, sql`nonce = ${first.parts.nonce}, state = 'open'`);
    for (const { token, parts } of known) {
      const expected = parts.instanceId === oak.instance.id ? 200 : 404;
      assert.equal((await openLink(oak, token)).status, expected, "the genuine ones went on working");
    }
  });

  function rewrite(id: string, change: ReturnType<typeof sql>): Promise<unknown> {
    return rekey.deps.db.inInstance(oak.instance.id, (tx) =>
      sql`update recoveries set ${change} where id = ${id}`.execute(tx),
    );
  }
});

/** Mails links to new users. @returns their tokens, the last one an invitation's. */
async function mailLinks(instance: TestInstance, count: number): Promise<{ token: string; parts: Parts }[]> {
  const admin = await instance.asOwner();
  const tokens: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const user = await instance.addUser(number === count ? { password: null } : {});
    tokens.push(await instance.mailedToken(user, admin));
  }
  const rows = await rowsOf(instance, "recoveries");
  return tokens.map((token) => {
    const row = rows.find(({ id }) => id === idIn(token));
    assert(row);
    const nonce = Buffer.from(String(row.nonce).slice(2), "hex");
    const purpose = row.origin === "invitation" ? "invitation" : "reset link";
    const parts = { id: String(row.id), instanceId: instance.instance.id, userId: String(row.user_id), nonce, purpose };
    return { token, parts };
  });
}

/** Every id with every other MAC. */
function* exchanged(known: readonly { token: string }[]): Iterable<string> {
  const all = known.map(({ token }) => Buffer.from(token, "base64url"));
  for (const one of all) {
    for (const other of all) {
      yield Buffer.concat([one.subarray(0, 16), other.subarray(16)]).toString("base64url");
    }
  }
}

/** Every bit of the token turned over, and random MACs. */
function* flipped(token: string): Iterable<string> {
  for (let bit = 0; bit < BITS; bit += 1) {
    const bytes = Buffer.from(token, "base64url");
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield bytes.toString("base64url");
  }
  const id = Buffer.from(token, "base64url").subarray(0, 16);
  for (let number = 0; number < 400; number += 1) yield Buffer.concat([id, randomBytes(32)]).toString("base64url");
}

/** MACs that the server itself would make, for something else: each of the parts taken from each other link, and other keys. */
function* made(all: readonly Parts[]): Iterable<string> {
  for (const parts of all) {
    for (const other of all) {
      const { id: _id, ...others } = other;
      for (const [name, value] of Object.entries(others)) yield tokenOf({ ...parts, [name]: value });
      yield tokenOf({ ...parts, ...others });
    }
    for (const purpose of ["", "reset", "session", "invitation", "reset link"]) yield tokenOf({ ...parts, purpose });
    for (let number = 0; number < 10; number += 1) yield tokenOf(parts, openKeyring([randomBytes(32)]));
  }
}

function tokenOf({ id, instanceId, userId, nonce, purpose }: Parts, keys = keyring): string {
  const mac = keys.sign(keys.currentKeyId, purpose, [id, instanceId, userId, nonce]);
  assert(mac);
  return Buffer.concat([Buffer.from(id.replaceAll("-", ""), "hex"), mac]).toString("base64url");
}
