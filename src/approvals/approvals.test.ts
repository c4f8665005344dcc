import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { DAY_MS } from "#lib/clock.ts";
import { freeze } from "../../test/support/frozen-user.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { mainOf } from "../../test/support/page-main.ts";
import { GOOD_PASSWORD, type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { codeOf, redeem } from "../../test/support/reset-link.ts";
import { suppressedAddress } from "../../test/support/suppressed-address.ts";
import { type Row, rowsOf, untilIdle } from "../../test/support/tables.ts";
import { APPROVAL_END } from "./approval.ts";

const rekey = await testRekey();

const VERIFICATION = { method: "call_back", note: "On the extension in the staff list" };
const NEW_PASSWORD = "copper window garden violin";

/** An instance with three who administer. */
class Company {
  readonly oak: TestInstance;
  readonly ann: TestUser;
  readonly ben: TestUser;
  readonly cookies: { readonly owner: CookieJar; readonly ann: CookieJar; readonly ben: CookieJar };

  private constructor(of: Pick<Company, "oak" | "ann" | "ben" | "cookies">) {
    this.oak = of.oak;
    this.ann = of.ann;
    this.ben = of.ben;
    this.cookies = of.cookies;
  }

  static async open(): Promise<Company> {
    const oak = await rekey.createInstance();
    const [ann, ben] = [await oak.addUser({ role: "admin" }), await oak.addUser({ role: "admin" })];
    const cookies = { owner: await oak.asOwner(), ann: await oak.signIn(ann), ben: await oak.signIn(ben) };
    return new Company({ oak, ann, ben, cookies });
  }

  /** Ann asks. */
  ask(user: TestUser, path: string, json = {}) {
    return this.oak.api("POST", `/users/${user.id}${path}`, { json, cookies: this.cookies.ann });
  }

  decide(id: string, what: "approve" | "refuse", by: CookieJar) {
    return this.oak.api("POST", `/approvals/${id}/${what}`, { json: {}, cookies: by });
  }
}

function approvalIdIn(answer: Answer): string {
  assert.deepEqual([answer.status, codeOf(answer)], [409, "approval_required"], answer.text);
  return (answer.json() as { approval_id: string }).approval_id;
}

suite("A4: taking over somebody who administers", () => {
  test("A4 a temporary password waits for a second administrator, who is told, and is made once", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    const typed = { mode: "typed", password: NEW_PASSWORD, verification: VERIFICATION };
    const id = approvalIdIn(await company.ask(ben, "/temporary-password", typed));
    await oak.signIn(ben);
    const mail = await oak.mailTo(oak.owner.email, ({ message }) => /approval is asked/.test(message.subject ?? ""));
    assert.match(mail.message.text ?? "", /\/settings\/approvals/);
    assert(!JSON.stringify(await rowsOf(oak, "approvals")).includes(NEW_PASSWORD), "a password is kept nowhere");

    for (const by of [cookies.ann, cookies.ben]) {
      const refused = await company.decide(id, "approve", by);
      assert.deepEqual([refused.status, codeOf(refused)], [403, "not_permitted"]);
    }
    const answers = await Promise.all(Array.from({ length: 50 }, () => company.decide(id, "approve", cookies.owner)));
    const done = answers.filter(({ status }) => status === 200);
    assert.equal(done.length, 1, "exactly one effect");
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200, 409]));
    const [approved] = done;
    assert(approved);
    const { password } = approved.json() as { password: string };
    await oak.signIn(ben, password);
    const refused = await oak.api("POST", "/session", { json: { identifier: ben.username, password: NEW_PASSWORD } });
    assert.equal(refused.status, 401, "the one that was typed was never set");
    const changes = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "password.change");
    assert.deepEqual(
      changes.map(({ actor_id: actor }) => actor),
      [oak.owner.id],
    );
  });

  test("A4 Require New Password and another address wait, too; a link to the stored address does not", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    assert.equal((await company.ask(ben, "/reset-links")).status, 202);
    const required = approvalIdIn(await company.ask(ben, "/require-new-password", { reason: "Security update" }));
    const json = { email: "else@oak.example" };
    const changed = await oak.api("PATCH", `/users/${ben.id}`, { json, cookies: cookies.ann });
    const address = approvalIdIn(changed);
    await oak.signIn(ben);
    assert.equal((await company.decide(required, "approve", cookies.owner)).status, 200);
    assert.equal((await company.decide(address, "approve", cookies.owner)).status, 200);
    const users = await rowsOf(oak, "users");
    assert.equal(users.find(({ id }) => id === ben.id)?.email, "else@oak.example");
    assert.equal(
      (await oak.api("POST", "/session", { json: { identifier: ben.username, password: GOOD_PASSWORD } })).status,
      401,
    );
  });

  test("A4 needs nobody for who administers nothing, nor where there is no second administrator", async () => {
    const company = await Company.open();
    const { oak, ann, ben, cookies } = company;
    const given = { mode: "generated", verification: VERIFICATION };
    assert.equal((await company.ask(await oak.addUser(), "/temporary-password", given)).status, 201);
    assert.equal(
      (await oak.api("POST", `/users/${ann.id}/deactivate`, { json: {}, cookies: cookies.owner })).status,
      200,
    );
    rekey.clock.advance(DAY_MS);
    const later = await oak.asOwner();
    const alone = await oak.api("POST", `/users/${ben.id}/temporary-password`, { json: given, cookies: later });
    assert.equal(alone.status, 201, alone.text);
  });

  test("A4 a copied link of somebody who administers is handed to nobody", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    await oak.api("PATCH", "/settings", { json: { allows_copied_links: true }, cookies: cookies.owner });
    const path = `/settings/users/${ben.id}/copy-reset-link`;
    assert.equal((await oak.request(path, { form: {}, cookies: cookies.ann })).status, 403);
    assert.equal((await company.ask(ben, "/reset-links")).status, 202);
    const refused = await copyLiveLink(oak, ben, cookies.ann);
    assert.deepEqual([refused.status, codeOf(refused)], [403, "not_permitted"], refused.text);
    assert.deepEqual(await copying(oak, ben, cookies.ann), { allowed: false, reason: detailOf(refused) });
    assert.deepEqual(await copying(oak, await oak.addUser(), cookies.ann), { allowed: true, reason: null });
  });

  test("waits once however often it is asked for, is taken back or refused, and ends after a day", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    const ask = async () => approvalIdIn(await company.ask(ben, "/require-new-password"));
    const first = await ask();
    assert.equal(await ask(), first);
    await untilIdle(oak);
    const mails = (await rowsOf(oak, "emails")).filter(({ kind }) => kind === "approval_requested");
    assert.equal(mails.length, 1, "nobody is told twice");
    const profile = async () =>
      mainOf((await oak.request(`/settings/users/${ben.id}`, { cookies: cookies.owner })).text);
    assert.match(await profile(), /Require New Password\. Kim [^<]+ asked for it/);
    assert.equal((await company.decide(first, "refuse", cookies.ann)).status, 204, "taken back");
    assert.equal((await company.decide(first, "approve", cookies.owner)).status, 409);
    assert.doesNotMatch(await profile(), /Waits for a second administrator/);
    const second = await ask();
    assert.equal((await company.decide(second, "refuse", cookies.owner)).status, 204);
    const third = await ask();
    const later = await signInAfter(oak, DAY_MS);
    const late = await company.decide(third, "approve", later);
    assert.deepEqual([late.status, codeOf(late)], [409, "approval_decided"]);
    await oak.signIn(ben);
    const clicked = await oak.request(`/settings/approvals/${third}/approve`, { form: {}, cookies: later });
    assert.deepEqual([clicked.status, clicked.headers.location], [303, "/settings/approvals"]);
    const listed = await oak.request("/settings/approvals", { cookies: later });
    assert.match(listed.text, /Nobody decided within a day/);
    assert.match(
      listed.text,
      /This was decided already, or has waited for more than a day/,
      "on the list, not instead of it",
    );
    assert.equal((await untilUndecidedTold(oak)).length, 1, "of what was decided nothing is said");
  });

  test("is decided by a person with the permission and a fresh sign-in, within the instance alone", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    const id = approvalIdIn(await company.ask(ben, "/require-new-password"));
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    assert.equal((await company.decide(id, "approve", support)).status, 403);
    assert.equal((await oak.api("GET", "/approvals", { cookies: support })).status, 403);
    const pine = await rekey.createInstance("Pine House");
    const elsewhere = await pine.api("POST", `/approvals/${id}/approve`, {
      json: {},
      cookies: await pine.asOwner(),
    });
    assert.equal(elsewhere.status, 404);
    rekey.clock.advance(11 * 60_000);
    assert.equal(codeOf(await company.decide(id, "approve", cookies.owner)), "step_up_required");
  });
});

