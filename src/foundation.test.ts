import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { suite, test } from "node:test";

import { emptyEnvironment } from "../test/support/program.ts";
import { startSmtpSink } from "../test/support/smtp-sink.ts";
import { readConfig } from "./config.ts";
import { layFoundation } from "./foundation.ts";

suite("the foundation", () => {
  test("names the variable where its data directory can be none", async () => {
    const { REKEY_DATA_DIR: directory = "" } = await emptyEnvironment();
    const file = path.join(directory, "file");
    writeFileSync(file, "");
    for (const REKEY_DATA_DIR of [file, path.join(file, "below")])
      await assert.rejects(
        layFoundation(readConfig({ REKEY_DATA_DIR })),
        /^OperatorError: REKEY_DATA_DIR expects a directory/,
      );
  });

  test("signs its mails with the key that the environment names", async () => {
    const [environment, sink] = await Promise.all([emptyEnvironment(), startSmtpSink()]);
    const file = path.join(String(environment.REKEY_DATA_DIR), "dkim.pem");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }));
    const signing = { DKIM_DOMAIN: "oak.example", DKIM_SELECTOR: "rekey", DKIM_KEY_FILE: file };
    const config = readConfig({ ...environment, ...signing, SMTP_URL: sink.url, LOG_LEVEL: "silent" });
    const { delivery, close } = await layFoundation(config);
    const from = { name: "Oak", address: "help@oak.example" };
    const words = { origin: "https://oak.example", subject: "Hello", text: "Hello", html: "<p>Hello</p>" };
    await delivery.transport.send({ ...words, from, to: "maria@oak.example", messageId: "<1@oak>", date: new Date() });
    await close();
    await sink.close();
    assert.match(String(sink.mails[0]?.raw), /^DKIM-Signature: v=1; a=rsa-sha256; .*d=oak\.example;\s.*s=rekey;/ms);
  });
});
