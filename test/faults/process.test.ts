import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import path from "node:path";
import { suite, test } from "node:test";

import { type Answer, CookieJar, request, type RequestOptions } from "../support/http.ts";
import {
  type CommandRun,
  emptyEnvironment,
  newEnvironment,
  type Program,
  runCommandLine,
  startIntoFile,
  startProgram,
} from "../support/program.ts";

const isEmbedded = (process.env.REKEY_TEST_DATABASE ?? "embedded") === "embedded";
const OWNER = { identifier: "owner@localhost", password: "amber compass willow station" };
const READY_MS = 20_000;

suite("the program as a process", () => {
  test("says in one sentence which variable is wrong", async () => {
    const program = await startProgram({ PORT: "http" });
    await requireSentence(program, /^PORT expects a port number from 0 to 65535\.$/);
  });

  test("says in one sentence that PostgreSQL does not answer", { skip: isEmbedded }, async () => {
    const secret = Buffer.alloc(32, 1).toString("base64");
    const program = await startProgram({ DATABASE_URL: "postgres://rekey@127.0.0.1:1/rekey", REKEY_SECRET: secret });
    await requireSentence(program, /^The database does not answer: .*ECONNREFUSED.* Check DATABASE_URL/);
  });

  test("writes the Owner's link into no file, but how to have it shown", async () => {
    const environment = await emptyEnvironment();
    const written = await startIntoFile(environment);
    assert.doesNotMatch(written, /reset-password/);
    const words = /^Show the link .*: npm run rekey -- (.+)$/m.exec(written)?.[1]?.split(" ");
    assert(words, written);
    const shown = await runCommandLine(environment, words);
    assert.equal(shown.exitCode, 0, shown.stderr);
    assert.match(shown.stdout, /\/reset-password\/[\w-]{64}$/m);
    const later = await startProgram(environment);
    assert.match(later.stdout(), /^Show the link .* reset-link owner@localhost --print$/m, "nobody set a password yet");
    await later.stop("SIGTERM");
  });

  test("lives through commands, a second process, kill -9 and a taken port, and loses nothing", async () => {
    const environment = await newEnvironment();
    const commands = (...words: string[]): Promise<CommandRun> => runCommandLine(environment, words);
    const first = await startProgram(environment);
    assert(first.origin, first.stderr());
    const ownerLink = /^http\S+\/reset-password\/\S+$/m.exec(first.stdout())?.[0];
    assert(ownerLink, "without a password the Owner's link is shown");
    await setPassword(first, ownerLink);
    const cookies = await signIn(first);
    await requireCommands(commands, first.origin);
    const id = await createUser(first, cookies, "kim@oak.example");
    if (isEmbedded) await requireRefusedSecond(environment, first);
    assert.doesNotMatch(first.stderr(), /"level":"error"/);
    assert.equal(await first.stop("SIGKILL"), null);

    const port = new URL(first.origin).port;
    const second = await startProgram({ ...environment, PORT: port });
    assert.equal(second.origin, first.origin, second.stderr());
    const times = [first, second].map(({ readyAfterMs }) => `${Math.round(readyAfterMs)} ms`);
    console.log(`    ready after ${times[0]} on an empty database, ${times[1]} after kill -9`);
    assert(second.readyAfterMs < READY_MS, "after kill -9 nothing has to be repaired");
    assert.equal((await ask(second, `/api/v1/users/${id}`, { cookies })).status, 200, "session and user are there");
    assert.equal(await second.stop("SIGTERM"), 0);
    assert.equal(existsSync(path.join(environment.REKEY_DATA_DIR ?? "", "server.json")), false);

    const printed = await commands("reset-link", "maria", "--print", "--instance", first.origin, "--json");
    assert.equal(printed.exitCode, 0, `the command line works by itself now: ${printed.stderr}`);
    assert.match((JSON.parse(printed.stdout) as { link: string }).link, /\/reset-password\/[\w-]{64}$/);
    // Listening knows nothing of databases, and the embedded one takes long to open.
    if (!isEmbedded) await requireRefusedPort(environment);
  });
});

