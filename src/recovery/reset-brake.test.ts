import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { inParallel } from "../../test/support/in-parallel.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

const MOST = 50;
const VERIFICATION = { method: "call_back", note: "On the extension in the staff list" };

/** @returns people who have waited for longer than a minute for nothing. */
function addPeople(oak: TestInstance, count: number): Promise<readonly TestUser[]> {
  return inParallel(Array.from({ length: count }), () => oak.addUser());
}

function sendTo(oak: TestInstance, user: TestUser, by: CookieJar | string): Promise<Answer> {
  const as = typeof by === "string" ? { headers: { authorization: `Bearer ${by}` } } : { cookies: by };
  return oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, ...as });
}

async function countRecoveries(oak: TestInstance): Promise<number> {
  return (await rowsOf(oak, "recoveries")).length;
}

async function createKey(oak: TestInstance, by: CookieJar): Promise<string> {
  const json = { name: "Help desk", scopes: ["recovery.send_link"] };
  return ((await oak.api("POST", "/api-keys", { json, cookies: by })).json() as { key: string }).key;
}

interface Company {
  readonly oak: TestInstance;
  readonly asAnn: CookieJar;
  readonly people: readonly TestUser[];
}

/** Ann acts, and the Owner could agree. */
async function openCompany(): Promise<Company> {
  const oak = await rekey.createInstance();
  const asAnn = await oak.signIn(await oak.addUser({ role: "admin" }));
  return { oak, asAnn, people: await addPeople(oak, MOST + 4) };
}

/** Most were helped by links before; of the others, who are helped at once, as many are as are left of the fifty. */
async function requireFifty({ oak, asAnn, people }: Company, help: (userId: string) => Promise<Answer>): Promise<void> {
  const before = MOST - 5;
  await inParallel(people.slice(0, before), (user) => sendTo(oak, user, asAnn));
  const answers = await Promise.all(people.slice(before).map(({ id }) => help(id)));
  const refused = answers.filter(({ status }) => status >= 400);
  assert.equal(refused.length, people.length - MOST);
  for (const { text } of refused) assert.match(text, /You have let 50 people back in within an hour/);
  assert.equal(await countRecoveries(oak), MOST);
}

