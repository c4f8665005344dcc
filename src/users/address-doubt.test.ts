import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import type { Dns } from "#platform/dns.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { TestDns } from "../../test/support/dns.ts";
import { type AddressDoubt, findAddressDoubt, findSpellingDoubt } from "./address-doubt.ts";

const rekey = await testRekey();

suite("a doubt about an address", () => {
  let oak: TestInstance;

  before(async () => {
    oak = await rekey.createInstance();
    for (const name of ["maria", "tom", "sam"]) await oak.addUser({ email: `${name}@oakrecovery.example` });
    await oak.addUser({ email: "guest@elmhouse.example" });
    for (const name of ["a", "b"]) await oak.addUser({ email: `${name}@oak-east.example` });
  });

  for (const [address, suggestion] of [
    ["kim@oakrecvery.example", "kim@oakrecovery.example"],
    [" Kim.Lee@OakRecovrey.exmaple ", "Kim.Lee@oakrecovery.example"],
    ["kim@gmial.com", "kim@gmail.com"],
    ["kim@gmail.co", "kim@gmail.com"],
    ["kim@hotmial.com", "kim@hotmail.com"],
    ["kim@yaho.com", "kim@yahoo.com"],
    ["kim@oak-west.example", "kim@oak-east.example"],
  ] as const) {
    test(`suggests ${suggestion} for ${address.trim()}`, async () => {
      const doubt = await doubtOf(address, new TestDns("no_answer"));
      assert.equal(doubt?.suggestion, suggestion);
      assert.match(doubt?.reason ?? "", /^\S+ looks like \S+\.$/);
    });
  }

  for (const address of [
    "kim@oakrecovery.example",
    "kim@gmail.com",
    "kim@email.com",
    "kim@ymail.com",
    "kim@elmhause.example",
    "kim@pinehouse.example",
    "kim@oat.example",
    "kim@sol.com",
    "owner@localhost",
    "no address",
  ]) {
    test(`is not there for ${address}, which is right or like nobody's`, async () => {
      assert.equal(await doubtOf(address, new TestDns("no_answer")), undefined);
    });
  }

  test("is not there for an address that somebody here has, nor for a domain that several have, however near", async () => {
    await oak.addUser({ email: "kim@oakrecovery.exampel" });
    assert.equal(await doubtOf("KIM@oakrecovery.exampel"), undefined, "whoever edits the rest is not asked again");
    assert((await doubtOf("lee@oakrecovery.exampel"))?.suggestion);
    await oak.addUser({ email: "ann@oakrecovery.exampel" });
    assert.equal(await doubtOf("lee@oakrecovery.exampel"), undefined);
  });

  test("is not drawn from the people of another instance", async () => {
    const pine = await rekey.createInstance();
    const { deps, scope } = pine;
    assert.equal(await findAddressDoubt({ ...deps, dns: new TestDns() }, scope, "kim@oakrecvery.example"), undefined);
  });

  test("tells an address at which no mail can arrive, without a suggestion", async () => {
    const dns = new TestDns()
      .publish("nothing.org", {})
      .publish("refuses.org", { mx: [{ host: "", priority: 0 }] })
      .publish("xn--mller-kva.org", {});
    for (const [address, says] of [
      ["kim@nowhere.org", /^There is no nowhere\.org, so no mail arrives there\.$/],
      ["kim@nothing.org", /^nothing\.org has no mail server/],
      ["kim@refuses.org", /^refuses\.org says that it takes no mail\.$/],
      ["kim@müller.org", /^müller\.org has no mail server/],
    ] as const) {
      const doubt = await doubtOf(address, dns);
      assert.match(doubt?.reason ?? "", says);
      assert.equal(doubt?.suggestion, undefined);
    }
  });

  test("is not there where mail can arrive, nor where DNS does not know or is not to be asked", async () => {
    const dns = new TestDns()
      .publish("takes.org", { mx: [{ host: "mx.takes.org", priority: 10 }] })
      .publish("machine.org", { addresses: ["192.0.2.1"] })
      .publish("silent.org", "silence");
    for (const domain of [
      "takes.org",
      "machine.org",
      "silent.org",
      "oak.test",
      "oak.local",
      "example.com",
      "a.invalid",
    ])
      assert.equal(await doubtOf(`kim@${domain}`, dns), undefined, domain);
  });

  test("keeps nobody waiting for a DNS that does not answer", async () => {
    const never = (): Promise<never> => new Promise(() => {});
    const dns = { findTexts: never, findMailServers: never, findAddresses: never };
    const startedAt = performance.now();
    assert.equal(await doubtOf("kim@slow.org", dns), undefined);
    assert(performance.now() - startedAt < 2_500);
  });

  test("from spelling alone asks nobody, so that a list or a panel may show it", async () => {
    const doubt = await oak.deps.db.inInstance(oak.instance.id, (tx) =>
      findSpellingDoubt(tx, oak.scope, "kim@oakrecovry.example"),
    );
    assert.equal(doubt?.suggestion, "kim@oakrecovery.example");
  });

  function doubtOf(address: string, dns: Dns = new TestDns("no_answer")): Promise<AddressDoubt | undefined> {
    return findAddressDoubt({ ...oak.deps, dns }, oak.scope, address);
  }
});
