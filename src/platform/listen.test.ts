import assert from "node:assert/strict";
import { createServer } from "node:net";
import { suite, test } from "node:test";

import { listen } from "./listen.ts";

suite("an address to listen on", () => {
  const at = { host: "127.0.0.1", port: 0, variables: "BOUNCE_LISTEN" };

  test("that is taken, or is none of this machine, is told in a sentence with the variable that names it", async () => {
    const first = createServer();
    const port = await listen(first, at);
    const wrong = [
      [{ ...at, port }, `Port ${port} on 127.0.0.1 is taken by another program. Stop it, or name another port in`],
      [{ ...at, host: "192.0.2.1" }, "Rekey cannot listen on 192.0.2.1, port 0 ("],
      [{ ...at, host: "nowhere.invalid" }, "Rekey cannot listen on nowhere.invalid, port 0 ("],
    ] as const;
    for (const [place, words] of wrong)
      await assert.rejects(listen(createServer(), place), (error: Error) => {
        assert(error.message.startsWith(words) && error.message.endsWith("BOUNCE_LISTEN."), error.message);
        return error.name === "OperatorError";
      });
    first.close();
  });
});
