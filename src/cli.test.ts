import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { type CommandRun, emptyEnvironment, runCommandLine, startProgram } from "../test/support/program.ts";
import { isResetLink } from "../test/support/rekey.ts";
import { startSmtpSink } from "../test/support/smtp-sink.ts";

const PINE = ["--name", "Pine House", "--origin", "https://pine.example", "--owner", "ada@pine.example"];
const KIM = ["--email", "kim@pine.example", "--first-name", "Kim", "--last-name", "Nguyen", "--role", "member"];
const LINK_SENT = "A reset link is on its way to ada@pine.example.\n";

suite("A command that runs with or without a server", () => {
  test("does its work beside a server too, leaves its mail for a server with SMTP where it has none, and sends it where it has one", async () => {
    const sink = await startSmtpSink();
    const environment = await emptyEnvironment();
    const withSmtp = { ...environment, SMTP_URL: sink.url };
    await requireDone(runCommandLine(environment, ["instance", "create", ...PINE]));
    assert.equal(await requireDone(runCommandLine(environment, ["reset-link", "ada@pine.example"])), LINK_SENT);

    const update = ["user", "update", "ada@pine.example", "--first-name"];
    assert.match(await requireDone(runCommandLine(environment, [...update, "Ada"])), /^Ada .* is saved/);

    const server = await startProgram(withSmtp);
    assert.match(await requireDone(runCommandLine(environment, [...update, "Adele"])), /^Adele .* is saved/);
    await sink.waitFor((mail) => mail.to.includes("ada@pine.example") && isResetLink(mail));
    assert.equal(await server.stop("SIGTERM"), 0);

    const isShared = "DATABASE_URL" in environment;
    await requireDone(runCommandLine(withSmtp, ["user", "create", ...KIM]));
    const later = isShared ? await startProgram(withSmtp) : undefined;
    await sink.waitFor((mail) => mail.to.includes("kim@pine.example") && isResetLink(mail), isShared ? 5_000 : 0);
    await later?.stop("SIGTERM");
    assert.equal(sink.mails.length, 2, "each once");
    await sink.close();
  });
});

suite("A command that is not even begun", () => {
  const away = { DATABASE_URL: "postgres://rekey@127.0.0.1:1/rekey", REKEY_SECRET: "a".repeat(44) };

  test("says how it is used, whether the database is there or not", async () => {
    for (const words of [["--help"], ["user", "-h"], ["help"]]) {
      const help = await runCommandLine(away, words);
      assert.deepEqual([help.exitCode, help.stderr], [0, ""]);
      assert.match(help.stdout, /^Usage:\n {2}npm run rekey -- instance create /);
    }
    const unclear = await runCommandLine(away, ["user", "list", "all"]);
    assert.deepEqual([unclear.exitCode, unclear.stdout], [2, ""]);
    assert.match(unclear.stderr, /^This command does not take all\. Its usage:\n.*user list /);
  });

  test("tells a program in its own words", async () => {
    const { exitCode, stdout, stderr } = await runCommandLine(away, ["instance", "list", "--json"]);
    const { code, detail } = JSON.parse(stdout) as { code: string; detail: string };
    assert.deepEqual([exitCode, code, `${detail}\n`], [1, "cannot_run", stderr]);
  });
});

async function requireDone(run: Promise<CommandRun>): Promise<string> {
  const { exitCode, stdout, stderr } = await run;
  assert.equal(exitCode, 0, stderr);
  return stdout;
}