/** @returns the notifications that say so, once there are any and nothing else waits. */
async function untilUndecidedTold(of: TestInstance): Promise<readonly Row[]> {
  for (;;) {
    const told = (await rowsOf(of, "notifications")).filter(({ text }) => /nobody decided within/.test(String(text)));
    const isOver = !(await rowsOf(of, "jobs")).some(({ kind }) => kind === APPROVAL_END);
    if (told.length > 0 && isOver) return told;
    await pause(10);
  }
}

suite("A4: what one administrator could do to be two", () => {
  test("A4 who was made a member within the last day is taken over by nobody alone", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    const setRole = (role: string) => oak.api("PATCH", `/users/${ben.id}`, { json: { role }, cookies: cookies.ann });
    assert.equal((await setRole("member")).status, 200);
    const json = { mode: "generated", verification: VERIFICATION };
    const id = approvalIdIn(await company.ask(ben, "/temporary-password", json));
    assert.equal((await company.decide(id, "approve", cookies.owner)).status, 200);
    const [record] = await rowsOf(oak, "verifications");
    assert.equal(record?.verified_by, company.ann.id, "who asked has called back");
    rekey.clock.advance(DAY_MS);
    const later = await oak.signIn(company.ann);
    const path = `/users/${ben.id}/temporary-password`;
    assert.equal(
      (await oak.api("POST", path, { json, cookies: later })).status,
      201,
      "a day later they administer nothing",
    );
  });

  test("A4 nobody approves for who gave them account or role within the last day", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    const mallory = await oak.addUser();
    const promoted = await oak.api("PATCH", `/users/${mallory.id}`, { json: { role: "admin" }, cookies: cookies.ann });
    assert.equal(promoted.status, 200);
    const asMallory = await oak.signIn(mallory);
    const id = approvalIdIn(await company.ask(ben, "/require-new-password"));
    await untilIdle(oak);
    const asked = (await rowsOf(oak, "emails")).filter(({ kind }) => kind === "approval_requested");
    assert.deepEqual(
      asked.map((mail) => mail.user_id),
      [oak.owner.id],
    );
    const page = mainOf((await oak.request("/settings/approvals", { cookies: asMallory })).text);
    assert.match(page, /gave you your account or role within the last day/);
    assert.equal(codeOf(await company.decide(id, "approve", asMallory)), "not_permitted");
    assert.equal((await company.decide(id, "approve", cookies.owner)).status, 200);
  });

  test("A4 nor does who gave it to them, nor whoever has it from there in two steps, where somebody of another hand is there", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    const promote = async (user: TestUser, by: CookieJar): Promise<CookieJar> => {
      const promoted = await oak.api("PATCH", `/users/${user.id}`, { json: { role: "admin" }, cookies: by });
      assert.equal(promoted.status, 200, promoted.text);
      return oak.signIn(user);
    };
    const asMallory = await promote(await oak.addUser(), cookies.ann);
    const asEve = await promote(await oak.addUser(), asMallory);
    const asked = await oak.api("POST", `/users/${ben.id}/require-new-password`, { json: {}, cookies: asMallory });
    const byMallory = approvalIdIn(asked);
    const byAnn = approvalIdIn(await company.ask(ben, "/require-new-password"));
    for (const [id, by] of [
      [byMallory, cookies.ann],
      [byMallory, asEve],
      [byAnn, asEve],
    ] as const)
      assert.equal(codeOf(await company.decide(id, "approve", by)), "not_permitted");
    assert.equal((await company.decide(byAnn, "approve", cookies.owner)).status, 200);
  });

  for (const [how, aDayLater, sideline] of [
    ["sends the others away", 202, { path: "/deactivate", method: "POST", json: {} }],
    ["gives the others another role", 409, { path: "", method: "PATCH", json: { role: "owner" } }],
  ] as const)
    test(`A4 who ${how} does not act alone at once`, async () => {
      const { oak, ann, ben } = await Company.open();
      const cookies = await oak.asOwner();
      const { status, text } = await oak.api(sideline.method, `/users/${ann.id}${sideline.path}`, {
        ...sideline,
        cookies,
      });
      assert.equal(status, 200, text);
      const takeOver = async () =>
        oak.api("POST", `/users/${ben.id}/require-new-password`, {
          json: { reason: "Mine" },
          cookies: await oak.asOwner(),
        });
      const atOnce = await takeOver();
      assert.equal(codeOf(atOnce), "not_permitted", atOnce.text);
      assert.match(detailOf(atOnce) ?? "", new RegExp(`^${ann.name} could have approved it until`));
      rekey.clock.advance(DAY_MS);
      assert.equal((await takeOver()).status, aDayLater);
    });

  test("A4 what waits stays in sight however much is asked for after it", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    const first = approvalIdIn(await company.ask(ben, "/require-new-password"));
    for (let count = 0; count < 51; count += 1)
      approvalIdIn(
        await oak.api("POST", `/users/${ben.id}/require-new-password`, {
          json: { reason: `${count}` },
          cookies: cookies.owner,
        }),
      );
    const { text } = await oak.api("GET", "/approvals", { cookies: cookies.owner });
    assert(text.includes(first));
  });
});

