import assert from "node:assert/strict";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { CookieJar, request, type RequestOptions } from "../support/http.ts";
import { emptyEnvironment, type Program, runCommandLine, startProgram } from "../support/program.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";

const PASSWORD = "saffron ladder winter canal";
/** What would begin a line, colour a terminal or move its cursor, were it written as it is; the mark finds it again. */
const FORGED =
  '\r\n{"level":"error","message":"forged"}\n\u001b[31mred\u001b[2J\u009b31m\u0085next\u2028line\u007f\u0000';
const MARK = '"message":"forged"';

suite("L4: the lines of the real program", () => {
  test("L4 are one object each, without a control character or a secret, whatever people, programs and mail servers send", async () => {
    const sink = await startSmtpSink();
    const program = await startProgram({ ...(await emptyEnvironment()), SMTP_URL: sink.url, LOG_LEVEL: "debug" });
    const link = /^http\S+\/reset-password\/(\S+)$/m.exec(program.stdout());
    assert(program.origin && link?.[1], program.stderr());
    const cookies = await comeIn(program.origin, link[1]);
    const secrets = [PASSWORD, cookies.get("rekey") ?? "", ...(await sendForgeries(program.origin, cookies))];
    secrets.push(...(await haveMailsRefused(program.origin, cookies, sink)));
    await pause(300);
    assert.equal(await program.stop("SIGTERM"), 0);
    await sink.close();
    requireWhole(program, [...secrets, link[1]]);
  });

  test("L4 nor do those of a command speak of what stands in an argument as if it were a line", async () => {
    const environment = await emptyEnvironment();
    const at = ["--instance", "https://pine.example"];
    await runCommandLine(environment, [
      "instance",
      "create",
      "--name",
      "Pine",
      "--owner",
      "ada@pine.example",
      "--origin",
      at[1] ?? "",
    ]);
    const done = await runCommandLine(environment, [
      "user",
      "update",
      "ada@pine.example",
      "--first-name",
      FORGED.replace("\0", ""),
      ...at,
    ]);
    assert.equal(done.exitCode, 1);
    assert.doesNotMatch(done.stdout + done.stderr, /[^\P{Cc}\n]/u);
  });
});

/** The Owner sets the password of the link and signs in. */
async function comeIn(origin: string, token: string): Promise<CookieJar> {
  const cookies = new CookieJar();
  const post = (path: string, json: unknown) => ask(origin, path, { json, cookies });
  assert.equal((await post("/api/v1/recovery-redemptions", { token, password: PASSWORD })).status, 204);
  const signedIn = await post("/api/v1/session", { identifier: "owner@localhost", password: PASSWORD });
  assert.equal(signedIn.status, 200, signedIn.text);
  return cookies;
}

/** In every place where a text of somebody else can stand. @returns the secrets that came to be. */
async function sendForgeries(origin: string, cookies: CookieJar): Promise<readonly string[]> {
  const inPath = encodeURIComponent(FORGED);
  const latin = "\u009b31m\u0085{forged}";
  for (const target of [
    `/${inPath}`,
    `/api/v1/users/${inPath}`,
    `/settings/users?q=${inPath}`,
    `/reset-password/${inPath}`,
  ])
    await ask(origin, target, {
      cookies,
      headers: { "user-agent": latin, "x-forwarded-for": latin, "x-request-id": latin },
    });
  for (const identifier of [FORGED, `${FORGED}@x.example`]) {
    await ask(origin, "/api/v1/session", { json: { identifier, password: `${FORGED}${PASSWORD}` } });
    await ask(origin, "/api/v1/recovery-requests", { json: { identifier } });
  }
  const names = { first_name: FORGED, last_name: FORGED, username: FORGED, title: FORGED };
  const person = { email: "maria@oak.example", role: "member", invite: false };
  await ask(origin, "/api/v1/users", { json: { ...person, ...names }, cookies });
  const made = await ask(origin, "/api/v1/users", { json: { ...person, first_name: "M", last_name: "G" }, cookies });
  const { id } = made.json() as { id: string };
  const temporary = { mode: "generated", verification: { method: "other", note: FORGED } };
  await ask(origin, `/api/v1/users/${id}/temporary-password`, { json: temporary, cookies });
  const given = await ask(origin, `/api/v1/users/${id}/temporary-password`, {
    json: { mode: "generated", verification: { method: "in_person" } },
    cookies,
    headers: { "idempotency-key": "visible" },
  });
  const key = await ask(origin, "/api/v1/api-keys", { json: { name: "Desk", scopes: ["users.read"] }, cookies });
  for (const raw of [`GET /${latin} HTTP/1.1\r\n\r\n`, `${FORGED}\r\n\r\n`, `GET / HTTP/1.1\r\nHost: ${latin}\r\n\r\n`])
    await sendRaw(origin, raw);
  return [(given.json() as { password: string }).password, (key.json() as { key: string }).key];
}

