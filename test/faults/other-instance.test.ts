import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import { essenceOf } from "../support/essence.ts";
import type { Answer, CookieJar, RequestOptions } from "../support/http.ts";
import { inParallel } from "../support/in-parallel.ts";
import { times } from "../support/numbers.ts";
import { operationsOf, requestWith } from "../support/operations.ts";
import { type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import { dumpOf, instanceTables, rowsOf, untilIdle } from "../support/tables.ts";

const rekey = await testRekey();

/** Pages and forms with a place for an id; the API's come from its document. */
const PAGES: readonly ((id: string) => { target: string; options?: RequestOptions })[] = [
  (id) => ({ target: `/settings/users/${id}` }),
  (id) => ({ target: `/settings/users/${id}/panel` }),
  (id) => ({ target: `/settings/users?cursor=${id}` }),
  (id) => ({ target: `/reset-password?recovery=${id}` }),
  (id) => ({ target: `/ticket-answers?mail=${id}` }),
  (id) => ({ target: `/tickets/${id}` }),
  (id) => ({ target: `/tickets?cursor=${id}` }),
  (id) => ({ target: "/ticket-answers", options: { form: { mail: id, answer: "in" } } }),
  (id) => ({ target: `/settings/users/${id}/reset-links`, options: { form: { return_to: "/settings/users" } } }),
  (id) => ({ target: `/reset-password/renew`, options: { form: { recovery: id } } }),
  (id) => ({
    target: `/reset-password`,
    options: { form: { recovery: id, new_password: NEW_PASSWORD, confirm_password: NEW_PASSWORD } },
  }),
];

const NEW_PASSWORD = "violet harbor thunder kettle";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

suite("Z1: what belongs to another instance", () => {
  let oak: TestInstance;
  let pine: TestInstance;
  let oakOwner: CookieJar;
  let pineOwner: CookieJar;
  let pineUsers: readonly TestUser[];
  let pineToken: string;

  before(async () => {
    [oak, pine] = [await rekey.createInstance("Oak Recovery"), await rekey.createInstance("Pine House")];
    [oakOwner, pineOwner] = [await oak.asOwner(), await pine.asOwner()];
    await oak.mailedToken(await oak.addUser({ password: null }), oakOwner);
    pineUsers = await addPeople(pine, times({ quick: 2, full: 70 }));
    for (const user of pineUsers) pineToken = await pine.mailedToken(user, pineOwner);
    await Promise.all([untilIdle(oak), untilIdle(pine)]);
  });

  test("answers as what does not exist, wherever an id can stand, and is not changed", async () => {
    const operations = operationsOf(await oak.request("/api/openapi.json"));
    const places = operations.flatMap((operation) =>
      operation.idSlots.map((slot) => (id: string) => requestWith(operation, slot, id)),
    );
    const [reading, changing] = partition([...places, ...PAGES], isReading);
    assert(reading.length >= 10 && changing.length >= 5, "the document names the operations");
    const unchanged = await dumpOf(pine);
    const ids = await idsOf(pine);
    assert(ids.length * (reading.length + changing.length) >= times({ quick: 100, full: 10_000 }), "enough probes");
    // What changes nothing comes first: a refusal leaves an audit event, which names the id that was tried.
    for (const place of [...reading, ...changing]) {
      await inParallel(ids, async (id) => {
        const [foreign, absent] = await Promise.all([send(place(id)), send(place(neighbourOf(id)))]);
        assert.deepEqual(essenceOf(foreign, [id]), essenceOf(absent, [neighbourOf(id)]), JSON.stringify(place(id)));
      });
    }
    assert.equal(await dumpOf(pine), unchanged);
  });

  test("is told from what is one's own, so that the probes mean something", async () => {
    const own = (await oak.addUser({ password: null })).id;
    for (const target of [`/api/v1/users/${own}`, `/settings/users/${own}`, `/settings/users/${own}/panel`]) {
      assert.equal((await send({ target })).status, 200, target);
    }
    const sent = await send({ target: `/api/v1/users/${own}/reset-links`, options: { method: "POST", json: {} } });
    assert.equal(sent.status, 202);
    const { id } = sent.json() as { id: string };
    for (const target of [`/recoveries?user_id=${own}`, `/audit-events?target=${own}`]) {
      const { items } = (await send({ target: `/api/v1${target}` })).json() as { items: unknown[] };
      assert(items.length > 0, target);
    }
    assert.equal((await send({ target: `/api/v1/recoveries/${id}` })).status, 200);
    assert.equal((await send({ target: `/api/v1/recoveries/${id}`, options: { method: "DELETE" } })).status, 204);
  });

  test("stands in no list, page or search", async () => {
    const strange = [...pineUsers.map(({ id }) => id), ...pineUsers.map(({ email }) => email), pine.owner.id];
    const lists = [
      "/api/v1/users",
      "/api/v1/recoveries",
      "/api/v1/audit-events",
      "/settings/users",
      "/",
      "/settings",
      "/tickets",
    ];
    for (const list of [...lists, "/api/v1/users?q=pine.example", "/settings/users?q=pine.example"]) {
      const answer = await send({ target: list });
      assert.equal(answer.status, 200, list);
      // Which ids were tried stands in the own audit trail; names and addresses it could not know do not.
      const sought = list.endsWith("audit-events") ? pineUsers.map(({ email }) => email) : strange;
      for (const trace of sought) assert(!answer.text.includes(trace), `${list} shows ${trace}`);
    }
  });

  test("opens nothing here: neither its session, nor its link, nor its password", async () => {
    const unchanged = await dumpOf(pine);
    assert.equal((await oak.api("GET", "/session", { cookies: pineOwner })).status, 401);
    const redeemed = await oak.api("POST", "/recovery-redemptions", {
      json: { token: pineToken, password: NEW_PASSWORD },
    });
    assert.equal((redeemed.json() as { code: string }).code, "link_invalid");
    assert.equal((await oak.api("POST", "/recovery-redemptions/renew", { json: { token: pineToken } })).status, 404);
    assert.equal((await oak.request(`/reset-password/${pineToken}`)).status, 404);
    const { email: identifier, password } = pine.owner;
    assert.equal((await oak.api("POST", "/session", { json: { identifier, password } })).status, 401);
    assert.equal(await dumpOf(pine), unchanged);
    assert.equal((await pine.api("GET", "/session", { cookies: pineOwner })).status, 200, "at home it does");
  });

  test("gets no mail from here", async () => {
    const mails = (): number => pineUsers.flatMap((user) => pine.linksTo(user)).length;
    const earlier = mails();
    for (const { email: identifier } of pineUsers)
      await oak.api("POST", "/recovery-requests", { json: { identifier } });
    await untilIdle(oak);
    assert.deepEqual([mails(), earlier], [pineUsers.length, pineUsers.length]);
  });

  function send({ target, options }: { target: string; options?: RequestOptions }): Promise<Answer> {
    return oak.request(target, { ...options, cookies: oakOwner });
  }
});

async function addPeople(instance: TestInstance, count: number): Promise<readonly TestUser[]> {
  const people: TestUser[] = [];
  for (let number = 1; number <= count; number += 1) {
    people.push(await instance.addUser({ email: `p${number}@pine.example`, password: null }));
  }
  return people;
}

/** @returns ids from every column of every table of the instance: one of each column, or all where the numbers are full. */
async function idsOf(instance: TestInstance): Promise<readonly string[]> {
  const columns = new Map<string, string[]>();
  for (const table of await instanceTables(instance.deps.db)) {
    for (const [column, value] of (await rowsOf(instance, table)).flatMap((row) => Object.entries(row))) {
      if (typeof value === "string" && UUID.test(value)) {
        const name = `${table}.${column}`;
        columns.set(name, [...(columns.get(name) ?? []), value]);
      }
    }
  }
  return [...new Set([...columns.values()].flatMap((ids) => ids.slice(0, times({ quick: 1, full: ids.length }))))];
}

/** @returns the id of nothing, made in the same millisecond: as a place in a list it stands where the id does. */
function neighbourOf(id: string): string {
  const last = Number.parseInt(id.slice(-1), 16);
  return id.slice(0, -1) + (last ^ 1).toString(16);
}

function isReading(place: (id: string) => { options?: RequestOptions }): boolean {
  const { options } = place("");
  return options?.form === undefined && (options?.method ?? "GET") === "GET";
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