suite("A4: what waits for approval", () => {
  for (const [what, happens] of Object.entries<(company: Company) => Promise<Answer>>({
    demoted: ({ oak, ann, cookies }) =>
      oak.api("PATCH", `/users/${ann.id}`, { json: { role: "support" }, cookies: cookies.owner }),
    deactivated: ({ oak, ann, cookies }) =>
      oak.api("POST", `/users/${ann.id}/deactivate`, { json: {}, cookies: cookies.owner }),
  }))
    test(`A4 is approved by nobody once who asked was ${what}, and can be refused`, async () => {
      const company = await Company.open();
      const { ben, cookies } = company;
      const id = approvalIdIn(await company.ask(ben, "/require-new-password"));
      assert.equal((await happens(company)).status, 200);
      const refused = await company.decide(id, "approve", cookies.owner);
      assert.deepEqual([refused.status, codeOf(refused)], [403, "not_permitted"]);
      assert.match(detailOf(refused) ?? "", /may not do this any more\. Refuse it\./);
      assert.equal((await company.decide(id, "refuse", cookies.owner)).status, 204);
      await company.oak.signIn(ben);
    });

  test("A4 is an address that could be the person's, while everything else in the form is saved", async () => {
    const { oak, ann, ben, cookies } = await Company.open();
    const save = (email: string) =>
      oak.request(`/settings/users/${ben.id}/edit`, {
        form: {
          first_name: ben.firstName,
          last_name: ben.lastName,
          username: ben.username,
          role: "support",
          title: "Night shift",
          email,
          email_is_right: email,
        },
        cookies: cookies.ann,
      });
    const waiting = async () => (await rowsOf(oak, "approvals")).map(({ input }) => (input as { email: string }).email);
    for (const email of ["ben w@oak", oak.owner.email]) assert.equal((await save(email)).status, 422, email);
    assert.deepEqual(await waiting(), []);
    const saved = await save("ben.new@oak.example");
    assert.deepEqual([saved.status, saved.headers.location], [303, `/settings/users/${ben.id}`]);
    assert.deepEqual(await waiting(), ["ben.new@oak.example"]);
    const after = (await rowsOf(oak, "users")).find(({ id }) => id === ben.id);
    assert.deepEqual([after?.title, after?.role, after?.email], ["Night shift", "support", ben.email]);
    const told = (await rowsOf(oak, "notifications")).filter(({ user_id: id }) => id === ann.id);
    assert(told.some(({ kind, text }) => kind === "info" && /can approve it/.test(String(text))));
  });

  test("A7 is over when everything is ended", async () => {
    const company = await Company.open();
    const { oak, ben, cookies } = company;
    const id = approvalIdIn(await company.ask(ben, "/require-new-password"));
    const json = { reason: "A laptop is gone" };
    assert.equal((await oak.api("POST", "/emergency/end-everything", { json, cookies: cookies.owner })).status, 200);
    assert.equal(codeOf(await company.decide(id, "approve", await oak.asOwner())), "approval_decided");
  });
});

