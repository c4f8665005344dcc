import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, suite, test } from "node:test";

import { sql } from "kysely";

import { hashOfSeal, headWords, listSeals, macOfSeal, type Seal } from "#audit-seals/seal.ts";
import { newId } from "#platform/crypto/id.ts";
import { openKeyring } from "#platform/crypto/keyring.ts";
import { type Tamper, tampering, untilSealed, verify } from "../support/audit-seals.ts";
import { times } from "../support/numbers.ts";
import { Random } from "../support/random.ts";
import { type TestInstance, testRekey } from "../support/rekey.ts";
import { rowsOf, untilIdle } from "../support/tables.ts";

const rekey = await testRekey();
const random = new Random(41);

const TABLES = ["audit_events", "audit_seals", "unsealed_audit_events"];

/** The record of one instance as it is, and another instance to put something into. */
interface Place {
  readonly oak: TestInstance;
  readonly pine: TestInstance;
  readonly eventIds: readonly string[];
  readonly seals: readonly Seal[];
  /** Kept by somebody outside. */
  readonly head: string;
}

/** Somebody changes the record; what `audit verify` then says must hold these words. */
interface Tampering {
  readonly sentence: string;
  readonly isFoundWithHeadOnly?: boolean;
  readonly do: (tamper: Tamper, place: Place) => Promise<string | RegExp>;
}

/** What each column of the record and of the seals can be changed to. Whoever adds a column sees here that it is sealed. */
const CHANGES: Readonly<Record<string, (column: string) => string>> = {
  uuid: () => `'${newId()}'`,
  text: (column) => `coalesce(${column}, '') || 'x'`,
  jsonb: (column) => random.pick([`${column} || '{"forged": 1.0}'`, `jsonb_build_object('was', ${column})`]),
  "timestamp with time zone": (column) =>
    `${column} + interval '${random.pick(["1 microsecond", "-1 day", "-5000 years"])}'`,
  boolean: (column) => `not ${column}`,
  integer: (column) => `${column} + 1000`,
  bytea: (column) => random.pick([`${column} || '\\x00'::bytea`, `sha256(${column})`]),
  ARRAY: (column) => random.pick([`${column} || gen_random_uuid()`, `array[${column}]`]),
};

/** Columns that take a few values only. */
const OTHER_VALUES: Readonly<Record<string, string>> = {
  actor_type: "case actor_type when 'system' then 'operator' else 'system' end",
  result: "case result when 'ok' then 'refused' else 'ok' end",
};

suite("L3: the record shows tampering", () => {
  let place: Place;

  before(async () => {
    place = await makePlace();
  });

  test("1,000 changes by somebody with every right in the database and no key are found, each at its place", async () => {
    await tampering(place.oak, async (tamper) => {
      await keep(tamper, place);
      const kinds = [...(await columnChanges(tamper, place)), ...FORGERIES];
      for (let index = 0; index < times({ quick: 100, full: 1_000 }); index += 1) {
        const kind = kinds[index % kinds.length];
        assert(kind);
        const expected = await kind.do(tamper, place);
        const [plain, withHead] = [await verify(place.oak), await verify(place.oak, "--head", place.head)];
        assert.equal(plain.exitCode, kind.isFoundWithHeadOnly ? 0 : 1, `${kind.sentence}: ${plain.said}`);
        assert.equal(withHead.exitCode, 1, `${kind.sentence}: ${withHead.said}`);
        const { said } = kind.isFoundWithHeadOnly ? withHead : plain;
        assert(
          typeof expected === "string" ? said.includes(expected) : expected.test(said),
          `${kind.sentence}: ${said}`,
        );
        await restore(tamper, place);
      }
      assert.equal((await verify(place.oak, "--head", place.head)).exitCode, 0, "everything is as it was");
    });
  });

  test("lets anybody follow the chain without a key, from what docs/record.md says alone", async () => {
    const { oak, seals } = place;
    const { rows } = await oak.deps.db.inInstance(oak.instance.id, (tx) =>
      sql<Record<string, Buffer> & { texts: string[] }>`
        select array[instance_id::text, number::text, extract(epoch from sealed_at)::text, event_count::text, event_ids::text] as texts,
          event_digests, previous_hash, mac, hash, convert_to(key_id, 'UTF8') as key_id,
          convert_to(case when has_unmarked then 'unmarked' else 'marked' end, 'UTF8') as marked
        from audit_seals order by number`.execute(tx),
    );
    assert.equal(rows.length, seals.length);
    for (const [index, row] of rows.entries()) {
      const texts = ["rekey audit seal 1", ...row.texts].map((text) => Buffer.from(text));
      const parts = [...texts, row.event_digests, row.marked, row.previous_hash, row.key_id, row.mac];
      const framed = parts.flatMap((part = Buffer.alloc(0)) => [Buffer.from(`${part.length}:`), part]);
      assert.deepEqual(createHash("sha256").update(Buffer.concat(framed)).digest(), row.hash);
      assert.deepEqual(row.previous_hash, rows[index - 1]?.hash ?? Buffer.alloc(0));
    }
  });

  after(async () => {
    await tampering(place.oak, async (tamper) => {
      for (const table of TABLES) await tamper(`drop table if exists pg_temp.kept_${table}`);
    });
  });
});

