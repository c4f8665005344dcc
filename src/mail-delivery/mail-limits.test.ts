import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { after, MINUTE_MS } from "#lib/clock.ts";
import { watchLimits } from "./mail-limits.ts";

const START = new Date("2026-11-22T09:00:00Z");

suite("How many mails go out in a minute", () => {
  test("is limited for each instance and each receiving domain, whatever its case, and anew each minute", () => {
    const limit = watchLimits({ perInstanceAMinute: 5, perDomainAMinute: 3 });
    const to = (address: string, instanceId = "oak", at = START) => limit(single(address, instanceId), at);
    for (const address of ["a@mail.example", "b@MAIL.example", "c@mail.example"]) assert.equal(to(address), undefined);
    assert.deepEqual(to("d@mail.example"), after(START, MINUTE_MS), "says until when");
    assert.equal(to("a@elsewhere.example"), undefined, "another domain is another matter");
    assert.equal(to("b@elsewhere.example"), undefined);
    assert.deepEqual(to("c@third.example"), after(START, MINUTE_MS), "the instance has had its five");
    assert.equal(to("a@third.example", "pine"), undefined, "another instance has its own");
    assert.equal(to("e@mail.example", "oak", after(START, MINUTE_MS)), undefined);
  });

  test("counts no mail that had to wait", () => {
    const limit = watchLimits({ perInstanceAMinute: 2, perDomainAMinute: 1 });
    assert.equal(limit(single("a@mail.example"), START), undefined);
    for (let again = 0; again < 5; again += 1) assert(limit(single("b@mail.example"), START));
    assert.equal(limit(single("a@elsewhere.example"), START), undefined);
  });

  test("leaves room for single mails, however many there are to many, for each instance and each domain", () => {
    for (const [limits, mostToMany] of [
      [{ perInstanceAMinute: 60, perDomainAMinute: 100 }, 54],
      [{ perInstanceAMinute: 100, perDomainAMinute: 60 }, 54],
      [{ perInstanceAMinute: 2, perDomainAMinute: 2 }, 1],
    ] as const) {
      const limit = watchLimits(limits);
      const most = Math.min(limits.perInstanceAMinute, limits.perDomainAMinute);
      const wentToMany = Array.from({ length: 500 }, () => limit(oneOfMany("a@mail.example"), START)).filter(isLetGo);
      const wentAlone = Array.from({ length: 500 }, () => limit(single("a@mail.example"), START)).filter(isLetGo);
      assert.deepEqual([wentToMany.length, wentAlone.length], [mostToMany, most - mostToMany]);
    }
  });

  test("keeps its room from mails to many that come after single ones", () => {
    const limit = watchLimits({ perInstanceAMinute: 100, perDomainAMinute: 10 });
    for (let count = 0; count < 5; count += 1) assert.equal(limit(single("a@mail.example"), START), undefined);
    const wentToMany = Array.from({ length: 10 }, () => limit(oneOfMany("a@mail.example"), START)).filter(isLetGo);
    assert.equal(wentToMany.length, 4);
    assert.equal(limit(single("a@mail.example"), START), undefined);
  });

  test("holds up mails to many for ever under no limit, not even of one", () => {
    const limit = watchLimits({ perInstanceAMinute: 1, perDomainAMinute: 1 });
    assert.equal(limit(oneOfMany("a@mail.example"), START), undefined);
    assert.deepEqual(limit(oneOfMany("a@mail.example"), START), after(START, MINUTE_MS));
  });
});

function single(address: string, instanceId = "oak") {
  return { instanceId, address, isBulk: false };
}

function oneOfMany(address: string) {
  return { ...single(address), isBulk: true };
}

function isLetGo(waitUntil: Date | undefined): boolean {
  return waitUntil === undefined;
}