/** Every command does its work, and says what is not right with exit code 1 or 2. */
async function requireCommands(commands: (...words: string[]) => Promise<CommandRun>, origin: string): Promise<void> {
  const created = await commands(
    "user",
    "create",
    "--email",
    "maria@oak.example",
    ...name("Maria"),
    "--role",
    "member",
    "--json",
  );
  assert.equal(created.exitCode, 0, created.stderr);
  assert.equal((JSON.parse(created.stdout) as { username: string }).username, "maria");
  const made = await commands(
    "instance",
    "create",
    "--name",
    "Pine House",
    "--origin",
    "https://pine.example",
    "--owner",
    "p@pine.example",
  );
  assert.equal(made.exitCode, 0, made.stderr);
  assert.match(
    made.stdout,
    /^Pine House answers at https:\/\/pine\.example\.\n.*\nhttps:\/\/pine\.example\/reset-password\/\S+\n$/,
  );
  const listed = await commands("instance", "list");
  assert.deepEqual(listed.stdout.trimEnd().split("\n"), [`${origin}  My CRM`, "https://pine.example  Pine House"]);
  const sent = await commands("reset-link", "maria", "--instance", origin);
  assert.match(sent.stdout, /^A reset link is on its way to maria@oak\.example\.$/m);
  assert.doesNotMatch(sent.stdout, /reset-password/, "a mailed link is not shown");

  const wrong: readonly (readonly [exitCode: number, says: RegExp, words: readonly string[]])[] = [
    [1, /Nobody at My CRM goes by nobody/, ["reset-link", "nobody", "--instance", origin]],
    [2, /^Say which instance with --instance/, ["reset-link", "maria"]],
    [2, /^Usage:/, ["constructor"]],
    [2, /^Usage:/, []],
  ];
  const runs = await Promise.all(wrong.map(([, , words]) => commands(...words)));
  for (const [index, run] of runs.entries()) {
    const [exitCode, says, words] = wrong[index] ?? [0, /^$/, []];
    assert.equal(run.exitCode, exitCode, `${words.join(" ")}: ${run.stderr}`);
    assert.match(run.stderr, says, words.join(" "));
    assert.doesNotMatch(run.stderr, /^\s+at /m, "no stack trace");
    assert.equal(run.stdout, "", words.join(" "));
  }
}

function name(first: string): string[] {
  return ["--first-name", first, "--last-name", "Gonzalez"];
}

/** Two processes on one embedded database would corrupt it: the second says who is first, and the first goes on. */
async function requireRefusedSecond(environment: Readonly<Record<string, string>>, first: Program): Promise<void> {
  const second = await startProgram(environment);
  const whose = `Rekey already runs on ${environment.REKEY_DATA_DIR} \\(process ${first.pid}, at ${first.origin}\\)\\.`;
  await requireSentence(second, new RegExp(`^${whose} Stop it first`));
  await signIn(first);
}

async function requireRefusedPort(environment: Readonly<Record<string, string>>): Promise<void> {
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const address = squatter.address();
  assert(address && typeof address === "object");
  const program = await startProgram({ ...environment, PORT: String(address.port) });
  squatter.close();
  await requireSentence(program, new RegExp(`^Port ${address.port} on 127\\.0\\.0\\.1 is taken by another program\\.`));
}

async function requireSentence(program: Program, sentence: RegExp): Promise<void> {
  assert.equal(program.origin, undefined, "it must not get ready");
  assert.equal(await program.ended(), 1);
  assert.match(program.stderr().trimEnd(), sentence);
  assert.equal(program.stderr().trimEnd().split("\n").length, 1, program.stderr());
}

/** Node resolves no `*.localhost`, and `localhost` may be ::1, where the program does not listen. */
function ask(program: Program, target: string, options: RequestOptions = {}): Promise<Answer> {
  const { host, port } = new URL(program.origin ?? "");
  const headers = { "sec-fetch-site": "same-origin" };
  // The port changes with each start, and the default origin follows it.
  return request(`http://127.0.0.1:${port}`, target, { host, headers, ...options });
}

async function signIn(program: Program, identifier = OWNER.identifier): Promise<CookieJar> {
  const cookies = new CookieJar();
  const answer = await ask(program, "/api/v1/session", { json: { ...OWNER, identifier }, cookies });
  assert.equal(answer.status, 200, answer.text);
  return cookies;
}

async function createUser(program: Program, cookies: CookieJar, email: string): Promise<string> {
  const json = { email, first_name: "Maria", last_name: "Gonzalez", role: "member" };
  const answer = await ask(program, "/api/v1/users", { json, cookies });
  assert.equal(answer.status, 201, answer.text);
  return (answer.json() as { id: string }).id;
}

async function setPassword(program: Program, link: string): Promise<void> {
  const json = { token: link.split("/").at(-1), password: OWNER.password };
  const answer = await ask(program, "/api/v1/recovery-redemptions", { json });
  assert.equal(answer.status, 204, `${link}: ${answer.text}`);
}