const FORGERIES: readonly Tampering[] = [
  {
    sentence: "an event is deleted",
    do: async (tamper, { eventIds }) => {
      const id = random.pick(eventIds);
      await tamper(`delete from audit_events where id = '${id}'`);
      return new RegExp(`Event ${id}, recorded about .*, is missing`);
    },
  },
  {
    sentence: "an event is put in",
    do: async (tamper, { oak }) => `Event ${await forge(tamper, oak)} of `,
  },
  {
    sentence: "an event is put in and waits for a seal, with a mark that somebody made up",
    do: async (tamper, { oak, seals }) => {
      const id = await forge(tamper, oak);
      const mac = `'\\x${randomBytes(32).toString("hex")}'::bytea`;
      await queue(tamper, oak, { id, keyId: `'${seals[0]?.keyId}'`, mac });
      return new RegExp(`Event ${id} of .* was changed before it was sealed, or put in`);
    },
  },
  {
    sentence: "an event is put in as if it were older than the marks",
    do: async (tamper, { oak }) => {
      const id = await forge(tamper, oak);
      await queue(tamper, oak, { id, keyId: "null", mac: "null" });
      return new RegExp(`Event ${id} of .* was put in`);
    },
  },
  {
    sentence: "two events change ids",
    do: async (tamper, { eventIds }) => {
      const one = random.pick(eventIds);
      const other = random.pick(eventIds.filter((id) => id !== one));
      const spare = newId();
      for (const [from, to] of [
        [one, spare],
        [other, one],
        [spare, other],
      ] as const)
        await tamper(`update audit_events set id = '${to}' where id = '${from}'`);
      const [first] = [one, other].toSorted((a, b) => eventIds.indexOf(a) - eventIds.indexOf(b));
      return `Event ${first} of `;
    },
  },
  {
    sentence: "a seal is deleted",
    do: async (tamper, { oak, seals }) => {
      const { number } = random.pick(seals);
      await tamper(`delete from audit_seals where instance_id = '${oak.instance.id}' and number = ${number}`);
      return number === seals.length ? "its seal was cut off" : `Seal ${number} is missing.`;
    },
  },
  {
    sentence: "two seals change places",
    do: async (tamper, { oak, seals }) => {
      const [one, other] = [1, random.between(2, seals.length)];
      for (const [from, to] of [
        [one, 9_999],
        [other, one],
        [9_999, other],
      ] as const)
        await tamper(
          `update audit_seals set number = ${to} where instance_id = '${oak.instance.id}' and number = ${from}`,
        );
      return "Seal 1 was altered.";
    },
  },
  {
    sentence: "a seal forgets its last event, and the chain is made anew from there, with the marks that were there",
    do: async (tamper, place) => {
      const number = await rechain(tamper, place, (seal) => ({ ...seal, mac: seal.mac }));
      return `Seal ${number} was not made by this program`;
    },
  },
  {
    sentence: "the same, with marks of the forger's own key under its own name",
    do: async (tamper, place) => {
      const keyring = openKeyring([randomBytes(32)]);
      const number = await rechain(tamper, place, (seal) => {
        const own = { ...seal, keyId: keyring.currentKeyId };
        return { ...own, mac: macOfSeal(keyring, own) ?? seal.mac };
      });
      return `The seals from number ${number} on were made with a key that REKEY_SECRET does not hold`;
    },
  },
  {
    sentence: "the whole record of the last seals is cut off",
    isFoundWithHeadOnly: true,
    do: async (tamper, { oak, seals, head }) => {
      const from = random.between(2, seals.length);
      const cut = `instance_id = '${oak.instance.id}' and number >= ${from}`;
      await tamper(`delete from audit_events where id in (select unnest(event_ids) from audit_seals where ${cut})`);
      await tamper(`delete from audit_seals where ${cut}`);
      return `The seal ${head} is in no record`;
    },
  },
];

