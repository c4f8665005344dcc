import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite, test } from "node:test";

import { OperatorError } from "#lib/operator-error.ts";
import { readConfig } from "./config.ts";

const SECRET = Buffer.alloc(32, 1).toString("base64");
const OTHER_SECRET = Buffer.alloc(48, 2).toString("base64");

/** Each wrong value with the words that tell what is expected. */
const WRONG: readonly (readonly [name: string, value: string, says: RegExp])[] = [
  ["PORT", "http", /port number from 0 to 65535/],
  ["PORT", "65536", /port number/],
  ["PORT", "-1", /port number/],
  ["PORT", "80.5", /port number/],
  ["HOST", "two words", /address or host name/],
  ["DATABASE_URL", "mysql://localhost/rekey", /PostgreSQL address such as postgres:/],
  ["DATABASE_URL", "localhost:5432", /PostgreSQL address/],
  ["REKEY_SECRET", "short", /at least 32 random bytes in base64/],
  ["REKEY_SECRET", Buffer.alloc(31).toString("base64"), /at least 32/],
  ["REKEY_SECRET", `${SECRET},`, /at least 32/],
  ["REKEY_SECRET", "!".repeat(64), /at least 32/],
  ["REKEY_ORIGIN", "crm.example.com", /https origin such as/],
  ["REKEY_ORIGIN", "http://crm.example.com", /or http on localhost/],
  ["REKEY_ORIGIN", "https://crm.example.com/path", /https origin/],
  ["REKEY_ORIGIN", "https://user@crm.example.com", /https origin/],
  ["REKEY_ORIGIN", "javascript:alert(1)", /https origin/],
  ["REKEY_ORIGIN", "http://localhost.evil.example", /https origin/],
  ["REKEY_ORIGIN", "https://*.example.com", /https origin/],
  ["REKEY_INSTANCE_NAME", "x".repeat(81), /at most 80 characters/],
  ["REKEY_INSTANCE_NAME", "  ", /at most 80 characters/],
  ["REKEY_INSTANCE_NAME", "Oak\nPine", /on one line/],
  ["REKEY_OWNER_EMAIL", "owner", /address such as owner@example\.com/],
  ["REKEY_OWNER_EMAIL", "a b@c", /address such as/],
  ["SMTP_URL", "mail.example.com", /address such as smtp:/],
  ["SMTP_URL", "http://mail.example.com", /smtps:/],
  ["SMTP_URL", "smtp://", /smtp:/],
  ["SMTP_URL", "smtp://ho%20st:25", /smtp:/],
  ["SMTP_URL", "smtp://mail.example.com:0", /smtp:/],
  ["SMTP_URL", "smtp://user:p%ZZ@mail.example.com", /smtp:/],
  ["SMTP_URL", "smtp://mail.example.com?per_minut=5", /has no option per_minut:/],
  ["SMTP_URL", "smtp://mail.example.com?per_minute=few", /a number of mails for its option per_minute/],
  ["SMTP_URL", "smtp://mail.example.com?logger=true", /has no option logger:/],
  ["SMTP_URL", "smtp://mail.example.com?requireTLS=yes", /true or false for its option requireTLS/],
  ["SMTP_URL", "smtp://mail.example.com?socketTimeout=30s", /a number of milliseconds for its option socketTimeout/],
  ["MAIL_FROM", "nobody", /sender such as help@example\.com/],
  ["MAIL_FROM", "a@b\r\nBcc: c@d", /sender such as/],
  ["TRUSTED_PROXIES", "proxy.internal", /addresses or networks/],
  ["TRUSTED_PROXIES", "10.0.0.0/33", /such as 10\.0\.0\.0\/8/],
  ["TRUSTED_PROXIES", ",", /such as/],
  ["TRUSTED_PROXIES", "10.0.0.0/8/9", /such as/],
  ["TRUSTED_PROXIES", "10.0.0.0/", /such as/],
  ["TRUSTED_PROXIES", "10.0.0.1,::1/129", /such as/],
  ["METRICS_TOKEN", "(not a token)", /letters and digits without spaces/],
  ["METRICS_TOKEN", "two words that nobody sends in a header", /openssl rand -base64 32/],
  ["LOG_LEVEL", "loud", /debug, info, warn, error or silent/],
];

