import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { recordAuditEvent } from "#audit/audit-event.ts";
import { sealAuditEvents } from "#audit-seals/seal-audit-events.ts";
import { HOUR_MS } from "#lib/clock.ts";
import { createInstance } from "#operator/create-instance.ts";
import { UNKNOWN_OWNER } from "#operator/first-start.ts";
import { runCommand } from "#operator/commands.ts";
import { openKeyring } from "#platform/crypto/keyring.ts";
import { readConfig } from "../../src/config.ts";
import { type Foundation, layFoundation } from "../../src/foundation.ts";
import { tampering, untilSealed, verify } from "../support/audit-seals.ts";
import { TestClock } from "../support/clock.ts";
import { inParallel } from "../support/in-parallel.ts";
import { times } from "../support/numbers.ts";
import { emptyEnvironment } from "../support/program.ts";
import { type TestInstance, testRekey } from "../support/rekey.ts";
import { startSecondProcess } from "../support/second-process.ts";
import { rowsOf } from "../support/tables.ts";

const rekey = await testRekey();

suite("sealing the record", () => {
  test("holds every act once after a burst from all processes at once, in one chain", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const { id } = await oak.addUser();
    const second = await startSecondProcess(rekey);
    const processes = second ? [oak, oak.at(second.base)] : [oak];
    const acts = Array.from({ length: times({ quick: 60, full: 1_000 }) }, (_, index) => index);
    const sealers = Array.from({ length: 4 }, async () => {
      for (let round = 0; round < 20; round += 1) {
        await sealAuditEvents(oak.deps);
        rekey.clock.advance(1_000);
        await pause(10);
      }
    });
    await Promise.all([
      ...sealers,
      ...processes.map((at) =>
        inParallel(acts, async (act) => {
          const json = { title: `Counselor ${act}` };
          assert.equal((await at.api("PATCH", `/users/${id}`, { json, cookies })).status, 200);
        }),
      ),
    ]);
    await untilSealed(rekey, oak);
    await second?.stop();
    await assertEachSealedOnce(oak);
    const { exitCode, said } = await verify(oak);
    assert.equal(exitCode, 0, said);
    assert((await rowsOf(oak, "audit_seals")).length > 1, "more than one was at it");
  });

  test("takes an act whose transaction ends late into a later seal", {
    skip: !rekey.shareable && "one transaction at a time",
  }, async () => {
    const oak = await rekey.createInstance();
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const { promise: hasRecorded, resolve: recorded } = Promise.withResolvers<void>();
    const { id, name } = oak.instance;
    const late = oak.deps.db.inInstance(id, async (tx) => {
      const target = { type: "instance", id, name } as const;
      await recordAuditEvent(tx, oak.scope, rekey.clock.now(), { action: "settings.update", target });
      recorded();
      await mayEnd;
    });
    await hasRecorded;
    const later = await oak.addUser();
    await untilSealed(rekey, oak);
    const before = (await verify(oak)).said;
    assert.match(before, /holds\. 3 events in /);
    end();
    await late;
    await untilSealed(rekey, oak);
    await assertEachSealedOnce(oak);
    assert.match((await verify(oak)).said, /holds\. 4 events in /);
    assert.equal((await verify(oak, "--head", headIn(before))).exitCode, 0, "what was sealed stays as it was");
    const events = (await rowsOf(oak, "audit_events")).toSorted((a, b) => String(a.id).localeCompare(String(b.id)));
    const names = events.map(({ action, target_id: target }) => (target === later.id ? "later" : String(action)));
    assert(names.indexOf("settings.update") < names.indexOf("later"), "it was recorded before one that is sealed");
  });

  test("names what waits, and what was changed or deleted before it was sealed", async () => {
    const oak = await rekey.createInstance();
    await untilSealed(rekey, oak);
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      const { id } = await oak.addUser();
      assert.match(
        (await verify(oak)).said,
        /holds\. 2 events in 1 seal, .* 1 event waits to be sealed, since \S+Z\.$/m,
      );
      const event = (await rowsOf(oak, "audit_events")).find(({ target_id: target }) => target === id);
      const where = `where id = '${String(event?.id)}'`;
      await tampering(oak, async (tamper) => {
        await tamper(`update audit_events set actor_name = 'Nobody' ${where}`);
        const changed = await verify(oak);
        assert.equal(changed.exitCode, 1);
        assert(
          changed.said.includes(`Event ${String(event?.id)} of`) && /changed before it was sealed/.test(changed.said),
        );
        await assertNeverSealed(oak);
        await tamper(`delete from audit_events ${where}`);
        assert.match((await verify(oak)).said, /recorded about .* was deleted before it was sealed/);
        await tamper(`delete from unsealed_audit_events where instance_id = '${oak.instance.id}'`);
        assert.equal((await verify(oak)).exitCode, 0, "nothing is left of it that could tell");
      });
    } finally {
      rekey.clock.run();
    }
  });

  test("names an event that somebody keeps from being sealed", async () => {
    const oak = await rekey.createInstance();
    await tampering(oak, async (tamper) => {
      await tamper(
        `update unsealed_audit_events set next_attempt_at = 'infinity' where instance_id = '${oak.instance.id}'`,
      );
    });
    rekey.clock.advance(3 * HOUR_MS);
    await oak.addUser();
    assert.match((await verify(oak)).said, /nothing is sealed yet\. 3 events wait to be sealed, since /);
    rekey.clock.advance(6_000);
    while ((await rowsOf(oak, "audit_seals")).length === 0) {
      await sealAuditEvents(oak.deps); // The worker may be at it, and not done.
      await pause(5);
    }
    const { exitCode, said } = await verify(oak);
    assert.equal(exitCode, 1);
    assert.match(said, /Event \S+ of .* \(instance\.create\) is kept from being sealed/);
  });
});