suite("A7: over fifty resets within an hour by one administrator", () => {
  test("A7 wait for another administrator to agree that they go on, however they come and all at once", async () => {
    const oak = await rekey.createInstance();
    const ann = await oak.addUser({ role: "admin" });
    const [asAnn, asOwner] = [await oak.signIn(ann), await oak.asOwner()];
    const key = await createKey(oak, asAnn);
    const people = await addPeople(oak, MOST + 10);
    const answers = await Promise.all(people.map((user, index) => sendTo(oak, user, index % 2 ? key : asAnn)));
    assert.equal(answers.filter(({ status }) => status === 202).length, MOST);
    assert.equal(await countRecoveries(oak), MOST);
    const refused = answers.filter(({ status }) => status !== 202);
    assert.deepEqual(new Set(refused.map((answer) => codeOf(answer))), new Set(["approval_required"]));
    const [{ approval_id: id, detail }] = refused.map((answer) => answer.json()) as [
      { approval_id: string; detail: string },
    ];
    assert.match(detail, /50 people .* can let you go on/);
    const last = people.at(-1) ?? oak.owner;
    const password = { mode: "generated", verification: VERIFICATION };
    const others = [
      ["/temporary-password", password],
      ["/require-new-password", {}],
      ["/reset-links/correct-and-send", { email: "right@oak.example" }],
    ] as const;
    for (const [path, json] of others) {
      const answer = await oak.api("POST", `/users/${last.id}${path}`, { json, cookies: asAnn });
      assert.equal(codeOf(answer), "approval_required", path);
    }
    assert.equal((await sendTo(oak, last, asOwner)).status, 202, "nobody else is stopped");

    const asked = await oak.mailTo(oak.owner.email, ({ message }) => /approval is asked/.test(message.subject ?? ""));
    assert.match(asked.message.text ?? "", new RegExp(ann.name));
    const own = await oak.api("POST", `/approvals/${id}/approve`, { json: {}, cookies: asAnn });
    assert.equal(own.status, 403);
    const page = await oak.request("/settings/approvals", { cookies: asOwner });
    assert.match(page.text, /Go on letting people back in/);
    rekey.clock.advance(1_000);
    assert.equal((await oak.api("POST", `/approvals/${id}/approve`, { json: {}, cookies: asOwner })).status, 200);
    rekey.clock.advance(1_000);
    assert.equal((await sendTo(oak, last, asAnn)).status, 202);
  });

  test("A7 are fifty all the same by passwords that are made all at once", async () => {
    const company = await openCompany();
    const { oak, asAnn } = company;
    const json = { mode: "generated", verification: VERIFICATION };
    await requireFifty(company, (id) => oak.api("POST", `/users/${id}/temporary-password`, { json, cookies: asAnn }));
  });

  test("A7 are fifty all the same by links that are copied", async () => {
    const company = await openCompany();
    const { oak, asAnn } = company;
    const answer = await oak.api("PATCH", "/settings", { json: { allows_copied_links: true }, cookies: asAnn });
    assert.equal(answer.status, 200);
    await requireFifty(company, (id) =>
      oak.request(`/settings/users/${id}/copy-reset-link`, { method: "POST", form: {}, cookies: asAnn }),
    );
  });

  test("A7 are fifty all the same by links that were asked for by others, and that are copied", async () => {
    const { oak, asAnn, people } = await openCompany();
    const asOwner = await oak.asOwner();
    await oak.api("PATCH", "/settings", { json: { allows_copied_links: true }, cookies: asOwner });
    const copy = (id: string) => oak.request(`/settings/users/${id}/copy-reset-link`, { form: {}, cookies: asAnn });
    await inParallel(people.slice(0, MOST), (user) => sendTo(oak, user, asOwner));
    const answers = await Promise.all(people.slice(0, MOST).map(({ id }) => copy(id)));
    assert(answers.every(({ status }) => status < 400));
    const [next = oak.owner] = people.slice(MOST);
    assert.match((await copy(next.id)).text, /You have let 50 people back in within an hour/);
    assert.equal(codeOf(await sendTo(oak, next, asAnn)), "approval_required");
  });

  test("A7 need a fresh sign-in where there is no other administrator; a key waits until the hour is over", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const key = await createKey(oak, owner);
    const people = await addPeople(oak, MOST + 2);
    for (const user of people.slice(0, MOST)) assert.equal((await sendTo(oak, user, owner)).status, 202);
    const [next = oak.owner, last = oak.owner] = people.slice(MOST);
    assert.equal((await sendTo(oak, next, owner)).status, 202, "the sign-in is fresh");
    const asKey = await sendTo(oak, last, key);
    assert.equal(codeOf(asKey), "too_many_requests");
    assert(Number(asKey.headers["retry-after"]) > 3_000, String(asKey.headers["retry-after"]));
    rekey.clock.advance(11 * MINUTE_MS);
    assert.equal(codeOf(await sendTo(oak, last, owner)), "step_up_required");
    const confirmed = await oak.api("POST", "/session/step-up", {
      json: { password: oak.owner.password },
      cookies: owner,
    });
    assert.equal(confirmed.status, 204);
    assert.equal((await sendTo(oak, last, owner)).status, 202);
    rekey.clock.advance(HOUR_MS);
    assert.equal((await sendTo(oak, next, key)).status, 202, "an hour later all is forgotten");
  });
});

suite("two clicks of one administrator on one person, at the same moment", () => {
  test("are both done, one after the other", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    for (const user of await addPeople(oak, MOST / 2 - 1)) {
      const json = { reason: "A laptop was stolen" };
      const answers = await Promise.all([
        oak.api("POST", `/users/${user.id}/require-new-password`, { json, cookies: owner }),
        sendTo(oak, user, owner),
      ]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [202, 202],
        answers.map(({ text }) => text).join(),
      );
    }
  });
});