/** What is set only together with others, or cannot be wrong. */
const UNTESTED_ALONE = [
  "REKEY_DATA_DIR",
  "REKEY_OWNER_PASSWORD",
  "DKIM_DOMAIN",
  "DKIM_SELECTOR",
  "DKIM_KEY_FILE",
  "PASSWORD_LIST_FILE",
];

const directory = mkdtempSync(path.join(tmpdir(), "rekey-config-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

suite("configuration", () => {
  for (const [name, value, says] of WRONG) {
    test(`says in a sentence that ${name} cannot be ${JSON.stringify(value.slice(0, 40))}`, () => {
      assert.throws(
        () => readConfig({ ...(name === "DATABASE_URL" && { REKEY_SECRET: SECRET }), [name]: value }),
        (error: unknown) => {
          assert(error instanceof OperatorError, String(error));
          assert.match(error.message, new RegExp(`^${name} .*\\.$`));
          assert.match(error.message, says);
          if (/SECRET|PASSWORD|TOKEN/.test(name)) assert(!error.message.includes(value), "a secret is not repeated");
          return true;
        },
      );
    });
  }

  test("wants all that a signature needs, or none of it", () => {
    const file = keyFile(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey);
    const whole = { DKIM_DOMAIN: "Oak.example", DKIM_SELECTOR: "rekey.2026", DKIM_KEY_FILE: file };
    const { dkim } = readConfig(whole);
    assert.deepEqual([dkim?.domain, dkim?.selector], ["oak.example", "rekey.2026"]);
    assert.equal(dkim?.privateKey.type, "private");
    assert.equal(JSON.stringify(dkim?.privateKey), "{}", "nothing of the key is ever printed");
    for (const name of Object.keys(whole)) {
      assert.throws(() => readConfig({ ...whole, [name]: "" }), {
        name: "OperatorError",
        message: new RegExp(`^${name} must be set when DKIM_\\w+ is: a .*[^.]\\.$`),
      });
    }
    for (const name of ["DKIM_DOMAIN", "DKIM_SELECTOR"])
      assert.throws(() => readConfig({ ...whole, [name]: "two words" }), {
        message: new RegExp(`^${name} expects a .* such as`),
      });
  });

  test("says in a sentence what is wrong with the key that signs, and repeats nothing of it", () => {
    const ed25519 = keyFile(generateKeyPairSync("ed25519").privateKey);
    const wrong: readonly (readonly [file: string, why: RegExp])[] = [
      [path.join(directory, "nothing.pem"), /\(ENOENT: /],
      [ed25519, /\(it holds no such key\)/],
      [writtenFile("no.pem", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"), /no such key/],
      [keyFile(generateKeyPairSync("rsa", { modulusLength: 512 }).privateKey), /\(a key of 512 bits is too short\)/],
    ];
    for (const [file, why] of wrong) {
      assert.throws(
        () => readConfig({ DKIM_DOMAIN: "oak.example", DKIM_SELECTOR: "rekey", DKIM_KEY_FILE: file }),
        (error: unknown) => {
          assert(error instanceof OperatorError, String(error));
          assert.match(error.message, /^DKIM_KEY_FILE expects a file with an RSA private key in PEM, .*\.$/);
          assert.match(error.message, why);
          assert(!error.message.includes("c2VjcmV0"));
          return true;
        },
      );
    }
  });

  test("says in a sentence why a list of passwords cannot be searched, and takes one that can", () => {
    const wrong: readonly (readonly [file: string, why: RegExp])[] = [
      [path.join(directory, "no-list.txt"), /ENOENT: no such file/],
      [directory, /it is no ordinary file/],
      [writtenFile("empty.txt", ""), /it is empty/],
      [writtenFile("ntlm.txt", `${"AB".repeat(16)}:7\r\n`), /it holds NTLM hashes/],
      [writtenFile("unsorted.txt", `${"F".repeat(40)}:9\n${"0".repeat(40)}:1\n`), /it is not sorted by its hashes/],
      [writtenFile("words.txt", "password\n123456\n"), /there is no such line at byte 0/],
    ];
    for (const [file, why] of wrong) {
      assert.throws(
        () => readConfig({ PASSWORD_LIST_FILE: file }),
        (error: unknown) => {
          assert(error instanceof OperatorError, String(error));
          assert.match(
            error.message,
            /^PASSWORD_LIST_FILE expects a file of SHA-1 hashes in upper case, sorted, .*\.$/,
          );
          assert.match(error.message, why);
          return true;
        },
      );
    }
    const file = writtenFile("right.txt", `${"0".repeat(40)}:1\r\n${"F".repeat(40)}:9\r\n`);
    assert.equal(readConfig({ PASSWORD_LIST_FILE: file }).passwordListFile, file);
  });

  test("asks for the secret where several processes must share one", () => {
    assert.throws(() => readConfig({ DATABASE_URL: "postgres://localhost/rekey" }), {
      name: "OperatorError",
      message: /^REKEY_SECRET must be set when DATABASE_URL is: .*openssl rand -base64 32/,
    });
  });

  test("needs nothing for a first look", () => {
    const config = readConfig({});
    assert.equal(config.port, 3000);
    assert.equal(config.host, "127.0.0.1");
    assert.equal(config.dataDir, path.resolve("data"));
    assert.equal(config.ownerEmail, "owner@localhost");
    assert.equal(config.instanceName, "My CRM");
    assert.equal(config.logLevel, "info");
    assert.deepEqual(config.trustedProxies, []);
    for (const name of [
      "databaseUrl",
      "secrets",
      "origin",
      "ownerPassword",
      "smtpUrl",
      "mailFrom",
      "dkim",
      "metricsToken",
    ] as const) {
      assert.equal(config[name], undefined, name);
    }
  });

  test("takes an empty variable for an unset one", () => {
    const names = [...new Set([...WRONG.map(([name]) => name), ...UNTESTED_ALONE])];
    assert.deepEqual(readConfig(Object.fromEntries(names.map((name) => [name, ""]))), readConfig({}));
  });

  test("takes what is right", () => {
    const config = readConfig({
      PORT: "0",
      HOST: "::1",
      DATABASE_URL: "postgresql://rekey@db.internal/rekey",
      REKEY_SECRET: `${SECRET}, ${OTHER_SECRET}`,
      REKEY_ORIGIN: "https://CRM.example.com/",
      REKEY_OWNER_EMAIL: "owner@localhost",
      REKEY_OWNER_PASSWORD: " with spaces ",
      SMTP_URL: "smtps://user:p%40ss@mail.example.com:465?requireTLS=true",
      MAIL_FROM: "Oak Help <help@oak.example>",
      TRUSTED_PROXIES: " 10.0.0.0/8 ,192.168.1.1, fd00::/8,",
      METRICS_TOKEN: SECRET,
      LOG_LEVEL: "silent",
    });
    assert.equal(config.port, 0);
    assert.equal(config.host, "::1");
    assert.equal(config.origin, "https://crm.example.com");
    assert.deepEqual(
      config.secrets?.map(({ length }) => length),
      [32, 48],
    );
    assert.equal(config.ownerPassword, " with spaces ", "the policy, not the reader, judges it");
    assert.equal(config.metricsToken, SECRET);
    assert.deepEqual(config.trustedProxies, ["10.0.0.0/8", "192.168.1.1", "fd00::/8"]);
  });

  test("takes http for loopback alone, however it is written", () => {
    for (const origin of [
      "http://localhost:3000",
      "http://pine.localhost",
      "http://127.0.0.1:80",
      "http://127.9.9.9",
      "http://[::1]:3000",
    ]) {
      assert.equal(readConfig({ REKEY_ORIGIN: origin }).origin, new URL(origin).origin);
    }
  });
});

function keyFile(key: KeyObject): string {
  return writtenFile(`${randomUUID()}.pem`, key.export({ type: "pkcs8", format: "pem" }).toString());
}

function writtenFile(name: string, text: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}
