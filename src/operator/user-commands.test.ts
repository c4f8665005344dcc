import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { isResetLink, testRekey } from "../../test/support/rekey.ts";
import { rowsOf } from "../../test/support/tables.ts";
import { UsageError } from "./command.ts";
import { inputOf, runCommand } from "./commands.ts";

const rekey = await testRekey();

const HEADER = "Email,First Name,Last Name,Role,Status";
const PEOPLE = `${HEADER}\nmaria@cli.example,Maria,Gonzalez,Support,\ntom@cli.example,Tom,Wu,,Inactive\n`;

suite("user import", () => {
  test("says which file is to be read, before anybody reads it", () => {
    assert.deepEqual(inputOf(["user", "import", "people.csv", "--invite"]), { kind: "file", path: "people.csv" });
    assert.deepEqual(inputOf(["user", "import", "-"]), { kind: "file", path: "-" });
    for (const words of [
      ["user", "import"],
      ["user", "list"],
    ])
      assert.equal(inputOf(words), undefined, words.join(" "));
    for (const words of [["user"], ["user", "import", "x", "--nothing"], ["user", "import", "x", "y"], []])
      assert.throws(() => inputOf(words), UsageError, words.join(" "));
  });

  test("imports what it reads, for a person and for a program, and invites on demand", async () => {
    const oak = await rekey.createInstance();
    const at = ["--instance", oak.instance.origin];
    const done = await run(["user", "import", "people.csv", "--invite", ...at], PEOPLE);
    assert.deepEqual(done, {
      exitCode: 0,
      stdout: "2 users have been imported. An invitation is on the way.\n",
      stderr: "",
    });
    await oak.mailTo("maria@cli.example", isResetLink);
    const more = await run(["user", "import", "-", "--json", ...at], `${HEADER}\nzoe@cli.example,Zoe,Lane,Owner,\n`);
    assert.deepEqual(JSON.parse(more.stdout), { imported: 1, invited: 0 });
    const events = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "user.import");
    assert.deepEqual(
      events.map(({ actor_type: actor, result }) => [actor, result]),
      [
        ["operator", "ok"],
        ["operator", "ok"],
      ],
    );
  });

  test("lists the faults by line and column, duplicates first, and imports nobody", async () => {
    const oak = await rekey.createInstance();
    const at = ["--instance", oak.instance.origin];
    const text = `${HEADER}\nnobody,Maria,Gonzalez,,\ntom@cli.example,Tom,Wu,King,\nTOM@cli.example,Tom,Wu,,\n`;
    const refused = await run(["user", "import", "people.csv", ...at], text);
    assert.equal(refused.exitCode, 1);
    assert.equal(refused.stdout, "");
    assert.deepEqual(refused.stderr.split("\n"), [
      "Nobody was imported. 3 things are wrong with the file. Mend the file, then import the whole of it again.",
      "  line 4, Email: TOM@cli.example is also on line 3. Give each person one of their own.",
      "  line 2, Email: This is not an address. It looks like maria@oak.example, without spaces.",
      "  line 3, Role: Use Owner, Admin, Support, Member or No Access.",
      "",
    ]);
    const asJson = await run(["user", "import", "people.csv", "--json", ...at], text);
    const { code, errors } = JSON.parse(asJson.stdout) as { code: string; errors: { line: number; field: string }[] };
    assert.equal(code, "import_refused");
    assert.deepEqual(
      errors.map(({ line, field }) => `${line} ${field}`),
      ["4 Email", "2 Email", "3 Role"],
    );
    assert.equal((await rowsOf(oak, "users")).length, 1);
  });

  test("says what is missing on the command line", async () => {
    const oak = await rekey.createInstance();
    const without = await run(["user", "import", "--instance", oak.instance.origin], PEOPLE);
    assert.deepEqual([without.exitCode, without.stderr.startsWith("Which file? user import")], [2, true]);
    const empty = await run(["user", "import", "people.csv", "--instance", oak.instance.origin], "");
    assert.deepEqual([empty.exitCode, /The file is empty/.test(empty.stderr)], [1, true]);
  });
});