/** A mail server may say anything, the links of a mail among it. @returns the tokens that it was shown. */
async function haveMailsRefused(origin: string, cookies: CookieJar, sink: SmtpSink): Promise<readonly string[]> {
  const tokens: string[] = [];
  const answers = ["451", "550"].map((code) => (raw: Buffer | undefined) => {
    const links = [
      ...(raw
        ?.toString()
        .replaceAll("=\r\n", "")
        .matchAll(/\/reset-password\/([\w-]{40,})/g) ?? []),
    ];
    tokens.push(...links.map(([, token]) => token ?? ""));
    const told = FORGED.replace(/[\r\n\0]+/g, " ");
    return `${code}-blocked ${told} ${links.map(([path]) => (code === "550" ? origin + path : path)).join(" ")}\r\n${code} ${told}`;
  });
  for (const [number, answer] of answers.entries()) {
    sink.answer(({ verb, raw }) => (verb === "DATA" ? answer(raw) : undefined));
    const person = { email: `p${number}@oak.example`, first_name: "P", last_name: "N", role: "member" };
    const made = await ask(origin, "/api/v1/users", { json: person, cookies });
    assert.equal(made.status, 201, made.text);
    for (let tries = 0; tokens.length <= number && tries < 300; tries += 1) await pause(20);
    await pause(200);
  }
  assert(tokens.length >= 2, "the mail server was shown the links");
  return tokens;
}

function ask(origin: string, target: string, options: RequestOptions) {
  const { host, port } = new URL(origin);
  const headers = { "sec-fetch-site": "same-origin", ...options.headers };
  return request(`http://127.0.0.1:${port}`, target, { host, ...options, headers });
}

async function sendRaw(origin: string, raw: string): Promise<void> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.on("error", () => {}).end(Buffer.from(raw, "latin1"));
  await text(socket).catch(() => "");
}

function requireWhole(program: Program, secrets: readonly string[]): void {
  const [stdout, stderr] = [program.stdout(), program.stderr()];
  for (const output of [stdout, stderr]) assert.doesNotMatch(output, /[^\P{Cc}\n]|[\u2028\u2029]/u);
  const lines = stderr.trimEnd().split("\n");
  assert(lines.length > 15, `${lines.length} lines were written`);
  for (const line of lines) {
    const { level, message } = JSON.parse(line) as Record<string, unknown>;
    assert(typeof level === "string" && typeof message === "string" && message !== "forged", line);
  }
  assert(stderr.includes("blocked") && !stderr.includes(`\n{${MARK}`), "the answers of the mail server are told");
  assert.equal(stdout.split("\n").filter((line) => line !== "").length, 3, stdout);
  const [, , ...own] = stdout.split("\n");
  for (const secret of secrets) {
    assert(secret.length > 15);
    assert(!stderr.includes(secret) && !own.join("\n").includes(secret), "a secret stands in the log");
  }
}
