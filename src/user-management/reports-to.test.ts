import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Answer, CookieJar } from "../../test/support/http.ts";
import { times } from "../../test/support/numbers.ts";
import { wordsOf } from "../../test/support/password-paths.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

suite("whom a user reports to", () => {
  test("is said when the user is made, changed and taken away, and stands in the record", async () => {
    const { oak, owner, maria, tom } = await cast();
    const json = { email: "new@oak.example", first_name: "New", last_name: "Here", role: "member", invite: false };
    const made = await oak.api("POST", "/users", { json: { ...json, reports_to: tom.id }, cookies: owner });
    assert.equal(reportsTo(made), tom.id, made.text);
    const { id } = made.json() as { id: string };
    assert.equal(reportsTo(await oak.api("GET", `/users/${id}`, { cookies: owner })), tom.id);
    assert.equal(reportsTo(await edit(oak, owner, maria, { reports_to: tom.id })), tom.id);
    assert.equal(reportsTo(await edit(oak, owner, maria, { title: "Counselor" })), tom.id, "what is left out stays");
    assert.equal(reportsTo(await edit(oak, owner, maria, { reports_to: null })), null);
    const edits = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "user.update");
    assert.deepEqual(edits.map(({ detail }) => (detail as { changed: string[] }).changed.join()).toSorted(), [
      "reportsTo",
      "reportsTo",
      "title",
    ]);
  });

  test("is a link by their name on profile and panel", async () => {
    const { oak, owner, maria, tom } = await cast();
    await edit(oak, owner, maria, { reports_to: tom.id });
    for (const page of ["", "/panel"]) {
      const { text } = await oak.request(`/settings/users/${maria.id}${page}`, { cookies: owner });
      assert.match(text, new RegExp(`<dt>Reports To</dt><dd><a href="/settings/users/${tom.id}">Tom Wu</a></dd>`));
    }
  });

  test("is nobody of another instance, whose id answers like nobody's", async () => {
    const { oak, owner, maria } = await cast();
    const pine = await rekey.createInstance("Pine House");
    const nobody = "01990000-0000-7000-8000-000000000000";
    const [foreign, absent] = [pine.owner.id, nobody];
    for (const [method, path, more] of [
      ["PATCH", `/users/${maria.id}`, {}],
      ["POST", "/users", { email: "new@oak.example", first_name: "New", last_name: "Here", role: "member" }],
    ] as const) {
      const ask = (id: string): Promise<Answer> =>
        oak.api(method, path, { json: { ...more, reports_to: id }, cookies: owner });
      const [one, other] = [await ask(foreign), await ask(absent)];
      assert.deepEqual(faultOn(one), { field: "reports_to", code: "unknown", detail: "Nobody here has this id." });
      assert.deepEqual(faultOn(one), faultOn(other));
      assert.deepEqual([one.status, other.status], [422, 422]);
    }
    assert.equal((await rowsOf(oak, "users")).find(({ id }) => id === maria.id)?.reports_to, null);
  });

  test("is never oneself, and never somebody further down", async () => {
    const { oak, owner, maria, tom } = await cast();
    const ana = await oak.addUser({ firstName: "Ana", lastName: "Ruiz" });
    assert.equal(faultOn(await edit(oak, owner, maria, { reports_to: maria.id }))?.code, "oneself");
    await edit(oak, owner, tom, { reports_to: maria.id });
    await edit(oak, owner, ana, { reports_to: tom.id });
    for (const below of [tom, ana])
      assert.deepEqual(faultOn(await edit(oak, owner, maria, { reports_to: below.id })), {
        field: "reports_to",
        code: "circle",
        detail: `${below.name} reports to Maria Gonzalez already, directly or through others. Change that first.`,
      });
    assert.equal(reportsTo(await edit(oak, owner, tom, { reports_to: maria.id })), maria.id, "the same again is none");
  });

  test("makes no circle when two are told of each other at once", async () => {
    const { oak, owner, maria, tom } = await cast();
    for (let round = 0; round < times({ quick: 5, full: 50 }); round += 1) {
      const answers = await Promise.all([
        edit(oak, owner, maria, { reports_to: tom.id }),
        edit(oak, owner, tom, { reports_to: maria.id }),
      ]);
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 422],
      );
      for (const user of [maria, tom]) assert.equal((await edit(oak, owner, user, { reports_to: null })).status, 200);
    }
  });

  test("is typed into the form by user name or address, and told what is wrong beside the field", async () => {
    const { oak, owner, maria, tom } = await cast();
    const save = (typed: string): Promise<Answer> =>
      oak.request(`/settings/users/${maria.id}/edit`, { form: formOf(maria, typed), cookies: owner });
    for (const typed of [tom.username.toUpperCase(), ` ${tom.email} `]) {
      assert.equal((await save(typed)).status, 303);
      assert.equal(reportsTo(await oak.api("GET", `/users/${maria.id}`, { cookies: owner })), tom.id);
      assert.equal((await save("")).status, 303);
      assert.equal(reportsTo(await oak.api("GET", `/users/${maria.id}`, { cookies: owner })), null);
    }
    const refused = await save("nobody.here");
    assert.equal(refused.status, 422);
    assert.match(wordsOf(refused.text), /Nobody here goes by “nobody\.here”\. Enter a user name or an address\./);
    assert.match(refused.text, /value="nobody\.here"/, "what was typed stays");
    assert.match(wordsOf((await save(maria.email)).text), /Nobody reports to themselves\./);
    await save(tom.email);
    const page = await oak.request(`/settings/users/${maria.id}/edit`, { cookies: owner });
    assert.match(page.text, new RegExp(`name="reports_to"[^>]*value="${tom.username}"`));
    const form = { ...formOf(tom, maria.username), email: "new@oak.example", username: "", reports_to: tom.username };
    const made = await oak.request("/settings/users", { form, cookies: owner });
    assert.equal(made.status, 303, made.text);
    assert.equal(reportsTo(await oak.api("GET", `/users/${idAt(made)}`, { cookies: owner })), tom.id);
  });
});

async function cast(): Promise<{ oak: TestInstance; maria: TestUser; tom: TestUser; owner: CookieJar }> {
  const oak = await rekey.createInstance();
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  const tom = await oak.addUser({ firstName: "Tom", lastName: "Wu" });
  return { oak, maria, tom, owner: await oak.asOwner() };
}

function edit(oak: TestInstance, cookies: CookieJar, user: TestUser, json: object): Promise<Answer> {
  return oak.api("PATCH", `/users/${user.id}`, { json, cookies });
}

function formOf(user: TestUser, reportsToWhom: string) {
  const { firstName, lastName, email, username } = user;
  return { first_name: firstName, last_name: lastName, email, username, reports_to: reportsToWhom };
}

function reportsTo(answer: Answer): unknown {
  return (answer.json() as { reports_to: unknown }).reports_to;
}

function faultOn(answer: Answer): { field: string; code: string } | undefined {
  assert.equal(codeOf(answer), "validation_failed", answer.text);
  return (answer.json() as { errors: { field: string; code: string }[] }).errors[0];
}

function idAt(answer: Answer): string {
  return String(answer.headers.location).split("/").at(-1) ?? "";
}