suite("A6: a way in to an address that was just changed", () => {
  let company: Company;
  before(async () => {
    company = await Company.open();
  });

  test("A6 waits for a second administrator or a day, where the old address was theirs beyond doubt", async () => {
    const { oak, cookies } = company;
    const maria = await provenUser();
    await changeAddress(maria, maria.email.toUpperCase()); // The same address, so that it stays beyond doubt.
    await changeAddress(maria, "maria.new@oak.example");
    approvalIdIn(await company.ask(maria, "/reset-links"));
    approvalIdIn(await company.ask(maria, "/temporary-password", { mode: "generated", verification: VERIFICATION }));
    await changeAddress(maria, "maria.newer@oak.example");
    const id = approvalIdIn(await company.ask(maria, "/reset-links"));
    const mailsBefore = await linksQueued(maria);
    const asked = { json: { identifier: maria.username } };
    assert.equal((await oak.api("POST", "/recovery-requests", asked)).status, 202);
    await untilIdle(oak);
    assert.equal(await linksQueued(maria), mailsBefore, "nor by Forgot password?");

    assert.equal((await company.decide(id, "approve", cookies.owner)).status, 200);
    await untilIdle(oak);
    assert.equal(await linksQueued(maria), mailsBefore + 1);
    const later = await signInAfter(oak, DAY_MS);
    const sent = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: later });
    assert.equal(sent.status, 202, "after a day it goes at once");
    company = await Company.open();
  });

  test("A6 is copied by nobody for a day, and the menus say so with the words of the refusal", async () => {
    const { oak, cookies } = company;
    await oak.api("PATCH", "/settings", { json: { allows_copied_links: true }, cookies: cookies.owner });
    const maria = await provenUser();
    assert.deepEqual(await copying(oak, maria, cookies.ann), { allowed: true, reason: null });
    await changeAddress(maria, "maria.copied@oak.example");
    const id = approvalIdIn(await company.ask(maria, "/reset-links"));
    assert.equal((await company.decide(id, "approve", cookies.owner)).status, 200);
    const refused = await copyLiveLink(oak, maria, cookies.ann);
    assert.deepEqual([refused.status, codeOf(refused)], [409, "address_held"], refused.text);
    assert.deepEqual(await copying(oak, maria, cookies.ann), { allowed: false, reason: detailOf(refused) });
    const later = await signInAfter(oak, DAY_MS);
    assert.deepEqual(await copying(oak, maria, later), { allowed: true, reason: null });
    company = await Company.open();
  });

  test("A6 goes at once where the old address never completed a recovery, or its mails came back", async () => {
    const { oak } = company;
    const tom = await oak.addUser();
    await changeAddress(tom, "tom.new@oak.example");
    assert.equal((await company.ask(tom, "/reset-links")).status, 202);
    const maria = await provenUser();
    await suppressedAddress(oak, maria.email);
    assert.equal((await company.ask(maria, "/reset-links/correct-and-send", { email: "m2@oak.example" })).status, 202);
  });

  test("A6 correcting a proven address and sending in one step waits, too, and is done as asked", async () => {
    const { oak, cookies } = company;
    const maria = await provenUser();
    const id = approvalIdIn(
      await company.ask(maria, "/reset-links/correct-and-send", { email: "m3@oak.example", reason: "New provider" }),
    );
    assert.equal((await company.decide(id, "approve", cookies.owner)).status, 200);
    const mail = await oak.mailTo("m3@oak.example", ({ message }) => /reset-password/.test(message.text ?? ""));
    assert.equal((await redeem(oak, tokenIn(mail), "violet harbor thunder kettle")).status, 204);
  });

  test("A6 asked for with another address is another request: nobody approves what they have not read", async () => {
    const { oak, cookies } = company;
    const maria = await provenUser();
    const correct = (email: string) => company.ask(maria, "/reset-links/correct-and-send", { email });
    const read = approvalIdIn(await correct("m4@oak.example"));
    assert.equal(approvalIdIn(await correct("m4@oak.example")), read);
    const changed = approvalIdIn(await correct("elsewhere@evil.example"));
    assert.equal(codeOf(await company.decide(read, "approve", cookies.owner)), "approval_decided");
    const { items } = (await oak.api("GET", "/approvals", { cookies: cookies.owner })).json() as {
      items: { id: string; state: string; email: string | null }[];
    };
    const shown = (id: string) => items.filter((item) => item.id === id).map(({ state, email }) => [state, email]);
    assert.deepEqual(shown(read), [["replaced", "m4@oak.example"]]);
    assert.deepEqual(shown(changed), [["waiting", "elsewhere@evil.example"]]);
    const about = async () => (await rowsOf(oak, "emails")).filter(({ kind }) => kind === "approval_requested").length;
    const already = await about();
    approvalIdIn(await correct("m5@oak.example"));
    assert((await about()) > already, "and the approvers are told of it");
  });

  test("A6 a link that was agreed to goes nowhere else than where it was to go", async () => {
    const { oak, cookies } = company;
    const maria = await provenUser();
    await changeAddress(maria, "m7@oak.example");
    const id = approvalIdIn(await company.ask(maria, "/reset-links"));
    await changeAddress(maria, "elsewhere7@evil.example");
    const stale = await company.decide(id, "approve", cookies.owner);
    assert.deepEqual([stale.status, codeOf(stale)], [403, "not_permitted"], stale.text);
    assert.match(detailOf(stale) ?? "", /The address was changed since/);
    const page = mainOf((await oak.request("/settings/approvals", { cookies: cookies.owner })).text);
    assert.match(page, /The address was changed since\. Refuse it/);
    assert.equal((await company.decide(id, "refuse", cookies.owner)).status, 204);
  });

  test("A6 who asked is told when what was approved could not be done", async () => {
    const { oak, ann, cookies } = company;
    const maria = await provenUser();
    const id = approvalIdIn(await company.ask(maria, "/reset-links/correct-and-send", { email: "m6@oak.example" }));
    await oak.addUser({ email: "m6@oak.example" });
    assert.equal(codeOf(await company.decide(id, "approve", cookies.owner)), "email_taken");
    const told = (await rowsOf(oak, "notifications")).filter(({ user_id: userId }) => userId === ann.id);
    assert.match(String(told.find(({ kind }) => kind === "error")?.text), /could not be done, though .* approved it: /);
  });

  test("A6 says until when, where nobody else could approve, nor who could is able to sign in", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    await freeze(oak, (await oak.addUser({ role: "admin" })).id);
    const maria = await oak.addUser();
    assert.equal((await redeem(oak, await oak.mailedToken(maria, owner), NEW_PASSWORD)).status, 204);
    const json = { email: "maria.alone@oak.example" };
    assert.equal((await oak.api("PATCH", `/users/${maria.id}`, { json, cookies: owner })).status, 200);
    const refused = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: owner });
    assert.deepEqual([refused.status, codeOf(refused)], [409, "address_held"]);
    assert.match((refused.json() as { detail: string }).detail, /Until \d+ \w+ \d{4}, \d\d:\d\d UTC/);
  });

  async function provenUser(): Promise<TestUser> {
    const { oak, cookies } = company;
    const user = await oak.addUser();
    assert.equal((await redeem(oak, await oak.mailedToken(user, cookies.owner), NEW_PASSWORD)).status, 204);
    rekey.clock.advance(61_000);
    return user;
  }

  async function changeAddress({ id }: TestUser, email: string): Promise<void> {
    const { oak, cookies } = company;
    const answer = await oak.api("PATCH", `/users/${id}`, { json: { email }, cookies: cookies.ann });
    assert.equal(answer.status, 200, answer.text);
  }

  async function linksQueued({ id }: TestUser): Promise<number> {
    const emails = await rowsOf(company.oak, "emails");
    return emails.filter(({ kind, user_id: userId }) => kind === "reset_link" && userId === id).length;
  }
});

/** @returns what the server says to who copies the link that the user was mailed last. */
async function copyLiveLink(oak: TestInstance, { id }: TestUser, cookies: CookieJar): Promise<Answer> {
  const listed = await oak.api("GET", `/recoveries?user_id=${id}`, { cookies });
  const [live] = (listed.json() as { items: readonly { id: string }[] }).items;
  return oak.api("POST", `/recoveries/${live?.id}/copy-link`, { json: {}, cookies });
}

/** @returns what the API says of copying the user's link. */
async function copying(oak: TestInstance, { id }: TestUser, cookies: CookieJar): Promise<unknown> {
  const answer = await oak.api("GET", `/users/${id}`, { cookies });
  return (answer.json() as { actions: { copy_reset_link: unknown } }).actions.copy_reset_link;
}

function detailOf(answer: Answer): string {
  return (answer.json() as { detail: string }).detail;
}

/** Time passes, and sessions with it. @returns the Owner's next one. */
async function signInAfter(oak: TestInstance, ms: number): Promise<CookieJar> {
  rekey.clock.advance(ms);
  return oak.asOwner();
}