suite("user update", () => {
  test("changes name, address, user name and role, also of the only Owner, and tells the old address", async () => {
    const oak = await rekey.createInstance();
    const at = ["--instance", oak.instance.origin];
    const names = ["--first-name", "Olivia", "--last-name", "Reed", "--username", "olivia"];
    const done = await run(["user", "update", oak.owner.email, "--email", "olivia@oak.example", ...names, ...at]);
    assert.deepEqual(done, {
      exitCode: 0,
      stdout: "Olivia Reed (olivia) is saved: olivia@oak.example, Owner.\n",
      stderr: "",
    });
    await oak.mailTo(oak.owner.email, ({ message }) => /New address: olivia@oak\.example/.test(message.text ?? ""));
    const maria = await oak.addUser();
    const promoted = await run(["user", "update", maria.username, "--role", "owner", "--json", ...at]);
    const { id, email, username } = maria;
    assert.deepEqual(JSON.parse(promoted.stdout), { id, email, username, role: "owner" });
    const edits = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "user.update");
    for (const { actor_type: actor, result } of edits) assert.deepEqual([actor, result], ["operator", "ok"]);
    assert.deepEqual(new Set(edits.map(({ target_id: target }) => target)), new Set([oak.owner.id, maria.id]));
    assert.equal(edits.length, 2);
  });

  test("refuses what an administrator is refused, and says what it lacks", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const at = ["--instance", oak.instance.origin];
    for (const [exitCode, says, words] of [
      [1, /This is the last Owner of the instance/, [oak.owner.email, "--role", "member"]],
      [1, /already has this address/, [oak.owner.email, "--email", maria.email]],
      [1, /email: This is not an address/, [maria.email, "--email", "nobody"]],
      [1, /first_name: Enter the first name/, [maria.email, "--first-name", ""]],
      [1, /Nobody at Oak Recovery goes by nobody/, ["nobody", "--role", "member"]],
      [2, /^Which user\?/, ["--role", "member"]],
      [2, /^--role expects one of owner, admin/, [maria.email, "--role", "root"]],
      [2, /^Say what to change: user update/, [maria.email]],
    ] as const) {
      const refused = await run(["user", "update", ...words, ...at]);
      assert.equal(refused.exitCode, exitCode, refused.stderr);
      assert.match(refused.stderr, says);
      assert.equal(refused.stdout, "");
    }
  });
});

suite("user list", () => {
  test("shows everybody by name in a table, or those of one status", async () => {
    const oak = await rekey.createInstance();
    const at = ["--instance", oak.instance.origin];
    await run(["user", "import", "-", ...at], PEOPLE);
    const all = await run(["user", "list", ...at]);
    assert.equal(all.exitCode, 0, all.stderr);
    const [heading, ...lines] = all.stdout.trimEnd().split("\n");
    assert.match(heading ?? "", /^Name +Email +Role +User Name +Status +Last sign-in$/);
    assert.equal(lines.length, 3);
    assert.match(lines[1] ?? "", /^Maria Gonzalez +maria@cli\.example +Support +maria +Active +Never$/);
    const inactive = await run(["user", "list", "--status", "inactive", ...at]);
    assert.match(inactive.stdout, /\nTom Wu +tom@cli\.example +Member +tom +Inactive +Never\n$/);
    const json = JSON.parse((await run(["user", "list", "--status", "active", "--json", ...at])).stdout) as object[];
    const names = "id email username first_name last_name role status created_at last_sign_in_at";
    assert.equal(Object.keys(json[0] ?? {}).join(" "), names);
    assert.equal(json.length, 2);
    const wrong = await run(["user", "list", "--status", "gone", ...at]);
    assert.deepEqual([wrong.exitCode, wrong.stderr], [2, "--status expects one of active, inactive, all.\n"]);
  });

  test("shows all of many, and nothing that would move the cursor of a terminal", async () => {
    const oak = await rekey.createInstance();
    const at = ["--instance", oak.instance.origin];
    const rows = Array.from({ length: 450 }, (_, number) => `p${number}@cli.example,Pat,Last${number},,`);
    await run(["user", "import", "-", ...at], [HEADER, ...rows].join("\n"));
    await oak.deps.db.inInstance(oak.instance.id, (tx) =>
      tx
        .updateTable("users")
        .set({ last_name: "\u001b[31mRed\r\nForged" })
        .where("email", "=", "p1@cli.example")
        .execute(),
    );
    const all = await run(["user", "list", ...at]);
    assert.equal(all.stdout.trimEnd().split("\n").length, 452);
    assert(!/[^\P{Cc}\n]/u.test(all.stdout));
  });
});

function run(words: readonly string[], input = "") {
  return runCommand(rekey.deps, words, [Buffer.from(input)]);
}
