import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { after, before, suite, test } from "node:test";

import { sql } from "kysely";

import { MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { DELIVERY_REPORTS } from "../../test/support/delivery-reports.ts";
import { emptyEnvironment } from "../../test/support/program.ts";
import { type Answer, request } from "../../test/support/http.ts";
import { startRekey, type TestRekey, testRekey } from "../../test/support/rekey.ts";
import { bounceLink } from "../../test/support/report-mail.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { type SmtpSink, startSmtpSink } from "../../test/support/smtp-sink.ts";
import { untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const TOKEN = "bWV0cmljcyBhcmUgcmVhZCBieSBtYWNoaW5lcw==";
const HERE = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address;

/** What proxies say of themselves. */
const PROXIED: readonly Readonly<Record<string, string>>[] = [
  { "x-forwarded-for": "127.0.0.1" },
  { "x-forwarded-for": "203.0.113.9" },
  { "x-forwarded-host": "crm.example.com" },
  { "x-real-ip": "127.0.0.1" },
  { forwarded: "for=127.0.0.1" },
];

/** A line with a figure, to the letter (Prometheus, "Exposition formats", text-based format). */
const SAMPLE = /^([a-z_][a-z0-9_]*)(\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

suite("/metrics", () => {
  test("is text that Prometheus reads, line by line", async () => {
    const answer = await read();
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert(answer.text.endsWith("\n"));
    const types = new Map<string, string>();
    for (const line of answer.text.trimEnd().split("\n")) {
      const [, family, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
      if (family && type) {
        assert(!types.has(family), `${family} comes once`);
        types.set(family, type);
      } else if (!/^# HELP [a-z0-9_]+ \S.*\.$/.test(line)) {
        const [, name = ""] = SAMPLE.exec(line) ?? [];
        assert(types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, "")) === "histogram", line);
      }
    }
    const keys = [...figuresOf(answer).keys()];
    assert.equal(new Set(keys).size, keys.length, "no figure comes twice");
  });

  test("shows the mails that wait, since when, and what became of them, and names nobody", async () => {
    const oak = await rekey.createInstance("Oak Recovery");
    const [owner, maria] = [await oak.asOwner(), await oak.addUser({ firstName: "Maria" })];
    await untilIdle(oak);
    await rekey.sink.pause();
    const earlier = figuresOf(await read());
    try {
      await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: owner });
      rekey.clock.advance(MINUTE_MS);
      const answer = await read();
      const waiting = figuresOf(answer);
      assert.equal(risen("rekey_mails_waiting", 'queue="single"', earlier, waiting), 1);
      assert.equal(risen("rekey_mails_waiting", 'queue="bulk"', earlier, waiting), 0);
      const age = waiting.get('rekey_oldest_mail_age_seconds{queue="single"}') ?? 0;
      assert(age >= 60, String(age));
      for (const name of ["Oak", "Maria", oak.instance.id, new URL(oak.instance.origin).hostname, "@"])
        assert(!answer.text.includes(name), name);
    } finally {
      await rekey.sink.resume();
    }
    rekey.clock.advance(MINUTE_MS);
    await untilIdle(oak);
    const later = figuresOf(await read());
    assert.equal(risen("rekey_mails_waiting", 'queue="single"', earlier, later), 0);
    assert(risen("rekey_mails_total", 'outcome="accepted"', earlier, later) >= 1);
  });

  test("counts a bounce once, however often it is reported", async () => {
    const oak = await rekey.createInstance();
    const [owner, maria] = [await oak.asOwner(), await oak.addUser()];
    const earlier = figuresOf(await read());
    await oak.mailedToken(maria, owner);
    for (let time = 0; time < 2; time += 1) await bounceLink(rekey, oak, maria, DELIVERY_REPORTS[0]?.name ?? "");
    assert.equal(risen("rekey_mails_total", 'outcome="bounced"', earlier, figuresOf(await read())), 1);
  });

  test("counts every answer by its class, in the bucket of its time and in all above", async () => {
    const earlier = figuresOf(await read());
    for (let count = 0; count < 3; count += 1) await request(base(rekey), "/", { host: "nobody.example" });
    const later = figuresOf(await read());
    const name = "rekey_http_request_duration_seconds";
    assert.equal(risen(`${name}_count`, 'status="4xx"', earlier, later), 3);
    assert.equal(risen(`${name}_bucket`, 'status="4xx",le="+Inf"', earlier, later), 3);
    assert(risen(`${name}_sum`, 'status="4xx"', earlier, later) > 0);
    const buckets = [...later]
      .filter(([key]) => key.startsWith(`${name}_bucket{status="4xx"`))
      .map(([, value]) => value);
    assert.deepEqual(
      buckets,
      buckets.toSorted((one, other) => one - other),
    );
  });

  test("tells when the process began and what it takes", async () => {
    const figures = figuresOf(await read());
    const startedAt = (figures.get("process_start_time_seconds") ?? 0) * 1_000;
    assert(Math.abs(startedAt - performance.timeOrigin) < 1_000);
    assert((figures.get("process_resident_memory_bytes") ?? 0) > 10_000_000);
    const delay = figures.get("rekey_event_loop_delay_p99_seconds") ?? -1;
    assert(delay >= 0 && delay < 60, String(delay));
    assert.equal(figures.get("rekey_database_up"), 1);
  });

  test("is nothing for others, where no token is set", async () => {
    for (const headers of PROXIED) {
      const refused = await read({ headers: { ...headers, authorization: `Bearer ${TOKEN}` } });
      assert.deepEqual([refused.status, codeOf(refused)], [404, "not_found"], JSON.stringify(headers));
    }
    assert.equal((await read({ host: "evil.example" })).status, 404, "a page of another site");
  });
});

