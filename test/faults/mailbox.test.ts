import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import { jsonLog } from "#platform/log.ts";
import { readConfig } from "../../src/config.ts";
import { startServer } from "../../src/server.ts";
import { request } from "../support/http.ts";

const HERE = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address;

test("the built-in mailbox answers this machine alone, whatever host a request names", async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "rekey-mailbox-"));
  const secret = randomBytes(32).toString("base64");
  const config = readConfig({ REKEY_DATA_DIR: dataDir, REKEY_SECRET: secret, PORT: "0", HOST: "0.0.0.0" });
  const server = await startServer(config, { log: jsonLog("silent", () => {}) });
  try {
    const host = `localhost:${server.port}`;
    const ask = (address: string, headers = {}) =>
      request(`http://${address}:${server.port}`, "/mailbox", { host, headers });
    assert.equal((await ask("127.0.0.1")).status, 200);
    assert.equal((await ask("127.0.0.1", { "x-forwarded-for": "127.0.0.1" })).status, 404, "through a proxy");
    if (HERE) assert.equal((await ask(HERE)).status, 404, "from the network");
  } finally {
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
