import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { suite, test } from "node:test";

import { newId } from "#platform/crypto/id.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { listRecoveries } from "./recovery.ts";
import { linkOf } from "./reset-link.ts";

const rekey = await testRekey();

const BATCH = 500;
const MAC_BITS = 256;

suite("T1: a reset link cannot be guessed", () => {
  test("10,000 links of one user have 10,000 tokens, each ending with 256 bits that look like chance", async () => {
    const oak = await rekey.createInstance();
    const user = await oak.addUser({ password: null });
    const count = 10_000;
    await insertRecoveries(oak, user, count);
    const recoveries = await oak.deps.db.inInstance(oak.instance.id, (tx) =>
      listRecoveries(tx, oak.scope, { userId: user.id, limit: count }),
    );
    const macs = recoveries.map((recovery) => {
      const token = linkOf(oak.deps.keyring, oak.instance, recovery).replace(
        `${oak.instance.origin}/reset-password/`,
        "",
      );
      assert.match(token, /^[\w-]{64}$/);
      const bytes = Buffer.from(token, "base64url");
      assert.equal(bytes.toString("hex", 0, 16), recovery.id.replaceAll("-", ""));
      return bytes.subarray(16);
    });
    assert.equal(macs.length, count);
    assert.equal(new Set(macs.map((mac) => mac.toString("hex"))).size, count, "no MAC comes twice");
    // Each bit is set in half of them; seven standard deviations are never reached by chance.
    const far = 7 * Math.sqrt(count / 4);
    for (let bit = 0; bit < MAC_BITS; bit += 1) {
      const set = macs.filter((mac) => ((mac[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
      assert(Math.abs(set - count / 2) < far, `bit ${bit} is set in ${set} of ${count}`);
    }
  });

  test("the nonce of a recovery is 256 fresh bits, and the mailed link is the derived one", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const users = [await oak.addUser(), await oak.addUser(), await oak.addUser()];
    const nonces = new Set<string>();
    for (const user of users) {
      const token = await oak.mailedToken(user, admin);
      const [recovery] = await oak.deps.db.inInstance(oak.instance.id, (tx) =>
        listRecoveries(tx, oak.scope, { userId: user.id, limit: 1 }),
      );
      assert(recovery?.nonce);
      assert.equal(recovery.nonce.length, 32);
      nonces.add(recovery.nonce.toString("hex"));
      assert.equal(linkOf(oak.deps.keyring, oak.instance, recovery), `${oak.instance.origin}/reset-password/${token}`);
    }
    assert.equal(nonces.size, users.length);
  });
});

/** The user has had many links; all have expired, since only one may be open. */
async function insertRecoveries(oak: TestInstance, user: TestUser, count: number): Promise<void> {
  const now = new Date();
  const rows = Array.from({ length: count }, () => ({
    instance_id: oak.instance.id,
    id: newId(),
    user_id: user.id,
    method: "reset_link" as const,
    origin: "admin" as const,
    state: "expired" as const,
    nonce: randomBytes(32),
    key_id: oak.deps.keyring.currentKeyId,
    sent_to: user.email,
    requested_by_name: "Operator",
    requested_at: now,
    lifetime_ms: 1,
    cap_at: now,
  }));
  await oak.deps.db.inInstance(oak.instance.id, async (tx) => {
    for (let at = 0; at < count; at += BATCH) {
      await tx
        .insertInto("recoveries")
        .values(rows.slice(at, at + BATCH))
        .execute();
    }
  });
}
