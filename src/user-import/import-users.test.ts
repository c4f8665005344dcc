import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { verifyPassword } from "#credentials/password-hash.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { formWithFile } from "../../test/support/multipart.ts";
import { wordsOf } from "../../test/support/password-paths.ts";
import { isResetLink, type TestInstance, testRekey, tokenIn } from "../../test/support/rekey.ts";
import { jobsOf, type Row, rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

/** Where everything lands that an import writes. */
const WRITTEN = ["users", "credentials", "recoveries", "recovery_events", "emails", "jobs", "notifications"];

const HEADER = "Email Address,First Name,Last Name,User Name,Role,Title,Password Hash";
/** Of "U*U" (crypt_blowfish, wrapper.c). */
const HASH = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

suite("importing users", () => {
  test("a thousand people: ten faults by line and column and nothing written; mended, everybody; repeated, only duplicates", async () => {
    const oak = await rekey.createInstance();
    await oak.addUser({ email: "front.desk@import.example", firstName: "Ana", lastName: "Ruiz" });
    const admin = await oak.signIn(await oak.addUser({ role: "admin" }));
    const before = await countsOf(oak);

    const refused = await post(oak, admin, [HEADER, ...thousand(FAULTY_ROWS)].join("\r\n"));
    assert.equal(refused.status, 422);
    assert.match(wordsOf(refused.text), /Nobody was imported\. 10 things are wrong with the file\./);
    assert.deepEqual(
      faultsIn(refused).map(([line, column]) => `${line} ${column}`),
      [...DUPLICATES, ...OTHERS],
    );
    assert.match(wordsOf(refused.text), /Ana Ruiz has FRONT\.DESK@import\.example already/);
    assert.match(wordsOf(refused.text), /Person2@Shared\.example is also on line 4/);
    assert.deepEqual(await countsOf(oak), before, "nothing was written");

    const startedAt = performance.now();
    const accepted = await post(oak, admin, [HEADER, ...thousand({})].join("\r\n"));
    const tookMs = performance.now() - startedAt;
    assert.equal(accepted.status, 303, accepted.text);
    assert(tookMs < 5_000, `${Math.round(tookMs)} ms`);
    assert.equal((await rowsOf(oak, "users")).length, before.users + 1_000);
    const list = await oak.request(String(accepted.headers.location), { cookies: admin });
    assert.match(wordsOf(list.text), /Success 1,000 users have been imported\./);

    const after = await countsOf(oak);
    const repeated = await post(oak, admin, [HEADER, ...thousand({})].join("\r\n"));
    assert.equal(repeated.status, 422);
    assert.match(wordsOf(repeated.text), /1,000 things are wrong with the file; the first 500 are listed/);
    const faults = faultsIn(repeated);
    assert.equal(faults.length, 500);
    for (const [index, [line, column, words]] of faults.entries())
      assert.deepEqual([line, column, /already/.test(words)], [String(index + 2), "Email Address", true]);
    assert.deepEqual(await countsOf(oak), after, "nothing was written");
  });

  test("leaves one record for each user and one for the import, refused ones too", async () => {
    const oak = await rekey.createInstance();
    const dana = await oak.addUser({ role: "admin" });
    const admin = await oak.signIn(dana);
    const refused = await post(oak, admin, "Email,First Name,Last Name\nnobody,A,B\n");
    const accepted = await post(oak, admin, "Email,First Name,Last Name\na@x.example,A,One\nb@x.example,B,Two\n");
    const events = (await rowsOf(oak, "audit_events")).toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
    const of = (answer: Answer) =>
      events
        .filter(({ request_id: id }) => id === answer.headers["x-request-id"])
        .map(({ action, actor_id: actor, target_name: name, result, detail }) => ({
          action,
          actor,
          name,
          result,
          detail,
        }));
    const actor = dana.id;
    assert.deepEqual(of(refused), [
      {
        action: "user.import",
        actor,
        name: oak.instance.name,
        result: "refused",
        detail: { code: "import_refused" },
      },
    ]);
    const created = { action: "user.create", actor, result: "ok", detail: { role: "member", has_password: false } };
    assert.deepEqual(of(accepted), [
      { ...created, name: "A One" },
      { ...created, name: "B Two" },
      { action: "user.import", actor, name: oak.instance.name, result: "ok", detail: { imported: 2, invited: 0 } },
    ]);
  });

  test("invites, when asked to, who brings no password and may sign in", async () => {
    const oak = await rekey.createInstance();
    const dana = await oak.addUser({ role: "admin", firstName: "Dana", lastName: "Whitfield" });
    const admin = await oak.signIn(dana);
    const text = [
      "Email,First Name,Last Name,Role,Status,Password Hash",
      "plain@import.example,Pia,Plain,Member,,",
      `hash@import.example,Hal,Hash,Member,,${HASH}`,
      "none@import.example,Nils,None,No Access,,",
      "gone@import.example,Gina,Gone,Support,Inactive,",
    ].join("\n");
    const answer = await post(oak, admin, text, { invite: "on" });
    assert.equal(answer.status, 303, answer.text);
    const list = await oak.request("/settings/users", { cookies: admin });
    assert.match(wordsOf(list.text), /4 users have been imported\. An invitation is on the way\./);

    const mail = await oak.mailTo("plain@import.example", isResetLink);
    assert.match(mail.message.text ?? "", /was made for you\. Dana Whitfield invited you on \d+ [A-Z][a-z]+ \d{4}, /);
    await untilIdle(oak);
    assert.deepEqual(
      (await rowsOf(oak, "emails")).map(({ to_address: to }) => to),
      ["plain@import.example"],
    );
    const [recovery] = await rowsOf(oak, "recoveries");
    assert.deepEqual([recovery?.origin, recovery?.requested_by], ["invitation", dana.id]);
    const json = { token: tokenIn(mail), password: "amber compass willow station" };
    assert.equal((await oak.api("POST", "/recovery-redemptions", { json })).status, 204);
    assert.equal(await signInStatus(oak, "plain@import.example", json.password), 200);
    const gone = (await rowsOf(oak, "users")).find(({ email }) => email === "gone@import.example");
    assert.deepEqual([gone?.status, gone?.role], ["inactive", "support"]);
  });

  test("says whom people report to: somebody here, or somebody further up or down in the file", async () => {
    const oak = await rekey.createInstance();
    const dana = await oak.addUser({ role: "admin", username: "dana" });
    const text = [
      "Email,First Name,Last Name,User Name,Reports To",
      "a@x.example,A,One,,B.Two",
      "b@x.example,B,Two,b.two,C@x.example",
      "c@x.example,C,Three,,DANA",
      "d@x.example,D,Four,,",
      ...Array.from({ length: 1_100 }, (_, at) => `many${at}@x.example,Many,M${at},,last@x.example`),
      "last@x.example,Last,Five,,a@x.example",
    ].join("\n");
    const answer = await post(oak, await oak.signIn(dana), text);
    assert.equal(answer.status, 303, answer.text);
    const users = await rowsOf(oak, "users");
    const above = (email: string): unknown => {
      const to = users.find((user) => user.email === email)?.reports_to;
      return users.find(({ id }) => id === to)?.email;
    };
    assert.deepEqual(
      ["a@x.example", "b@x.example", "c@x.example", "d@x.example", "many0@x.example", "last@x.example"].map(above),
      ["b@x.example", "c@x.example", dana.email, undefined, "last@x.example", "a@x.example"],
    );
  });

  test("refuses who reports to nobody known, to themselves or in a circle, by line", async () => {
    const oak = await rekey.createInstance();
    const text = [
      "Email,First Name,Last Name,Manager",
      "a@x.example,A,One,nobody.here",
      "b@x.example,B,Two,b@x.example",
      "c@x.example,C,Three,d@x.example",
      "d@x.example,D,Four,e@x.example",
      "e@x.example,E,Five,c@x.example",
      "f@x.example,F,Six,c@x.example",
    ].join("\n");
    const before = await countsOf(oak);
    const refused = await post(oak, await oak.asOwner(), text);
    assert.equal(refused.status, 422);
    const circle = "These people would report to each other in a circle. Change one of them.";
    assert.deepEqual(faultsIn(refused), [
      ["2", "Manager", "Nobody here goes by “nobody.here”. Enter a user name or an address."],
      ["3", "Manager", "Nobody reports to themselves."],
      ...["4", "5", "6"].map((line) => [line, "Manager", circle]),
    ]);
    assert.deepEqual(await countsOf(oak), before, "nothing was written");
  });

  test("invites nobody unless asked to", async () => {
    const oak = await rekey.createInstance();
    await post(oak, await oak.asOwner(), "Email,First Name,Last Name\na@x.example,A,One\n");
    await untilIdle(oak);
    assert.equal((await rowsOf(oak, "emails")).length, 0);
  });

  test("who brings a hash signs in with the password they have, and it is kept as argon2id from then on", async () => {
    const oak = await rekey.createInstance();
    const text = `Email,First Name,Last Name,Password Hash\nmaria@x.example,Maria,Gonzalez,${HASH}\n`;
    assert.equal((await post(oak, await oak.asOwner(), text)).status, 303);
    assert.equal(await signInStatus(oak, "maria@x.example", "U*U*"), 401);
    assert.equal(await signInStatus(oak, "maria", "U*U"), 200);
    const maria = (await rowsOf(oak, "users")).find(({ username }) => username === "maria");
    const stored = (await rowsOf(oak, "credentials")).find((row) => row.user_id === maria?.id)?.password_hash;
    assert.match(String(stored), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert(await verifyPassword("U*U", String(stored)));
  });

  test("takes a file as other programs write it", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    for (const [index, text] of [
      "\uFEFFE-Mail;First name;LAST_NAME;user-name\r\nmaria0@x.example;Émilie;Gérard;emilie.0\r\n",
      "email1,first_name,last_name,user_name,phone_work,phone_mobile,role,language,time_zone\n" +
        "maria1@x.example,Émilie,Gérard,emilie.1,1,2,no_access,en_us,America/New_York",
      '\n\n"Primary Email"\t"First Name"\t"Last Name"\t"Login"\t\n maria2@x.example \tÉmilie\tGérard\temilie.2\t\t\n\n',
    ].entries()) {
      const answer = await post(oak, admin, text);
      assert.equal(answer.status, 303, wordsOf(answer.text));
      const row = await rowOf(oak, `maria${index}@x.example`);
      assert.deepEqual([row?.first_name, row?.last_name, row?.username], ["Émilie", "Gérard", `emilie.${index}`]);
    }
    const one = await rowOf(oak, "maria1@x.example");
    assert.deepEqual(
      [one?.role, one?.phone, one?.mobile, one?.locale, one?.time_zone],
      ["no_access", "1", "2", "en-us", "America/New_York"],
    );
  });

  test("makes user names from addresses, each of its own", async () => {
    const oak = await rekey.createInstance();
    await oak.addUser({ username: "info" });
    await oak.addUser({ username: "info.3" });
    const rows = [1, 2, 3, 4].map((number) => `info@${number}.example,I,N${number},`);
    const text = ["Email,First Name,Last Name,User Name", ...rows, "x@y.example,X,Y,info.4"].join("\n");
    assert.equal((await post(oak, await oak.asOwner(), text)).status, 303);
    const names = (await rowsOf(oak, "users")).map(({ username }) => String(username));
    assert.deepEqual(
      names.filter((name) => name.startsWith("info")).toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })),
      ["info", "info.2", "info.3", "info.4", "info.5", "info.6", "info.7"],
    );
  });

  test("is refused whole for what its header says", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const before = await countsOf(oak);
    const row = "a@x.example,A,B,x,y";
    for (const [header, column, words] of [
      ["Email,First Name,Last Name,Shoe Size,Title", "Shoe Size", /not known here\. Known are: Email, First Name,/],
      [
        "Email,First Name,Last Name,Password,Title",
        "Password",
        /not taken, only their hashes, in a column Password Hash/,
      ],
      ["Email,First Name,Last Name,user_password,Title", "user_password", /Passwords themselves are not taken/],
      ["Email,First Name,Last Name,Passwort,Title", "Passwort", /Passwords themselves are not taken/],
      ["Email,First Name,Phone,Mobile,Title", "Last Name", /This column is missing/],
      ["Email,First Name,Last Name,email1,Title", "email1", /means the same as Email/],
      ["Email,First Name,Last Name,,Title", "Column 4", /not known here/],
      ["Email,First Name,Last Name,<b>x</b>,Title", "<b>x</b>", /not known here/],
    ] as const) {
      const answer = await post(oak, admin, `${header}\n${row}\n`);
      assert.equal(answer.status, 422, header);
      const [fault, ...others] = faultsIn(answer);
      assert.deepEqual([fault?.[0], fault?.[1], others], ["1", column, []], header);
      assert.match(fault?.[2] ?? "", words);
    }
    for (const [text, words] of [
      ["", /The file is empty/],
      ["Email,First Name,Last Name\n", /Nobody stands under the header/],
      [Buffer.from("Email,First Name,Last Name\na@x.example,Ren\xE9,B\n", "latin1"), /not UTF-8/],
      ['Email,First Name,Last Name\na@x.example,"A,B\n', /none closes it/],
    ] as const) {
      const answer = await post(oak, admin, text);
      assert.equal(answer.status, 422);
      assert.match(wordsOf(answer.text), words);
    }
    assert.deepEqual(await countsOf(oak), before);
  });

  test("a row is refused for more cells than there are columns, and takes fewer as empty", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const header = "Email,First Name,Last Name,Title";
    const refused = await post(oak, admin, `${header}\na@x.example,A,B,Nurse, night shift\nb@x.example,B,C,,,\n`);
    assert.deepEqual(
      faultsIn(refused).map(([line, column, words]) => [line, column, /5 cells under 4 columns/.test(words)]),
      [["2", "·", true]],
    );
    assert.equal((await post(oak, admin, `${header}\na@x.example,A,B\nb@x.example,B,C,,,\n`)).status, 303);
  });

  test("content is text: formulas, markup and quotes are kept as they are and shown as they are", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const texts = [
      '=HYPERLINK("http://evil.example")',
      "+1+1",
      "@SUM(A1)",
      "<script>alert(1)</script>",
      "';--",
      "${x}{{y}}",
    ];
    const rows = texts.map(
      (text, at) => `t${at}@x.example,"${text.replaceAll('"', '""')}",Last,"${text.replaceAll('"', '""')}"`,
    );
    assert.equal((await post(oak, admin, ["Email,First Name,Last Name,Title", ...rows].join("\n"))).status, 303);
    for (const [at, text] of texts.entries()) {
      const row = await rowOf(oak, `t${at}@x.example`);
      assert.deepEqual([row?.first_name, row?.title], [text, text]);
      const profile = await oak.request(`/settings/users/${String(row?.id)}`, { cookies: admin });
      assert(!profile.text.includes("<script>alert"), text);
      assert(wordsOf(profile.text).includes(text), text);
    }
    const refused = await post(
      oak,
      admin,
      'Email,First Name,Last Name\n"a@x.example\r\nBcc: b@x.example","A\r\nB",C\n',
    );
    assert.deepEqual(
      faultsIn(refused).map(([line, column]) => [line, column]),
      [
        ["2", "Email"],
        ["2", "First Name"],
      ],
    );
  });

  test("what a hash column holds is never repeated, in case somebody put passwords into it", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const canary = "canary-quiet-lantern";
    const answer = await post(oak, admin, `Email,First Name,Last Name,Password Hash\na@x.example,A,B,${canary}\n`);
    assert.equal(answer.status, 422);
    assert.deepEqual(
      faultsIn(answer).map(([line, column]) => [line, column]),
      [["2", "Password Hash"]],
    );
    assert(!answer.text.includes(canary));
    assert(!JSON.stringify(await rowsOf(oak, "audit_events")).includes(canary));
    assert(!rekey.log.join("\n").includes(canary));
  });

  test("nobody grants a role above their own", async () => {
    const oak = await rekey.createInstance();
    const text = "Email,First Name,Last Name,Role\na@x.example,A,B,Admin\no@x.example,O,P,Owner\n";
    const admin = await oak.signIn(await oak.addUser({ role: "admin" }));
    const refused = await post(oak, admin, text);
    assert.equal(refused.status, 422);
    assert.deepEqual(
      faultsIn(refused).map(([line, column]) => [line, column]),
      [["3", "Role"]],
    );
    assert.equal(await rowOf(oak, "a@x.example"), undefined);
    assert.equal((await post(oak, await oak.asOwner(), text)).status, 303);
    assert.equal((await rowOf(oak, "o@x.example"))?.role, "owner");
  });

  test("who may not edit users is told which role may, sees no form, and imports nothing", async () => {
    const oak = await rekey.createInstance();
    const before = (await rowsOf(oak, "users")).length;
    const text = `Email,First Name,Last Name\na@x.example,A,B\n${"\n".repeat(3_000_000)}`;
    for (const role of ["support", "member"] as const) {
      const cookies = await oak.signIn(await oak.addUser({ role }));
      for (const path of ["/settings/users/import", "/settings/users/import/template.csv"]) {
        const page = await oak.request(path, { cookies });
        assert.equal(page.status, 403, `${role} ${path}`);
        assert.match(wordsOf(page.text), /This needs the role Owner or Admin\./);
      }
      const answer = await post(oak, cookies, text);
      assert.equal(answer.status, 403, answer.text);
    }
    const stranger = await oak.request("/settings/users/import", await formWithFile({}, text));
    assert.equal(stranger.status, 401);
    assert.equal((await rowsOf(oak, "users")).length, before + 2);
  });

  test("a file or a list that is too long is refused in words", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const row = (number: number) => `p${number}@x.example,P,N\n`;
    const people = Array.from({ length: 20_001 }, (_, number) => row(number)).join("");
    for (const [text, words] of [
      [`Email,First Name,Last Name\n${people}`, /at most 20,000 people\. Split it/],
      [`Email,First Name,Last Name\n${"\n".repeat(10 * 1024 * 1024)}`, /at most 10 MB\. Split it/],
      [`Email,First Name,Last Name\n${"\n".repeat(12 * 1024 * 1024)}`, /at most 10 MB\. Split it/],
    ] as const) {
      const answer = await post(oak, admin, text);
      assert.equal(answer.status, 413);
      assert.match(wordsOf(answer.text), words);
    }
    assert.equal((await rowsOf(oak, "users")).length, 1);
  });

  test("of two imports of the same people at once one wins and the other writes nothing", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const text = [
      "Email,First Name,Last Name",
      ...thousand({}).map((row) => row.split(",").slice(0, 3).join(",")),
    ].join("\n");
    const answers = await Promise.all([post(oak, admin, text), post(oak, admin, text), post(oak, admin, text)]);
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    assert.equal(statuses[0], 303);
    for (const status of statuses.slice(1)) assert([409, 422].includes(status), String(status));
    assert.equal((await rowsOf(oak, "users")).length, 1_001);
    const created = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "user.create");
    assert.equal(created.length, 1_001);
  });

  test("the same people may be in another instance", async () => {
    const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    const text = "Email,First Name,Last Name,User Name\na@x.example,A,B,ab\n";
    for (const instance of [oak, pine])
      assert.equal((await post(instance, await instance.asOwner(), text)).status, 303);
    assert.equal((await rowsOf(oak, "users")).length, 2);
  });

  test("a request that is no such form is refused, and a form without a file is told so", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const form = await oak.request("/settings/users/import", { form: { file: "a,b" }, cookies });
    assert.equal(form.status, 400);
    const cut = await formWithFile({}, HEADER);
    const body = Buffer.from(cut.body).subarray(0, -30);
    const answer = await oak.request("/settings/users/import", { body, headers: cut.headers, cookies });
    assert.equal(answer.status, 400);
    assert.match(wordsOf(answer.text), /did not arrive whole/);
    assert.equal((await post(oak, cookies, "")).status, 422);
  });

  test("a browser that listens only after it has sent everything gets its answer, though the file was not read", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.signIn(await oak.addUser({ role: "support" }));
    const { body, headers } = await formWithFile({}, "x".repeat(10_000_000));
    const head = [
      "POST /settings/users/import HTTP/1.1",
      `Host: ${oak.host}`,
      `Cookie: ${String(cookies)}`,
      "Sec-Fetch-Site: same-origin",
      `Content-Type: ${String(headers["content-type"])}`,
      `Content-Length: ${body.length}`,
    ];
    const socket = connect(Number(new URL(oak.base).port), "127.0.0.1");
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    const sent = new Promise((resolve) => socket.write(body, () => resolve("sent")));
    const tooLong = pause(5_000, "it stopped taking in the file");
    assert.equal(await Promise.race([sent, tooLong]), "sent");
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1\.1 403 /);
    socket.destroy();
  });

  test("the template is a file that can be filled in and imported", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const template = await oak.request("/settings/users/import/template.csv", { cookies });
    assert.equal(template.status, 200);
    assert.match(String(template.headers["content-disposition"]), /attachment; filename="users\.csv"/);
    assert.equal(template.headers["content-type"], "text/csv; charset=utf-8");
    const columns = template.text.trim().split(",").length;
    const row = ["a@x.example", "A", "B"].concat(Array.from({ length: columns - 3 }, () => "")).join(",");
    assert.equal((await post(oak, cookies, `${template.text}${row}\r\n`)).status, 303);
  });
});

