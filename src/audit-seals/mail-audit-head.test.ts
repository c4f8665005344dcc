import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DAY_MS } from "#lib/clock.ts";
import { tampering, untilSealed, verify } from "../../test/support/audit-seals.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { startSecondProcess } from "../../test/support/second-process.ts";
import type { SinkMail } from "../../test/support/smtp-sink.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

suite("the head of the record", () => {
  test("is mailed once a day to every active Owner in their language, and stands in the log", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const ines = await oak.addUser({ role: "owner", firstName: "Inés" });
    const json = { locale: "es-MX" };
    assert.equal((await oak.api("PATCH", `/users/${ines.id}`, { json, cookies })).status, 200);
    const gone = await oak.addUser({ role: "owner" });
    assert.equal((await oak.api("POST", `/users/${gone.id}/deactivate`, { json: {}, cookies })).status, 200);
    const admin = await oak.addUser({ role: "admin" });
    const second = await startSecondProcess(rekey);
    await untilSealed(rekey, oak);
    rekey.clock.advance(DAY_MS - 60_000);
    await oak.addUser();
    await untilSealed(rekey, oak);
    assert.equal(headMailsOf(oak).length, 0, "not before the day is over");
    await untilMailed(oak);
    await second?.stop();
    const mails = headMailsOf(oak);
    assert.deepEqual(mails.flatMap(({ to }) => to).toSorted(), [oak.owner.email, ines.email].toSorted());
    assert(!mails.some(({ to }) => to.includes(gone.email) || to.includes(admin.email)));
    const [english, spanish] = [oak.owner, ines].map((owner) => mails.find(({ to }) => to.includes(owner.email)));
    assert.match(english?.message.subject ?? "", /^The record of Oak Recovery, seal 2$/);
    assert.match(spanish?.message.text ?? "", /Guarde|Basta con guardarlo/);
    const head = headIn(english);
    assert.equal(headIn(spanish), head);
    assert(rekey.log.some((line) => line.includes("the head of the record") && line.includes(head)));
    assert.equal((await verify(oak, "--head", head)).exitCode, 0);

    rekey.clock.advance(3 * DAY_MS);
    await untilIdle(oak);
    assert.equal(headMailsOf(oak).length, 2, "nothing happened since, so there is nothing new to keep");
  });

  test("shows that the end of the record was cut off, and refuses what is no head", async () => {
    const oak = await rekey.createInstance();
    await untilSealed(rekey, oak);
    await oak.addUser();
    await untilSealed(rekey, oak);
    await untilMailed(oak);
    const head = headIn(headMailsOf(oak)[0]);
    const own = `instance_id = '${oak.instance.id}'`;
    await tampering(oak, async (tamper) => {
      await tamper(
        `delete from audit_events where id in (select unnest(event_ids) from audit_seals where ${own} and number > 1)`,
      );
      await tamper(`delete from audit_seals where ${own} and number > 1`);
    });
    assert.equal((await verify(oak)).exitCode, 0);
    const { exitCode, said } = await verify(oak, "--head", head);
    assert.equal(exitCode, 1);
    assert(said.includes(`The seal ${head} is in no record that was looked at`), said);
    assert.equal((await verify(oak, "--head", "41")).exitCode, 2);
    const json = JSON.parse((await verify(oak, "--json", "--head", head)).said) as { lost_heads: string[] };
    assert.deepEqual(json.lost_heads, [head]);
  });
});

function headMailsOf(oak: TestInstance): readonly SinkMail[] {
  return rekey.sink.mails.filter(
    ({ message }) =>
      /^(The record|El registro) /.test(message.subject ?? "") && message.text?.includes(oak.instance.origin),
  );
}

/** A day passes, and the mails about the head are with the mail server. */
async function untilMailed(oak: TestInstance): Promise<void> {
  rekey.clock.advance(DAY_MS);
  const deadline = AbortSignal.timeout(10_000);
  while (!(await rowsOf(oak, "emails")).some(({ kind }) => kind === "audit_head")) {
    deadline.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await untilIdle(oak);
}

function headIn(mail: SinkMail | undefined): string {
  return /\d+:[0-9a-f]{64}/.exec(mail?.message.text ?? "")?.[0] ?? "";
}
