import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { testRekey } from "../support/rekey.ts";
import { rowsOf } from "../support/tables.ts";

const rekey = await testRekey();

const directory = mkdtempSync(path.join(tmpdir(), "rekey-import-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

/** Django 4.1, tests/auth_tests/test_hashers.py, test_pbkdf2. */
const HASH = {
  password: "lètmein",
  stored: "pbkdf2_sha256$390000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=",
};
/** The others bring a password and need no invitation; a thousand mails would hold up those of the journeys that follow. */
const INVITED = 20;

/** What is wrong with which lines; the header is line 1. */
const FAULTS: Readonly<Record<number, { row: string; column: string; words: RegExp }>> = {
  5: { row: "p5@new.example,,Last5,,", column: "First Name", words: /Everybody needs one/ },
  40: { row: "not an address,First40,Last40,,", column: "Email", words: /This is not an address/ },
  120: { row: "p120@new.example,First120,Last120,King,", column: "Role", words: /Use Owner, Admin/ },
  300: {
    row: "p300@new.example,First300,Last300,Owner,",
    column: "Role",
    words: /Nobody grants a role above their own/,
  },
  420: { row: `p420@new.example,First420,${"x".repeat(101)},,`, column: "Last Name", words: /at most 100 characters/ },
  555: { row: "p555@new.example,First555,Last555,,Summer2024", column: "Password Hash", words: /no hash of a kind/ },
  700: { row: "p700@new.example,First700,Last700,,$2b$12$cut", column: "Password Hash", words: /not whole/ },
};
const DUPLICATES: Readonly<Record<number, { row: string; words: RegExp }>> = {
  60: { row: "FRONT.DESK@new.example,First60,Last60,,", words: /Ana Ruiz has FRONT\.DESK@new\.example already/ },
  800: { row: "p2@new.example,First800,Last800,,", words: /p2@new\.example is also on line 2/ },
  1001: { row: "P3@NEW.example,First1001,Last1001,,", words: /P3@NEW\.example is also on line 3/ },
};

for (const javaScriptEnabled of [true, false]) {
  suite(`Import, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () => {
    test("1,000 people with ten faults, mended, imported and invited, repeated: duplicates are refused", async () => {
      const oak = await rekey.createInstance();
      await oak.addUser({ email: "front.desk@new.example", firstName: "Ana", lastName: "Ruiz" });
      const dana = await oak.addUser({ role: "admin", firstName: "Dana", lastName: "Whitfield" });
      const admin = await Visitor.arrive(oak, { javaScriptEnabled });
      const { page } = admin;
      await admin.signIn(dana);
      await admin.open("/settings/users");
      await page.getByRole("link", { name: "Import" }).click();
      await page.getByRole("heading", { name: "Import Users", level: 1 }).waitFor();
      await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Manage Users" }).waitFor();
      await page.getByRole("table", { name: "Columns that are known" }).getByText("Password Hash").waitFor();

      await page.getByLabel("File").setInputFiles(fileOf(true));
      await page.getByRole("button", { name: "Import" }).click();
      const alert = page.getByRole("alert").filter({ hasText: "Nobody was imported." });
      await alert.getByText("10 things are wrong with the file.").waitFor();
      const rowsIn = async (name: string) =>
        (await page.getByRole("table", { name }).getByRole("row").allInnerTexts()).slice(1);
      const duplicates = await rowsIn("Duplicates");
      for (const [index, [line, { words }]] of Object.entries(DUPLICATES).entries()) {
        assert.match(duplicates[index] ?? "", new RegExp(`^\\s*${line}\\s+Email\\s`));
        assert.match(duplicates[index] ?? "", words);
      }
      const others = await rowsIn("What to mend");
      for (const [index, [line, { column, words }]] of Object.entries(FAULTS).entries()) {
        assert.match(others[index] ?? "", new RegExp(`^\\s*${line}\\s+${column}\\s`));
        assert.match(others[index] ?? "", words);
      }
      assert.deepEqual([duplicates.length, others.length], [3, 7]);

      await page.getByLabel("Send invitations").check();
      await page.getByLabel("File").setInputFiles(fileOf(false));
      await page.getByRole("button", { name: "Import" }).click();
      await page
        .getByRole("status")
        .getByText("Success 1,000 users have been imported. 20 invitations are on the way.")
        .waitFor();
      await page.getByRole("link", { name: "All 1,003" }).waitFor();

      await admin.open("/settings/users/import");
      await page.getByLabel("File").setInputFiles(fileOf(false));
      await page.getByRole("button", { name: "Import" }).click();
      await alert.getByText("1,000 things are wrong with the file; the first 500 are listed.").waitFor();
      assert.match((await rowsIn("Duplicates"))[0] ?? "", /^\s*2\s+Email\s+First2 Last2 has p2@new\.example already/);
      assert.equal(await page.getByRole("table", { name: "What to mend" }).count(), 0);
      await page.getByRole("link", { name: "Cancel" }).click();
      await page.getByRole("link", { name: "All 1,003" }).waitFor();
      await admin.leave();
    });
  });
}

suite("Import, of people with a password", () => {
  test("who brings the hash of another system signs in with the password they have, and is argon2id from then on", async () => {
    const oak = await rekey.createInstance();
    const admin = await Visitor.arrive(oak);
    await admin.signIn(oak.owner);
    await admin.open("/settings/users/import");
    const file = path.join(directory, "with-hash.csv");
    writeFileSync(
      file,
      `Email,User Name,First Name,Last Name,Password Hash\nana@new.example,ana.ruiz,Ana,Ruiz,${HASH.stored}`,
    );
    await admin.page.getByLabel("File").setInputFiles(file);
    await admin.page.getByRole("button", { name: "Import" }).click();
    await admin.page.getByRole("status").getByText("Success 1 user has been imported").waitFor();
    await admin.leave();

    const stored = async () => (await rowsOf(oak, "credentials")).map((row) => String(row["password_hash"]));
    assert((await stored()).includes(HASH.stored));
    const person = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    await person.trySignIn({ username: "ana.ruiz" }, `${HASH.password}.`);
    await person.page.getByText("The user name or password is not right.").waitFor();
    await person.trySignIn({ username: "ana.ruiz" }, HASH.password);
    await person.landOn("/account");
    await person.page.getByText("You are in").waitFor();
    await person.leave();
    assert((await stored()).every((one) => one.startsWith("$argon2id$v=19$m=19456,t=2,p=1$")));
  });
});

/** @returns the path of a file with 1,000 people, the header being line 1. */
function fileOf(hasFaults: boolean): string {
  const rows = Array.from({ length: 1_000 }, (_, at) => {
    const line = at + 2;
    const faulty = hasFaults ? (FAULTS[line] ?? DUPLICATES[line])?.row : undefined;
    const hash = at < INVITED ? "" : HASH.stored;
    return faulty ?? `p${line}@new.example,First${line},Last${line},Member,${hash}`;
  });
  const file = path.join(directory, hasFaults ? "faulty.csv" : "mended.csv");
  writeFileSync(file, ["Email,First Name,Last Name,Role,Password Hash", ...rows].join("\r\n"));
  return file;
}
