import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";

import { dkimRecordName, publishedKey } from "#platform/mail/dkim-key.ts";
import { TestDns } from "../../test/support/dns.ts";
import { examineDkim } from "./examine-dkim.ts";
import { examineDmarc } from "./examine-dmarc.ts";
import { examineSpf } from "./examine-spf.ts";
import type { Verdict } from "./finding.ts";

const DOMAIN = "oak.example";
const RELAY = { host: "mail.oak.example", addresses: ["192.0.2.25"], include: undefined };
const GOOGLE = { host: "smtp.gmail.com", addresses: ["198.51.100.1"], include: "_spf.google.com" };
const UNKNOWN = { host: "localhost", addresses: [], include: undefined };

type Result = Verdict["result"];

suite("SPF of a sender's domain", () => {
  const cases: readonly (readonly [
    what: string,
    texts: readonly string[],
    result: Result,
    says: RegExp,
    publish?: string,
  ])[] = [
    ["names the mail server", ["v=spf1 ip4:192.0.2.0/24 -all"], "ok", /lets 192\.0\.2\.25 send/],
    [
      "names it through another record",
      ["v=spf1 include:relay.example ~all", "other=1"],
      "ok",
      /lets 192\.0\.2\.25 send/,
    ],
    ["is missing", ["google-site-verification=x"], "fault", /has no SPF record/, "v=spf1 mx ip4:192.0.2.25 ~all"],
    [
      "is there twice",
      ["v=spf1 mx -all", "v=spf1 include:relay.example MX ~all"],
      "fault",
      /has 2 SPF records/,
      "v=spf1 mx include:relay.example -all",
    ],
    [
      "refuses the mail server",
      ["v=spf1 ip4:203.0.113.9 -all"],
      "fault",
      /does not name mail\.oak\.example \(192\.0\.2\.25\): asks receivers to refuse its mails/,
      "v=spf1 ip4:203.0.113.9 ip4:192.0.2.25 -all",
    ],
    ["suspects the mail server", ["v=spf1 mx ~all"], "warning", /look suspicious/, "v=spf1 mx ip4:192.0.2.25 ~all"],
    ["lets everybody send", ["v=spf1 mx +all"], "warning", /lets everybody send/, "v=spf1 mx ip4:192.0.2.25 ~all"],
    ["cannot be read", ["v=spf1 ip4:not-an-address -all"], "fault", /cannot be followed/],
    ["names itself without an end", ["v=spf1 include:loop.example -all"], "fault", /cannot be followed \(Too many DNS/],
    [
      "rests on a record that is out of reach",
      ["v=spf1 include:silent.example -all"],
      "skipped",
      /DNS does not answer/,
    ],
  ];
  for (const [what, texts, result, says, publish] of cases) {
    test(`that ${what} is judged so`, async () => {
      const verdict = await examineSpf(world(texts), DOMAIN, RELAY);
      assert.equal(verdict.result, result, verdict.found);
      assert.match(verdict.found, says);
      assert.equal(verdict.record?.value, publish);
      if (publish === undefined) return;
      assert.equal(verdict.record?.name, DOMAIN);
      const mended = await examineSpf(world([publish]), DOMAIN, RELAY);
      assert.equal(mended.result, "ok", `what was to be published is right: ${mended.found}`);
    });
  }

  test("of a customer of a large mail service has to name the service, whatever its server's address", async () => {
    const covered = await examineSpf(world(["v=spf1 include:_spf.google.com ~all"]), DOMAIN, GOOGLE);
    assert.equal(covered.result, "ok", covered.found);
    const missing = await examineSpf(world(["v=spf1 mx -all"]), DOMAIN, GOOGLE);
    assert.equal(missing.result, "fault", missing.found);
    assert.equal(missing.record?.value, "v=spf1 mx include:_spf.google.com -all");
  });

  test("is not judged where nobody knows from which address mails leave, nor where DNS is silent; a domain has to exist", async () => {
    const unknown = await examineSpf(world(["v=spf1 mx -all"]), DOMAIN, UNKNOWN);
    assert.equal(unknown.result, "skipped", unknown.found);
    const absent = await examineSpf(new TestDns(), "oka.example", RELAY);
    assert.equal(absent.result, "fault");
    assert.match(absent.found, /^There is no oka\.example/);
    const silent = await examineSpf(new TestDns("no_answer"), DOMAIN, RELAY);
    assert.equal(silent.result, "skipped", silent.found);
  });

  function world(texts: readonly string[]): TestDns {
    return new TestDns()
      .publish(DOMAIN, { txt: texts, mx: [{ host: "mx.oak.example", priority: 10 }] })
      .publish("mx.oak.example", { addresses: ["203.0.113.10"] })
      .publish("relay.example", { txt: ["v=spf1 ip4:192.0.2.25 -all"] })
      .publish("_spf.google.com", { txt: ["v=spf1 ip4:203.0.113.77 ~all"] })
      .publish("loop.example", { txt: ["v=spf1 include:loop.example -all"] })
      .publish("silent.example", "silence");
  }
});

suite("DKIM of what this program signs", () => {
  const key = keyOf(2048);
  const name = dkimRecordName(key);
  const right = `v=DKIM1; k=rsa; p=${publishedKey(key)}`;
  const cases: readonly (readonly [what: string, texts: readonly string[], result: Result, says: RegExp])[] = [
    ["with its key published", [right], "ok", /publishes the key that signs, of 2048 bits/],
    ["with its key published in pieces", [right.replace("p=MII", "p=MII ")], "ok", /publishes the key/],
    ["with another key published", [`v=DKIM1; k=rsa; p=${publishedKey(keyOf(2048))}`], "fault", /holds another key/],
    ["with its key withdrawn", ["v=DKIM1; k=rsa; p="], "fault", /withdrawn/],
    ["with two keys published", [right, right], "fault", /there are 2 records/],
    ["with a key of another kind", [right.replace("rsa", "ed25519")], "fault", /another kind of key/],
    ["with a key that is not for mails", [`${right}; s=other`], "fault", /not for mails/],
    ["with a key for tests", [`${right}; t=y:s`], "warning", /only a test/],
    ["with no key published", [], "fault", /does not publish the key/],
  ];
  for (const [what, txt, result, says] of cases) {
    test(`${what} is judged so`, async () => {
      const verdict = await examineDkim(new TestDns().publish(name, { txt }), key);
      assert.equal(verdict.result, result, verdict.found);
      assert.match(verdict.found, says);
      const record = { name: "rekey._domainkey.oak.example", type: "TXT", value: right };
      assert.deepEqual(verdict.record, result === "fault" ? record : undefined);
    });
  }

  test("has a record that does not exist, a key that is short, nobody who answers, or nothing that signs", async () => {
    assert.equal((await examineDkim(new TestDns(), key)).result, "fault");
    const short = keyOf(1024);
    const published = new TestDns().publish(name, { txt: [`p=${publishedKey(short)}`] });
    const weak = await examineDkim(published, short);
    assert.equal(weak.result, "warning");
    assert.match(weak.found, /only 1024 bits/);
    assert.equal((await examineDkim(new TestDns("no_answer"), key)).result, "skipped");
    assert.equal((await examineDkim(new TestDns(), undefined)).result, "warning");
  });
});

suite("DMARC of a sender's domain", () => {
  const ok: Verdict = { result: "ok", found: "" };
  const bad: Verdict = { result: "fault", found: "" };
  const unknown: Verdict = { result: "skipped", found: "" };
  const own = keyOf(1024);
  const foreign = { ...own, domain: "relay.example" };

  test("is passed by a signature of the domain or of one that belongs to it", async () => {
    for (const domain of [DOMAIN, "mail.oak.example"]) {
      const verdict = await examine("p=reject", {
        returnDomain: DOMAIN,
        spf: bad,
        dkim: ok,
        dkimKey: { ...own, domain },
      });
      assert.equal(verdict.result, "ok", verdict.found);
      assert.match(verdict.found, new RegExp(`by the signature of ${domain}`));
    }
  });

  test("is passed by SPF alone, which forwarding breaks", async () => {
    assert.equal((await examine("p=none", { returnDomain: DOMAIN, spf: ok, dkim: bad, dkimKey: own })).result, "ok");
    const strict = await examine("p=quarantine", { returnDomain: DOMAIN, spf: ok, dkim: ok, dkimKey: foreign });
    assert.equal(strict.result, "warning");
    assert.match(strict.found, /by SPF alone\. Whoever forwards/);
  });

  test("is passed by the SPF of a return path within the domain, and of no other", async () => {
    const of = { spf: ok, dkim: bad, dkimKey: undefined };
    const within = await examine("p=none", { ...of, returnDomain: "bounces.oak.example" });
    assert.equal(within.result, "ok", within.found);
    const elsewhere = await examine("p=reject", { ...of, returnDomain: "bounces.example" });
    assert.notEqual(elsewhere.result, "ok", elsewhere.found);
  });

  test("that is to be refused says so where neither holds", async () => {
    const verdict = await examine("p=reject", { returnDomain: DOMAIN, spf: bad, dkim: ok, dkimKey: foreign });
    assert.equal(verdict.result, "fault");
    assert.match(verdict.found, /which signs for relay\.example.*p=reject.*to be refused/);
    const strict = await examine("p=reject; adkim=s", {
      returnDomain: DOMAIN,
      spf: bad,
      dkim: ok,
      dkimKey: { ...own, domain: "mail.oak.example" },
    });
    assert.equal(strict.result, "fault", strict.found);
  });

  test("is no fault where it asks for nothing, or where the mail server may sign by itself", async () => {
    assert.equal(
      (await examine("p=none", { returnDomain: DOMAIN, spf: bad, dkim: bad, dkimKey: own })).result,
      "warning",
    );
    assert.equal(
      (await examine("p=reject", { returnDomain: DOMAIN, spf: unknown, dkim: ok, dkimKey: foreign })).result,
      "warning",
    );
    assert.equal(
      (await examine("p=reject", { returnDomain: DOMAIN, spf: bad, dkim: unknown, dkimKey: undefined })).result,
      "warning",
    );
  });

  test("that is missing is to be published, and is not judged where DNS is silent", async () => {
    const missing = await examineDmarc(new TestDns(), DOMAIN, {
      returnDomain: DOMAIN,
      spf: ok,
      dkim: ok,
      dkimKey: own,
    });
    assert.equal(missing.result, "warning");
    assert.deepEqual(missing.record, { name: "_dmarc.oak.example", type: "TXT", value: "v=DMARC1; p=none" });
    const silent = await examineDmarc(new TestDns("no_answer"), DOMAIN, {
      returnDomain: DOMAIN,
      spf: ok,
      dkim: ok,
      dkimKey: own,
    });
    assert.equal(silent.result, "skipped");
  });

  function examine(tags: string, evidence: Parameters<typeof examineDmarc>[2]): Promise<Verdict> {
    const dns = new TestDns()
      .publish("_dmarc.oak.example", { txt: [`v=DMARC1; ${tags}`] })
      .publish(DOMAIN, { addresses: ["192.0.2.1"] });
    return examineDmarc(dns, DOMAIN, evidence);
  }
});

function keyOf(modulusLength: number) {
  return { domain: DOMAIN, selector: "rekey", privateKey: generateKeyPairSync("rsa", { modulusLength }).privateKey };
}
