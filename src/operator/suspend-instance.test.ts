import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { requestRecovery } from "#recovery/request-recovery.ts";
import { times } from "../../test/support/numbers.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";
import { runCommand } from "./commands.ts";
import { resumeInstance, suspendInstance } from "./suspend-instance.ts";

const rekey = await testRekey();

const ROUNDS = times({ quick: 6, full: 60 });
const PEOPLE = 8;

suite("suspending an instance", () => {
  test("T6 leaves nothing alive of what was being issued at the same moment", async () => {
    const oak = await rekey.createInstance();
    const people = await Promise.all(Array.from({ length: PEOPLE }, () => oak.addUser()));
    await oak.api("GET", "/session"); // With its first answer, the API is asked what it promises, which a suspended one does not say.
    for (let round = 0; round < ROUNDS; round += 1) {
      const admin = await oak.asOwner();
      const underWay = people.flatMap((user, index) => letIn(oak, admin.toString(), user, `${round}-${index}`));
      await pause(round % 3 === 0 ? 0 : round * 4);
      await suspendInstance(oak.deps, oak.instance);
      const statuses = new Set((await Promise.all(underWay)).map(({ status }) => status));
      // 409: the temporary password was over before it was called verified.
      for (const status of statuses) assert([200, 201, 202, 401, 409, 503].includes(status), `${status}`);
      await untilIdle(oak);
      await requireNothingAlive(oak);
      await resumeInstance(oak.deps, oak.instance);
    }
  });

  test("refuses who asked for a link while it was suspended, rather than mail it weeks later", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const { instance } = oak;
    await suspendInstance(oak.deps, instance);
    const suspended = { ...oak.scope, instance: { ...instance, status: "suspended" } } as const;
    await requestRecovery(oak.deps, suspended, { identifier: maria.email });
    await untilIdle(oak);
    await resumeInstance(oak.deps, instance);
    await untilIdle(oak);
    assert.deepEqual(await rowsOf(oak, "recoveries"), []);
    const refused = (await rowsOf(oak, "audit_events")).find(({ reason }) => reason === "instance_suspended");
    assert.deepEqual([refused?.action, refused?.target_id], ["recovery.request", maria.id]);
  });

  test("refuses the operator a link and a password, which would outlive it, and says what comes first", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const { origin } = oak.instance;
    await suspendInstance(oak.deps, oak.instance);
    for (const words of [["reset-link"], ["reset-link", "--print"], ["temporary-password"]]) {
      const said = await runCommand(oak.deps, [...words, maria.email, "--instance", origin]);
      assert.equal(said.exitCode, 1);
      assert.match(said.stderr, new RegExp(`suspended.*Resume it first: .*instance resume --instance ${origin}`));
    }
    const people = ["Email,First Name,Last Name\nnew@oak.example,New,Here\n"].map((text) => Buffer.from(text));
    const imported = await runCommand(oak.deps, ["user", "import", "-", "--instance", origin], people);
    assert.match(imported.stderr, /suspended/);
    await requireNothingAlive(oak);
    await resumeInstance(oak.deps, oak.instance);
    const { exitCode } = await runCommand(oak.deps, ["reset-link", maria.email, "--instance", origin]);
    assert.equal(exitCode, 0);
  });
});

/** Everything that lets somebody in, begun at once. */
function letIn(oak: TestInstance, cookie: string, user: TestUser, name: string) {
  const headers = { cookie };
  const newcomer = { email: `p${name}@oak.example`, first_name: "New", last_name: "Here", role: "member" };
  const temporary = { mode: "generated", verification: { method: "in_person" } };
  return [
    oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, headers }),
    oak.api("POST", "/users", { json: newcomer, headers }),
    oak.api("POST", "/session", { json: { identifier: user.username, password: user.password } }),
    oak.api("POST", `/users/${user.id}/temporary-password`, { json: temporary, headers }),
  ];
}

async function requireNothingAlive(oak: TestInstance): Promise<void> {
  const open = (await rowsOf(oak, "recoveries")).filter(({ state }) => state === "open");
  assert.deepEqual(open, [], "no link and no temporary password");
  assert.deepEqual(
    (await rowsOf(oak, "sessions")).filter(({ ended_at: end }) => end === null),
    [],
    "no session",
  );
  const temporary = (await rowsOf(oak, "credentials")).filter(({ kind }) => kind === "temporary");
  assert.deepEqual(temporary, [], "no temporary password opens anything");
}