/** One change for each column of the record and of the seals, as the database's catalogue names them. */
async function columnChanges(tamper: Tamper, { pine }: Place): Promise<readonly Tampering[]> {
  const columns = await tamper(`select table_name as table, column_name as column, data_type as type
    from information_schema.columns where table_schema = 'public' and table_name in ('audit_events', 'audit_seals')`);
  assert(columns.length >= 27);
  return columns.map(({ table, column, type }) => {
    const other = column === "instance_id" ? `'${pine.instance.id}'` : OTHER_VALUES[String(column)];
    const value = () => other ?? CHANGES[String(type)]?.(String(column));
    const set = () => `update ${String(table)} set ${String(column)} = ${value()}`;
    return {
      sentence: `${String(table)}.${String(column)} is changed`,
      do: async (run, { oak, eventIds, seals }) => {
        const id = random.pick(eventIds);
        if (table === "audit_events") await run(`${set()} where id = '${id}'`);
        if (table === "audit_events") return `Event ${id}`;
        const { number } = random.pick(seals);
        const free = column === "instance_id" ? ", number = number + 1000" : ""; // Pine has seals of its own.
        await run(`${set()}${free} where instance_id = '${oak.instance.id}' and number = ${number}`);
        return column === "number" || column === "instance_id"
          ? /Seal \d+ is missing|was cut off/
          : `Seal ${number} was`;
      },
    };
  });
}

/** Everything that is written down of somebody happens to a few people, in several seals. */
async function makePlace(): Promise<Place> {
  const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
  const cookies = await oak.asOwner();
  for (let seal = 0; seal < 6; seal += 1) {
    const { id } = await oak.addUser();
    await oak.api("PATCH", `/users/${id}`, { json: { title: "Counselor" }, cookies });
    await oak.api("POST", `/users/${id}/reset-links`, { json: { reason: "She called" }, cookies });
    await oak.api("POST", "/session", { json: { identifier: "nobody", password: "x" } });
    await untilIdle(oak);
    await untilSealed(rekey, oak);
  }
  await untilSealed(rekey, pine);
  const list = { after: 0, limit: 1_000 };
  const seals = await oak.deps.db.inInstance(oak.instance.id, (tx) => listSeals(tx, oak, list));
  const last = seals.at(-1);
  assert(last && seals.length >= 6);
  const eventIds = (await rowsOf(oak, "audit_events")).map(({ id }) => String(id)).toSorted();
  return { oak, pine, eventIds, seals, head: headWords(last) };
}

function both({ oak, pine }: Place): string {
  return `instance_id in ('${oak.instance.id}', '${pine.instance.id}')`;
}

async function keep(tamper: Tamper, place: Place): Promise<void> {
  for (const table of TABLES)
    await tamper(`create temp table kept_${table} as select * from ${table} where ${both(place)}`);
}

async function restore(tamper: Tamper, place: Place): Promise<void> {
  for (const table of TABLES) {
    await tamper(`delete from ${table} where ${both(place)}`);
    await tamper(`insert into ${table} select * from pg_temp.kept_${table}`);
  }
}

/** @returns the id of an event that nobody recorded. */
async function forge(tamper: Tamper, { instance }: TestInstance): Promise<string> {
  const id = newId();
  await tamper(`insert into audit_events (instance_id, id, at, action, actor_type, actor_name, target_type, target_name, result)
    values ('${instance.id}', '${id}', now(), 'session.create', 'stranger', 'Nobody', 'user', 'Nobody', 'ok')`);
  return id;
}

async function queue(tamper: Tamper, oak: TestInstance, of: { id: string; keyId: string; mac: string }): Promise<void> {
  await tamper(`insert into unsealed_audit_events (instance_id, event_id, key_id, mac, next_attempt_at)
    values ('${oak.instance.id}', '${of.id}', ${of.keyId}, ${of.mac}, now() + interval '1 year')`);
}

/** One event goes, with everything that says so as far as no key is needed. @returns the number of its seal. */
async function rechain(tamper: Tamper, { oak, seals }: Place, mark: (seal: Seal) => Seal): Promise<number> {
  const { number: first } = random.pick(seals.filter(({ eventCount }) => eventCount > 1));
  let previousHash = seals.find(({ number }) => number === first - 1)?.hash ?? Buffer.alloc(0);
  for (const seal of seals.filter(({ number }) => number >= first)) {
    const ids = seal.eventIds.slice(1, -1).split(",");
    const gone = seal.number === first ? ids.pop() : undefined;
    if (gone) await tamper(`delete from audit_events where id = '${gone}'`);
    const content = { eventIds: `{${ids.join(",")}}`, eventDigests: seal.eventDigests.subarray(0, ids.length * 32) };
    const marked = mark({ ...seal, ...content, eventCount: ids.length, previousHash });
    previousHash = hashOfSeal(marked, marked.mac);
    const hex = (bytes: Buffer): string => `'\\x${bytes.toString("hex")}'::bytea`;
    await tamper(`update audit_seals set event_count = ${ids.length}, event_ids = '${marked.eventIds}',
      event_digests = ${hex(marked.eventDigests)}, previous_hash = ${hex(marked.previousHash)}, key_id = '${marked.keyId}',
      mac = ${hex(marked.mac)}, hash = ${hex(previousHash)}
      where instance_id = '${oak.instance.id}' and number = ${seal.number}`);
  }
  return first;
}