suite("/metrics of a program with a token", () => {
  let guarded: TestRekey;
  let sink: SmtpSink;

  before(async () => {
    sink = await startSmtpSink();
    const own = { SMTP_URL: sink.url, HOST: "0.0.0.0", METRICS_TOKEN: TOKEN, TRUSTED_PROXIES: "127.0.0.1" };
    guarded = await startRekey({ ...(await emptyEnvironment()), ...own }, sink);
  });
  after(async () => {
    await guarded.server.close();
    await sink.close();
  });

  test("are read on the same machine, and with the token from everywhere", async () => {
    assert.equal((await ask("127.0.0.1")).status, 200);
    for (const headers of PROXIED) await requireToken("127.0.0.1", { headers });
    await requireToken("127.0.0.1", { host: "evil.example" });
    if (HERE) await requireToken(HERE, {});
  });

  test("say in time that the database does not answer, and tell the rest all the same", {
    skip: rekey.shareable === undefined && "its one connection leaves nobody to hold it up",
  }, async () => {
    const startedAt = performance.now();
    const answer = await guarded.deps.db.onInstances(async (tx) => {
      await sql`lock table emails in access exclusive mode`.execute(tx);
      return ask("127.0.0.1");
    });
    assert(performance.now() - startedAt < 5 * SECOND_MS, "sooner than Prometheus gives up");
    const figures = figuresOf(answer);
    assert.deepEqual([answer.status, figures.get("rekey_database_up")], [200, 0], answer.text);
    assert(figures.has("process_resident_memory_bytes"));
    assert(![...figures.keys()].some((key) => key.startsWith("rekey_mails_waiting")), "nothing is made up");
  });

  function ask(address: string, options: Parameters<typeof request>[2] = {}): Promise<Answer> {
    return request(`http://${address}:${guarded.server.port}`, "/metrics", options);
  }

  async function requireToken(address: string, options: { headers?: Record<string, string>; host?: string }) {
    const withToken = (authorization: string): Promise<Answer> =>
      ask(address, { ...options, headers: { ...options.headers, authorization } });
    for (const refused of [
      await ask(address, options),
      await withToken(`Bearer ${TOKEN.slice(0, -1)}`),
      await withToken(`Bearer ${TOKEN}x`),
      await withToken(`Basic ${TOKEN}`),
    ]) {
      assert.deepEqual([refused.status, codeOf(refused)], [401, "metrics_token_invalid"], refused.text);
      assert.equal(refused.headers["content-type"], "application/problem+json");
      assert.equal(refused.headers["www-authenticate"], "Bearer");
    }
    const answer = await withToken(`Bearer ${TOKEN}`);
    assert.equal(answer.status, 200, answer.text);
    assert(!answer.text.includes(TOKEN));
  }
});

function base({ server }: TestRekey): string {
  return `http://127.0.0.1:${server.port}`;
}

function read(options: Parameters<typeof request>[2] = {}): Promise<Answer> {
  return request(base(rekey), "/metrics", options);
}

/** @returns each figure by its name with its labels. */
function figuresOf({ text }: Answer): ReadonlyMap<string, number> {
  const lines = text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    return name ? [[`${name}${labels}`, Number(value)] as const] : [];
  });
  return new Map(lines);
}

type Figures = ReturnType<typeof figuresOf>;

function risen(name: string, labels: string, earlier: Figures, later: Figures): number {
  const key = `${name}{${labels}}`;
  return (later.get(key) ?? Number.NaN) - (earlier.get(key) ?? Number.NaN);
}
