import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { HOUR_MS } from "#lib/clock.ts";
import { csvLine } from "#lib/csv.ts";
import { untilSealed } from "../../test/support/audit-seals.ts";
import { mainOf } from "../../test/support/page-main.ts";
import { wordsOf } from "../../test/support/password-paths.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

/** What a spreadsheet would run, in the places where somebody outside chooses the text (OWASP, "CSV Injection"). */
const FORMULAS = [
  '=HYPERLINK("https://evil.example","Click")',
  "+1+1",
  "-2+3+cmd|' /C calc'!A0",
  "@SUM(1+1)*cmd|' /C calc'!A0",
  " =1+1",
  "\t=1+1",
];

suite("the audit page", () => {
  test("finds what one person did or had done to them, one act, and one time", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const [maria, tom] = [await oak.addUser({ firstName: "Maria" }), await oak.addUser({ firstName: "Tom" })];
    for (const { id } of [maria, tom]) await oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies: owner });
    await oak.api("POST", "/session", { json: { identifier: "mariah", password: "x" } });
    const read = async (query: string): Promise<string> =>
      wordsOf(mainOf((await oak.request(`/settings/audit?${query}`, { cookies: owner })).text));
    const ofMaria = await read("person=maria");
    assert.match(ofMaria, /2 acts shown/);
    assert(!ofMaria.includes(tom.name));
    assert.match(await read("person=mariah"), /Sign-in refused/);
    assert.match(await read("person=somebody%20not%20signed%20in"), /1 act shown/);
    assert.match(await read("person=Operator&action=user.create"), /3 acts shown/);
    assert.match(await read("action=recovery.request"), /2 acts shown/);
    assert.match(await read("person=maria&action=recovery.request"), /1 act shown/);
    assert.match(await read("from=2999-01-01"), /Nothing was recorded like this/);
    const day = rekey.clock.now().toISOString().slice(0, 10);
    assert.match(await read(`from=${day}&to=${day}&action=user.create`), /3 acts shown/);
    await oak.api("PATCH", "/settings", { json: { time_zone: "Pacific/Kiritimati" }, cookies: owner });
    const ahead = new Date(rekey.clock.now().getTime() + 14 * HOUR_MS).toISOString().slice(0, 10);
    assert.match(await read(`from=${ahead}&to=${ahead}&action=settings.update`), /1 act shown/, "the day of the lists");
    assert.match(await read("from=nonsense&to=2026-99-99&action=%00"), /Nothing was recorded|acts shown/);
  });

  test("is read page by page, and by nobody without the permission", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    for (let number = 0; number < 55; number += 1)
      await oak.api("POST", "/session", { json: { identifier: `nobody-${number}`, password: "x" } });
    const first = await oak.request("/settings/audit?action=session.refuse", { cookies: owner });
    assert.match(wordsOf(first.text), /50 acts shown/);
    const next = /href="(\/settings\/audit\?[^"]*cursor=[^"]+)"/.exec(first.text)?.[1]?.replaceAll("&amp;", "&");
    assert.match(wordsOf((await oak.request(next ?? "", { cookies: owner })).text), /5 acts shown/);
    const exactly = await oak.api("GET", "/audit-events?action=session.refuse&limit=55", { cookies: owner });
    const { items, next_cursor: none } = exactly.json() as { items: readonly unknown[]; next_cursor: string | null };
    assert.deepEqual([items.length, none], [55, null], "a full page may be the last one");
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    assert.equal((await oak.request("/settings/audit", { cookies: support })).status, 403);
    const refused = await oak.request("/settings/audit.csv", { form: {}, cookies: support });
    assert.equal(refused.status, 403);
    const event = (await rowsOf(oak, "audit_events")).find(({ action }) => action === "audit.export");
    assert.deepEqual([event?.result, event?.reason], ["refused", "not_permitted"]);
  });

  test("N3 gives a CSV in which no text is a formula, and records that it was taken", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    for (const formula of FORMULAS) {
      const text = formula.trim();
      await oak.api("POST", "/session", { json: { identifier: formula, password: "x" } });
      await oak.api("POST", "/users", {
        json: { email: `p${Math.random()}@oak.example`, first_name: text, last_name: "Last", role: "member" },
        cookies: owner,
      });
    }
    const csv = await oak.request("/settings/audit.csv", { form: {}, cookies: owner });
    assert.equal(csv.status, 200);
    assert.match(String(csv.headers["content-type"]), /^text\/csv/);
    assert.match(String(csv.headers["content-disposition"]), /attachment/);
    const cells = [...csv.text.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell]) => cell ?? "");
    assert(cells.length > 14 * 10);
    assert(
      cells.some((cell) => cell.includes("HYPERLINK")),
      "the formulas are there to be seen",
    );
    for (const cell of cells) assert.doesNotMatch(cell, /^\s*[=+\-@]/, cell);
    const exportsOf = async () =>
      (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "audit.export").length;
    assert.equal(await exportsOf(), 1);
    const chosen = await oak.request("/settings/audit.csv", { form: { action: "user.create" }, cookies: owner });
    assert(chosen.text.includes("User created") && !chosen.text.includes("Sign-in refused"), "filtered as the page is");
    const followed = await oak.request("/settings/audit.csv", { cookies: owner });
    assert.notEqual(followed.status, 200, "a link records nothing and takes nothing away");
    assert.equal(await exportsOf(), 2);
  });

  test("tells in words why something was refused, beside what an administrator said", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const [maria, gone] = [await oak.addUser({ firstName: "Maria" }), await oak.addUser({ role: "no_access" })];
    for (const [identifier, password] of [
      ["nobody", "x"],
      [maria.username, "x"],
      [gone.username, gone.password],
    ])
      await oak.api("POST", "/session", { json: { identifier, password } });
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    await oak.api("PATCH", `/users/${maria.id}`, { json: { title: "T" }, cookies: support });
    await oak.api("PATCH", `/users/${maria.id}`, { json: { email: "nonsense" }, cookies: owner });
    await oak.api("POST", `/users/${gone.id}/reset-links`, { json: { reason: "called_in" }, cookies: owner });
    for (let asked = 0; asked < 2; asked += 1)
      await oak.api("POST", "/recovery-requests", { json: { identifier: asked ? "nobody" : gone.email } });
    await untilIdle(oak);
    const { text } = await oak.request("/settings/audit", { cookies: owner });
    const reasons = [...text.matchAll(/<td[^>]*data-label="Reason">(.*?)<\/td>/gs)].map(([, cell]) =>
      wordsOf(cell ?? "").trim(),
    );
    assert(reasons.includes("Wrong password") && reasons.includes("Nobody goes by this"), reasons.join(" | "));
    assert(reasons.includes("The role is No Access"));
    assert(reasons.includes("You may not do this."));
    assert(reasons.some((reason) => reason.startsWith("called_in – This user's role is No Access")));
    for (const reason of reasons) assert.doesNotMatch(reason.replace("called_in", ""), /[a-z]_[a-z]/);
    const { text: csv } = await oak.request("/settings/audit.csv", { form: {}, cookies: owner });
    assert.match(csv, /"Wrong password","wrong_password"/);
  });

  test("says up to where the record is sealed", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    await untilSealed(rekey, oak);
    const { length } = await rowsOf(oak, "audit_seals");
    const words = wordsOf((await oak.request("/settings/audit", { cookies: owner })).text);
    assert.match(words, new RegExp(`Sealed up to number ${length}, \\d+ \\w+ \\d{4}, .* audit verify`));
  });

  test("N3 quotes what would break a line or a cell", () => {
    assert.equal(csvLine(['a "b"', "c\r\nd", "e,f"]), '"a ""b""","c\r\nd","e,f"\r\n');
    for (const formula of FORMULAS) assert.match(csvLine([formula]), /^"'/, formula);
  });
});
