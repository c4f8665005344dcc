import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { findUnknownKey } from "#audit-seals/find-unknown-key.ts";
import { sealAuditEvents } from "#audit-seals/seal-audit-events.ts";
import { findCredential } from "#credentials/credential.ts";
import { verifyPassword } from "#credentials/password-hash.ts";
import { listInstances } from "#instances/instance.ts";
import { OPERATOR, type Scope } from "#instances/scope.ts";
import { OperatorError } from "#lib/operator-error.ts";
import { findUserByIdentifier } from "#users/user.ts";
import { openKeyring } from "#platform/crypto/keyring.ts";
import { openPasswordList } from "#platform/password-list.ts";
import { openEmptyDatabase } from "../../test/support/empty-database.ts";
import { LEAKED_PASSWORDS, writePasswordList } from "../../test/support/password-list.ts";
import { prepareFirstInstance } from "./first-start.ts";

const ORIGIN = "http://localhost:3000";
const FIRST = { origin: undefined, instanceName: "Oak Recovery", ownerEmail: "hana.kowalski@oak.example" };
const WORDS = "silver walnut canyon ember";

/** All 17 space characters (Zs), and what pasting brings along. */
const UNSEEN = [
  ..."\u0020\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000",
  "\t",
  "\n",
  "\u200B",
  "\uFEFF",
];

type Foundation = Awaited<ReturnType<typeof openEmptyDatabase>>;

suite("the first start", () => {
  let foundation: Foundation;
  before(async () => {
    foundation = await openEmptyDatabase();
  });
  after(() => foundation.close());

  const start = (ownerPassword: string | undefined) =>
    prepareFirstInstance(foundation.deps, { ...FIRST, ownerPassword }, ORIGIN);

  const requireRefused = async (password: string, says: RegExp): Promise<void> => {
    await assert.rejects(start(password), (error: unknown) => {
      assert(error instanceof OperatorError, String(error));
      assert.match(error.message, /^REKEY_OWNER_PASSWORD cannot be used\. /);
      assert.match(error.message, says);
      return true;
    });
  };

  test("P1, P3, P5 judges the Owner's password as every other, and makes nothing before it is right", async () => {
    await requireRefused("vexed quilt jo", /It has 14 characters/);
    await requireRefused("🌵🛶🎻🧭🪁🦔🌶🍄🥁🪐🦩🛰🧶🪵", /It has 14 characters/);
    await requireRefused("x".repeat(3) + WORDS.repeat(10), /at most 256/);
    await requireRefused("PasswordPassword", /guessed first/);
    await requireRefused("Hana.Kowalski.2026", /made of your name/);
    await requireRefused("OakRecovery 12345", /made of your name, your address, or the name of this CRM/);
    for (const unseen of UNSEEN) {
      await requireRefused(`${unseen}${WORDS}`, /at the beginning \(shown as ␣…\)/);
      await requireRefused(`${WORDS}${unseen}`, /at the end \(shown as …␣\)/);
    }
    const directory = mkdtempSync(path.join(tmpdir(), "rekey-first-"));
    const passwordList = await openPasswordList(writePasswordList(path.join(directory, "list.txt"), LEAKED_PASSWORDS));
    const first = { ...FIRST, ownerPassword: LEAKED_PASSWORDS[0] };
    await assert.rejects(prepareFirstInstance({ ...foundation.deps, passwordList }, first, ORIGIN), {
      name: "OperatorError",
      message: /^REKEY_OWNER_PASSWORD cannot be used\. It has been seen in a leak/,
    });
    await passwordList.close();
    rmSync(directory, { recursive: true });
    assert.deepEqual(await listInstances(foundation.deps.db), [], "the next start finds the database still empty");
  });

  test("P4, P7 keeps it as every other, and a later start changes nothing", async () => {
    const { instance, waitingOwner, copyOwnerLink } = await start("crème brûlée ﬁlò at noon".normalize("NFD"));
    assert.deepEqual([waitingOwner, copyOwnerLink], [undefined, undefined], "who has a password needs no link");
    const scope: Scope = { instance, actor: OPERATOR, request: undefined };
    const stored = await foundation.deps.db.inInstance(instance.id, async (tx) => {
      const owner = await findUserByIdentifier(tx, scope, FIRST.ownerEmail);
      assert.equal(owner?.role, "owner");
      return (await findCredential(tx, scope, owner.id))?.passwordHash;
    });
    assert(stored);
    assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.equal(await verifyPassword("crème brûlée filò at noon", stored), true);
    const again = await start("another fine passphrase entirely");
    assert.equal(again.instance.id, instance.id);
    assert.equal(await verifyPassword("another fine passphrase entirely", stored), false);
    assert.equal((await listInstances(foundation.deps.db)).length, 1);
  });

  test("finds at a later one that the Owner still waits, and that what was sealed was sealed with another secret", async () => {
    const { deps, close } = await openEmptyDatabase();
    const config = { ...FIRST, ownerPassword: undefined };
    const { instance } = await prepareFirstInstance(deps, config, ORIGIN);
    assert.equal(await findUnknownKey(deps), undefined);
    while ((await sealAuditEvents(deps)) === 0) await pause(10);
    const again = await prepareFirstInstance(deps, { ...config, ownerEmail: "somebody.else@oak.example" }, ORIGIN);
    assert.deepEqual([again.waitingOwner, again.copyOwnerLink], [FIRST.ownerEmail, undefined]);
    const another = Buffer.alloc(32, 1);
    assert.equal(await findUnknownKey(deps), undefined);
    assert.equal((await findUnknownKey({ ...deps, keyring: openKeyring([another]) }))?.id, instance.id);
    await close();
  });

  test("makes one instance with one Owner when two programs start at once", async () => {
    const empty = await openEmptyDatabase();
    const config = { ...FIRST, ownerPassword: undefined };
    const ports = [ORIGIN, "http://localhost:3001"];
    await Promise.all(ports.map(() => empty.deps.db.ping())); // Both have a connection, so that neither is late.
    const started = await Promise.all(ports.map((origin) => prepareFirstInstance(empty.deps, config, origin)));
    const [instance, ...others] = await listInstances(empty.deps.db);
    assert(instance && others.length === 0);
    assert.deepEqual(
      started.map((each) => each.instance.id),
      [instance.id, instance.id],
    );
    assert.equal(started.filter(({ copyOwnerLink }) => copyOwnerLink !== undefined).length, 1);
    await empty.close();
  });

  test("moves the instance along when its port changes, since nobody chose its origin", async () => {
    const { instance } = await prepareFirstInstance(
      foundation.deps,
      { ...FIRST, ownerPassword: undefined },
      "http://localhost:4567",
    );
    assert.equal(instance.origin, "http://localhost:4567");
  });
});