/** By line: the header is line 1, and the title of line 51 takes another line, which moves all that comes after it by one. */
const FAULTY_ROWS: Readonly<Record<number, (number: number) => string>> = {
  3: () => "person2@import.example,,Last2,,Member,,",
  4: () => "person2@shared.example,First3,Last3,,Member,,",
  10: () => "person9@oak@import.example,First9,Last9,,Member,,",
  51: () => 'person50@import.example,First50,Last50,,Member,"Night\r\nnurse",',
  202: () => "person201@import.example,First201,Last201,,King,,",
  399: () => "FRONT.DESK@import.example,First398,Last398,,Member,,",
  403: () => "person402@import.example,First402,Last402,,Owner,,",
  501: () => "Person2@Shared.example,First500,Last500,,Member,,",
  604: () => "person603@import.example,First603,Last603,,Member,,$2b$05$CCCCC",
  700: () => "person699@import.example,First699,Last699,desk,Member,,",
  701: () => "person700@import.example,First700,Last700,Desk,Member,,",
  997: () => "person996@import.example,First996,Last996,,Member,,,surplus",
};

/** Where the faults of those rows are. */
const DUPLICATES = ["400 Email Address", "502 Email Address", "702 User Name"];
const OTHERS = ["3 First Name", "10 Email Address", "51 Title", "203 Role", "404 Role", "605 Password Hash", "998 ·"];

