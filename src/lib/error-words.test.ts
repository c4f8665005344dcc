import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { messageOf, traceOf } from "./error-words.ts";
import { RekeyError } from "./errors.ts";

suite("the words of an error", () => {
  const refused = ["::1", "127.0.0.1"].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`));
  const both = new AggregateError(refused);

  test("name each of several, and what is thrown that is none", () => {
    assert.equal(messageOf(both), "connect ECONNREFUSED ::1:5432, connect ECONNREFUSED 127.0.0.1:5432");
    assert.equal(messageOf("out of paper"), "out of paper");
  });

  test("reach down to what lies beneath it, for the log", () => {
    const trace = traceOf(new RekeyError("unavailable", { cause: both }));
    assert.match(
      trace,
      /^RekeyError: unavailable\n.*because of AggregateError.*because of Error: connect ECONNREFUSED/s,
    );
    assert.equal(traceOf(new Error("alone")).match(/because of/g), null);
    assert.equal(traceOf("out of paper"), "out of paper");
  });
});
