import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { SECOND_MS } from "#lib/clock.ts";
import { DnsServer, mx, txt } from "../../test/support/dns-server.ts";
import { type Dns, systemDns } from "./dns.ts";

suite("DNS", () => {
  let server: DnsServer;
  let dns: Dns;

  before(async () => {
    server = await DnsServer.start({
      "oak.example": {
        TXT: [txt("v=spf1 ip4:192.0.2.1 ", "-all"), txt("google-site-verification=x")],
        MX: [mx(20, "second.oak.example"), mx(10, "first.oak.example")],
        A: [Buffer.from([192, 0, 2, 1])],
        AAAA: [Buffer.from("20010db8000000000000000000000001", "hex")],
      },
      "four.example": { A: [Buffer.from([192, 0, 2, 4])] },
      "null-mx.example": { MX: [mx(0, "")] },
      "empty.example": {},
      "silent.example": "silence",
    });
    dns = systemDns([server.address]);
  });
  after(() => server.close());

  test("tells the records of a name, each whole and the preferred first", async () => {
    assert.deepEqual(await dns.findTexts("oak.example"), {
      outcome: "found",
      entries: ["v=spf1 ip4:192.0.2.1 -all", "google-site-verification=x"],
    });
    assert.deepEqual(await dns.findMailServers("oak.example"), {
      outcome: "found",
      entries: [
        { host: "first.oak.example", priority: 10 },
        { host: "second.oak.example", priority: 20 },
      ],
    });
    assert.deepEqual(await dns.findAddresses("oak.example"), {
      outcome: "found",
      entries: ["192.0.2.1", "2001:db8::1"],
    });
    assert.deepEqual(await dns.findAddresses("four.example"), { outcome: "found", entries: ["192.0.2.4"] });
  });

  test("tells a domain that takes no mail", async () => {
    assert.deepEqual(await dns.findMailServers("null-mx.example"), {
      outcome: "found",
      entries: [{ host: "", priority: 0 }],
    });
  });

  test("tells a name without such a record from one that does not exist", async () => {
    for (const ask of [dns.findTexts, dns.findMailServers, dns.findAddresses]) {
      assert.deepEqual(await ask("empty.example"), { outcome: "none" });
      assert.deepEqual(await ask("nothing.example"), { outcome: "no_such_name" });
      assert.deepEqual(await ask(`${"x".repeat(64)}.example`), { outcome: "no_such_name" }, "such a name cannot be");
    }
  });

  test("says that it does not know, in time and after a second try, when nobody answers", async () => {
    const [askedBefore, startedAt] = [server.questions, performance.now()];
    assert.deepEqual(await dns.findTexts("silent.example"), { outcome: "no_answer", why: "ETIMEOUT" });
    assert(performance.now() - startedAt < 6 * SECOND_MS);
    assert.equal(server.questions - askedBefore, 2);
    await server.close();
    const refused = await dns.findTexts("oak.example");
    assert.equal(refused.outcome, "no_answer");
    server = await DnsServer.start({});
  });
});