suite("the keys of the record", () => {
  test("may change: the newest key vouches for what older ones sealed, and without it nobody can tell", async () => {
    const environment = { ...(await emptyEnvironment()), LOG_LEVEL: "silent" };
    const secrets = Array.from({ length: 3 }, () => randomBytes(32));
    const [first, second, stranger] = secrets.map((secret) => secret.toString("base64"));
    const clock = new TestClock();
    const within = async <T>(secret: string, work: (at: Foundation) => Promise<T>): Promise<T> => {
      const at = await layFoundation(readConfig({ ...environment, REKEY_SECRET: secret }), { clock });
      try {
        return await work(at);
      } finally {
        await at.close();
      }
    };
    await within(`${first}`, async ({ deps }) => {
      const owner = { ...UNKNOWN_OWNER, email: "ada@oak.example" };
      await createInstance(deps, { name: "Oak Recovery", origin: "https://oak.example", owner });
      clock.advance(6_000);
      assert.equal(await sealAuditEvents(deps), 2);
    });
    await within(`${second},${first}`, async ({ deps }) => {
      const said = (...given: readonly (string | undefined)[]) => {
        const [one = "", ...others] = given;
        const keyring = openKeyring([
          Buffer.from(one, "base64"),
          ...others.map((each = "") => Buffer.from(each, "base64")),
        ]);
        return runCommand({ ...deps, keyring }, ["audit", "verify"]);
      };
      const words = ["user", "create", "--email", "kim@oak.example", "--first-name", "Kim", "--last-name", "Nguyen"];
      assert.equal((await runCommand(deps, [...words, "--role", "member"])).exitCode, 0);
      assert.match((await said(first)).stdout, /REKEY_SECRET does not hold the key \w+ with which it was recorded/);
      assert.match((await said(second)).stdout, /seals from number 1 on were made with a key/);
      clock.advance(6_000);
      assert.equal(await sealAuditEvents(deps), 1);
      assert.deepEqual([(await said(second, first)).exitCode, (await said(second)).exitCode], [0, 0]);
      const unknown = await said(stranger);
      assert.equal(unknown.exitCode, 1);
      assert.match(unknown.stdout, /seals from number 1 on were made with a key that REKEY_SECRET does not hold/);
      assert.match((await said(first)).stdout, /seals from number 2 on were made with a key/);
    });
  });

  test("were not there when old events were recorded: the first seals take those in, later ones none", async () => {
    const oak = await rekey.createInstance();
    rekey.clock.freezeAt(rekey.clock.now());
    const { id, name } = oak.instance;
    const target = { type: "instance", id, name } as const;
    const act = { action: "settings.update", target } as const;
    await oak.deps.db.inInstance(id, async (tx) => {
      for (let count = 0; count < 1_100; count += 1) await recordAuditEvent(tx, oak.scope, rekey.clock.now(), act);
    });
    await tampering(oak, async (tamper) => {
      await tamper(`delete from audit_seals where instance_id = '${id}'`);
      await tamper(`delete from unsealed_audit_events where instance_id = '${id}'`);
      await tamper(`insert into unsealed_audit_events (instance_id, event_id, next_attempt_at)
        select instance_id, id, at from audit_events where instance_id = '${id}'`);
      rekey.clock.run();
      await untilSealed(rekey, oak);
      const taken = await verify(oak);
      assert.equal(taken.exitCode, 0, taken.said);
      assert.match(taken.said, /1102 events in 2 seals, .* 1102 events among them from before there were seals\./);
      await oak.addUser();
      await untilSealed(rekey, oak);
      const [event] = await rowsOf(oak, "audit_events");
      const copy = "gen_random_uuid() as id";
      const columns = Object.keys(event ?? {}).map((column) => (column === "id" ? copy : column));
      const [forged] = await tamper(`insert into audit_events (${Object.keys(event ?? {}).join(", ")})
        select ${columns.join(", ")} from audit_events where id = '${String(event?.id)}' returning id`);
      await tamper(`insert into unsealed_audit_events (instance_id, event_id, next_attempt_at)
        values ('${id}', '${String(forged?.id)}', now())`);
      const { exitCode, said } = await verify(oak);
      assert.equal(exitCode, 1);
      assert(said.includes(`Event ${String(forged?.id)} of`) && said.includes("was put in"), said);
      await assertNeverSealed(oak);
    });
  });
});

/** What waits is looked at and left. */
async function assertNeverSealed(oak: TestInstance): Promise<void> {
  const seals = await rowsOf(oak, "audit_seals");
  rekey.clock.advance(6_000);
  const isTold = (line: string): boolean =>
    line.includes("audit events were not sealed") && line.includes(oak.instance.origin);
  while (!rekey.log.some(isTold)) {
    await sealAuditEvents(oak.deps); // The worker may be at it, and not done.
    await pause(5);
  }
  assert.deepEqual(await rowsOf(oak, "audit_seals"), seals);
}

async function assertEachSealedOnce(oak: TestInstance): Promise<void> {
  const seals = (await rowsOf(oak, "audit_seals")).toSorted((a, b) => Number(a.number) - Number(b.number));
  const sealed = seals.flatMap(({ event_ids: ids }) => ids as string[]);
  const events = (await rowsOf(oak, "audit_events")).map(({ id }) => String(id));
  assert.deepEqual(sealed.toSorted(), events.toSorted());
  assert.deepEqual(
    seals.map(({ number }) => number),
    seals.map((_, index) => index + 1),
  );
}

function headIn(said: string): string {
  return /\d+:[0-9a-f]{64}/.exec(said)?.[0] ?? "";
}