/** @returns a thousand rows for under `HEADER`, those of these lines as given. */
function thousand(rows: typeof FAULTY_ROWS): readonly string[] {
  return Array.from({ length: 1_000 }, (_, at) => {
    const ordinary = (number: number): string =>
      `person${number}@import.example,First${number},Last${number},,Member,Nurse,`;
    return (rows[at + 2] ?? ordinary)(at + 1);
  });
}

async function post(
  oak: TestInstance,
  cookies: CookieJar,
  file: string | Buffer,
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return oak.request("/settings/users/import", {
    ...(await formWithFile(fields, new Uint8Array(Buffer.from(file)))),
    cookies,
  });
}

/** @returns line, column and words of each fault that the page lists, in its order; a dot where there is no column. */
function faultsIn({ text }: Answer): readonly (readonly [string, string, string])[] {
  const rows = [...text.matchAll(/<tr role="row">(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<td.*?<\/td>/gs)].map(([cell]) => wordsOf(cell).trim()),
  );
  return rows.flatMap(([line = "", column = "", words = ""]) =>
    /^\d+$/.test(line) ? [[line, column, words] as const] : [],
  );
}

async function countsOf(oak: TestInstance): Promise<Readonly<Record<string, number>> & { users: number }> {
  const counts = WRITTEN.map(async (table) => {
    const rows = await (table === "jobs" ? jobsOf(oak) : rowsOf(oak, table));
    return [table, rows.length] as const;
  });
  return Object.fromEntries(await Promise.all(counts)) as Record<string, number> & { users: number };
}

async function rowOf(oak: TestInstance, email: string): Promise<Row | undefined> {
  return (await rowsOf(oak, "users")).find((row) => row.email === email);
}

async function signInStatus(oak: TestInstance, identifier: string, password: string): Promise<number> {
  return (await oak.api("POST", "/session", { json: { identifier, password } })).status;
}
