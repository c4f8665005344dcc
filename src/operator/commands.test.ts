import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { suite, test } from "node:test";

import { tampering, untilSealed } from "../../test/support/audit-seals.ts";
import { BOUNCE_DOMAIN, isResetLink, testRekey } from "../../test/support/rekey.ts";
import { redeem } from "../../test/support/reset-link.ts";
import { rowsOf } from "../../test/support/tables.ts";
import { runCommand } from "./commands.ts";

const rekey = await testRekey();

const MARIA = ["--first-name", "Maria", "--last-name", "Gonzalez"];

suite("the command line", () => {
  test("says what is refused with exit code 1 and what it does not understand with 2, and leaves nothing behind", async () => {
    const oak = await rekey.createInstance();
    const { origin } = oak.instance;
    const maria = await oak.addUser();
    const before = (await run("instance", "list")).stdout;
    const at = ["--instance", origin];
    const member = ["--role", "member", ...at];
    const wrong: readonly (readonly [exitCode: number, says: RegExp, words: readonly string[]])[] = [
      [1, /already has this address/, ["user", "create", "--email", maria.email.toUpperCase(), ...MARIA, ...member]],
      [1, /email: This is not an address/, ["user", "create", "--email", "a@b,c@d", ...MARIA, ...member]],
      [
        1,
        /already has this user name/,
        ["user", "create", "--email", "x@y", "--username", maria.username, ...MARIA, ...member],
      ],
      [1, /Nobody at Oak Recovery goes by nobody/, ["reset-link", "nobody", ...at]],
      [
        1,
        /already has this origin/,
        ["instance", "create", "--name", "P", "--origin", origin, "--owner", "p@p.example"],
      ],
      [2, /^Say which instance with --instance <origin>:\n/, ["reset-link", maria.email]],
      [2, /^No instance has that origin:\n/, ["reset-link", maria.email, "--instance", "https://other.example"]],
      [2, /^Which user\?/, ["reset-link", ...at]],
      [
        2,
        /--origin expects an https origin/,
        ["instance", "create", "--name", "P", "--origin", "http://p.example", "--owner", "p@p"],
      ],
      [
        2,
        /--owner expects an address/,
        ["instance", "create", "--name", "P", "--origin", "https://p.example", "--owner", "nobody"],
      ],
      [1, /name: /, ["instance", "create", "--name", "a\nb", "--origin", "https://p.example", "--owner", "p@p"]],
      [
        1,
        /An instance needs a name/,
        ["instance", "create", "--name", "  ", "--origin", "https://p.example", "--owner", "p@p"],
      ],
      [2, /--owner is missing/, ["instance", "create", "--name", "P", "--origin", "https://p.example"]],
      [
        2,
        /--role expects one of owner, admin/,
        ["user", "create", "--email", "x@y", ...MARIA, "--role", "root", ...at],
      ],
      [2, /--email is missing/, ["user", "create", ...MARIA, ...member]],
      [2, /does not take --role\. Its usage:\n.* reset-link </, ["reset-link", maria.email, "--role", "member", ...at]],
      [2, /does not take other@x\.example\./, ["reset-link", maria.email, "other@x.example", ...at]],
      [2, /does not take now\./, ["instance", "suspend", "now", ...at]],
      [2, /does not take now\./, ["audit", "verify", "now", ...at]],
      [2, /Unknown option '--nothing'/, ["instance", "list", "--nothing"]],
      [2, /^Usage:\n.*instance create/, ["instance"]],
      [2, /^Usage:/, ["nothing", "at", "all"]],
      [2, /^Usage:/, ["constructor"]],
      [2, /^Usage:/, ["__proto__"]],
    ];
    for (const [exitCode, says, words] of wrong) {
      const done = await run(...words);
      assert.equal(done.exitCode, exitCode, `${words.join(" ")}: ${done.stderr}`);
      assert.match(done.stderr, says, words.join(" "));
      assert.equal(done.stdout, "", words.join(" "));
    }
    assert.equal((await run("instance", "list")).stdout, before);
    assert.equal((await rowsOf(oak, "users")).length, 2);
  });

  test("says the same to a program, with the code that the API has", async () => {
    const oak = await rekey.createInstance();
    const refused = await run("reset-link", "nobody", "--instance", oak.instance.origin, "--json");
    assert.equal(refused.exitCode, 1);
    assert.equal((JSON.parse(refused.stdout) as { code: string }).code, "not_found");
    const unclear = await run("reset-link", "--json", "--instance", oak.instance.origin);
    assert.equal(unclear.exitCode, 2);
    const { code, detail } = JSON.parse(unclear.stdout) as { code: string; detail: string };
    assert.deepEqual([code, `${detail}\n`], ["not_understood", unclear.stderr]);
  });

  test("makes a user, who is mailed an invitation", async () => {
    const oak = await rekey.createInstance();
    const { origin } = oak.instance;
    const made = await run(
      "user",
      "create",
      "--email",
      "maria@cli.example",
      ...MARIA,
      "--role",
      "support",
      "--instance",
      `${origin}/`,
    );
    assert.equal(made.exitCode, 0, made.stderr);
    assert.match(
      made.stdout,
      /^Maria Gonzalez \(maria\) has an account at Oak Recovery; the invitation goes to maria@cli\.example\.\n$/,
    );
    await oak.mailTo("maria@cli.example", isResetLink);
  });

  test("mails a reset link without showing it, or shows it and says so in the record", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const at = ["--instance", oak.instance.origin];
    const sent = await run("reset-link", maria.username, ...at);
    assert.equal(sent.stdout, `A reset link is on its way to ${maria.email}.\n`, sent.stderr);
    await oak.mailTo(maria.email, isResetLink);
    const kim = await oak.addUser();
    const shown = await run("reset-link", kim.email, "--print", ...at);
    const token = new RegExp(`^${oak.instance.origin}/reset-password/(\\S+)\n$`).exec(shown.stdout)?.[1];
    const redeemed = await oak.api("POST", "/recovery-redemptions", {
      json: { token, password: "amber compass willow" },
    });
    assert.equal(redeemed.status, 204, `${shown.stdout}${redeemed.text}`);
    const acts = (await rowsOf(oak, "audit_events"))
      .filter(({ actor_type: actor, action }) => actor === "operator" && !String(action).endsWith(".create"))
      .map(({ action, target_id: target }) => `${String(action)} ${String(target)}`);
    assert.deepEqual(acts.toSorted(), [`recovery.copy_link ${kim.id}`, `recovery.request ${maria.id}`]);
  });

  test("examines how mails leave: exit code 1 where something is wrong, each with what to do about it", async () => {
    const oak = await rekey.createInstance("Oak Recovery", `https://${randomUUID()}.example`);
    const sender = `rekey@${new URL(oak.instance.origin).hostname}`;
    const at = ["--instance", oak.instance.origin];
    const mx = [{ host: "mail.rekey.example", priority: 10 }];
    rekey.dns.publish(BOUNCE_DOMAIN, { mx, txt: ["v=spf1 mx -all", "v=spf1 a ~all"] });
    const wrong = await run("doctor", ...at);
    assert.equal(wrong.exitCode, 1, wrong.stderr);
    assert.match(wrong.stdout, /^127\.0\.0\.1:\d+\n {2}ok {7}Name: /);
    assert(wrong.stdout.includes(`\n\n${sender}\n  ok       Sender: The mail server takes mails from ${sender}.\n`));
    assert(wrong.stdout.includes(`\n           ${BOUNCE_DOMAIN}  TXT  v=spf1 mx a -all\n`), wrong.stdout);
    assert.match(wrong.stdout, /\n\n1 fault, 1 warning\.\n$/);

    rekey.dns.publish(BOUNCE_DOMAIN, { mx, txt: ["v=spf1 +all"] });
    const right = await run("doctor", "--json", ...at);
    assert.equal(right.exitCode, 0, right.stdout);
    const { findings } = JSON.parse(right.stdout) as { findings: { check: string; result: string }[] };
    assert.equal(findings.find(({ check }) => check === "dkim")?.result, "warning", "no fault");
    const every = JSON.parse((await run("doctor", "--json")).stdout) as { findings: { subject: string }[] };
    assert(every.findings.some(({ subject }) => subject === sender) && every.findings.length > findings.length);
  });

  test("sets a temporary password: generated and shown, or typed and read from standard input", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const at = ["--instance", oak.instance.origin];
    const made = await run("temporary-password", maria.email, "--verified", "call_back", "--note", "Her desk", ...at);
    assert.equal(made.exitCode, 0, made.stderr);
    const [password = "", said = ""] = made.stdout.split("\n");
    assert.match(said, /^Verified: .+ can sign in with it until .+, and then has to choose another one\.$/);
    await oak.signIn(maria, password);
    const typed = await runCommand(
      rekey.deps,
      ["temporary-password", maria.username, "--typed", "--json", ...at],
      [Buffer.from("granite teapot lullaby\n")],
    );
    assert(!typed.stdout.includes("granite"), typed.stdout);
    assert.equal((JSON.parse(typed.stdout) as { verified: boolean }).verified, true);
    await oak.signIn(maria, "granite teapot lullaby");
    const verifications = await rowsOf(oak, "verifications");
    assert.deepEqual(
      verifications.map(({ method, note }) => [method, note]),
      [
        ["call_back", "Her desk"],
        ["other", "By the operator, at the command line"],
      ],
    );
    const wrong = await run("temporary-password", maria.email, "--verified", "guess", ...at);
    assert.deepEqual([wrong.exitCode, wrong.stderr.startsWith("--verified expects one of in_person")], [2, true]);
    assert.equal((await run("temporary-password", "nobody", ...at)).exitCode, 1);
  });

  test("verifies the record of one instance or of all, suspended ones too, and says what does not hold", async () => {
    const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    for (const instance of [oak, pine]) await untilSealed(rekey, instance);
    const at = ["--instance", pine.instance.origin];
    await run("instance", "suspend", ...at);
    const sound = await run("audit", "verify", ...at);
    assert.equal(sound.exitCode, 0);
    const line =
      /^http:\S+ {2}Pine House: holds\. 2 events in 1 seal, the newest of \S+Z is 1:[0-9a-f]{64}\. 1 event waits to be sealed, since \S+Z\.\n$/;
    assert.match(sound.stdout, line);
    await tampering(pine, async (tamper) => {
      await tamper(
        `update audit_events set actor_name = 'Nobody' where instance_id = '${pine.instance.id}' and action = 'user.create'`,
      );
    });
    const every = await run("audit", "verify", "--json");
    assert.equal(every.exitCode, 1);
    const { instances } = JSON.parse(every.stdout) as { instances: { id: string; holds: boolean; fault: string }[] };
    const [ofOak, ofPine] = [oak, pine].map(({ instance }) => instances.find(({ id }) => id === instance.id));
    assert.deepEqual([ofOak?.holds, ofPine?.holds], [true, false]);
    assert.match(
      ofPine?.fault ?? "",
      /^Event \S+ of \d{4}-\S+ \S+ UTC \(user\.create\) was changed after seal 1 was put on it\.$/,
    );
    assert.match((await run("audit", "verify", ...at)).stdout, /Pine House: the record DOES NOT HOLD\. Event /);
    assert.equal((await run("audit", "verify", "--head", "41:abc", ...at)).exitCode, 2);
  });

  test("suspends an instance, which answers 503 to everybody, and resumes it with everything dead that was live", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const at = ["--instance", oak.instance.origin];
    assert.match((await run("instance", "suspend", ...at)).stdout, /^Oak Recovery is suspended\./);
    for (const target of ["/", "/sign-in", "/api/v1/session"]) {
      const answer = await oak.request(target, { cookies });
      assert.equal(answer.status, 503, target);
      assert.match(answer.text, /suspended/);
    }
    assert.match((await run("instance", "list")).stdout, new RegExp(`${oak.instance.origin} .*\\(suspended\\)`));
    assert.match((await run("instance", "resume", ...at)).stdout, /answers again/);
    assert.equal((await oak.api("GET", "/session", { cookies })).status, 401, "sessions do not come back");
    await oak.asOwner();
  });

  test("F8 ends everything that a restored backup revives, and says in the record why", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const maria = await oak.addUser();
    const token = await oak.mailedToken(maria, owner);
    const made = await oak.api("POST", "/api-keys", {
      json: { name: "help desk", scopes: ["users.read"] },
      cookies: owner,
    });
    const { key: secret } = made.json() as { key: string };
    const at = ["--instance", oak.instance.origin];
    assert.equal((await run("instance", "end-everything", ...at)).exitCode, 2, "not without a reason");
    const ended = await run("instance", "end-everything", "--note", "restored from the backup of Sunday", ...at);
    assert.equal(
      ended.stdout,
      "Ended at Oak Recovery: sessions: 1; links and temporary passwords: 1; API keys: 1. Nothing waits for a second administrator any more. Passwords still work.\n",
    );
    assert.equal((await oak.api("GET", "/session", { cookies: owner })).status, 401);
    assert.equal((await oak.api("GET", "/users", { headers: { authorization: `Bearer ${secret}` } })).status, 401);
    assert.equal((await redeem(oak, token)).status, 410);
    const event = (await rowsOf(oak, "audit_events")).find(({ action }) => action === "instance.end_everything");
    assert.deepEqual([event?.actor_type, event?.reason], ["operator", "restored from the backup of Sunday"]);
    await oak.signIn(maria);
  });
});

function run(...words: readonly string[]) {
  return runCommand(rekey.deps, words);
}
