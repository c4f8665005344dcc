import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { after, MINUTE_MS } from "#lib/clock.ts";
import { watchLimits } from "./mail-limits.ts";

const START = new Date("2026-11-22T09:00:00Z");

suite("How many mails go out in a minute", () => {
  test("is limited for each instance and each receiving domain, whatever its case, and anew each minute", () => {
    const limit = watchLimits({ perInstanceAMinute: 5, perDomainAMinute: 3 });
    const to = (address: string, instanceId = "oak", at = START) => limit(instanceId, address, at);
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
    assert.equal(limit("oak", "a@mail.example", START), undefined);
    for (let again = 0; again < 5; again += 1) assert(limit("oak", "b@mail.example", START));
    assert.equal(limit("oak", "a@elsewhere.example", START), undefined);
  });
});
