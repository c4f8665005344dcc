import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Role } from "#platform/database/tables.ts";
import { formIn } from "../../test/support/form-in.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { times } from "../../test/support/numbers.ts";
import { isResetLink, type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { codeOf, redeem } from "../../test/support/reset-link.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

suite("editing a user", () => {
  test("changes every field, and empties what may be empty", async () => {
    const { oak, maria, owner } = await cast();
    const json = {
      email: "  Maria.New@oak.example ",
      username: "maria.new",
      first_name: " Marie ",
      last_name: "Curie",
      role: "support",
      title: "Counselor",
      department: "Clinical",
      phone: "+1 555 0100",
      mobile: "+1 555 0101",
      locale: "fr",
      time_zone: "Europe/Paris",
    };
    const answer = await edit(oak, owner, maria, json);
    assert.equal(answer.status, 200, answer.text);
    const saved = answer.json() as Record<string, unknown>;
    const expected = { ...json, email: "Maria.New@oak.example", first_name: "Marie" };
    for (const [field, value] of Object.entries(expected)) assert.equal(saved[field], value, field);
    const emptied = await edit(oak, owner, maria, { title: null, phone: null, time_zone: null });
    const { title, phone, time_zone: timeZone, department } = emptied.json() as Record<string, unknown>;
    assert.deepEqual([title, phone, timeZone, department], [null, null, null, "Clinical"]);
    const found = await oak.api("GET", "/users?q=marie+curie", { cookies: owner });
    assert.equal((found.json() as { items: unknown[] }).items.length, 1, "search and sort follow");
  });

  test("says what is wrong beside each field, and changes nothing", async () => {
    const { oak, maria, owner } = await cast();
    const other = await oak.addUser();
    const json = { email: "no address", first_name: " ", username: "a b", time_zone: "Mars/Base", locale: "!!" };
    const answer = await edit(oak, owner, maria, json);
    const { errors } = answer.json() as { errors: { field: string }[] };
    assert.deepEqual(errors.map(({ field }) => field).toSorted(), Object.keys(json).toSorted());
    assert.equal(codeOf(await edit(oak, owner, maria, { email: other.email.toUpperCase() })), "email_taken");
    assert.equal(codeOf(await edit(oak, owner, maria, { username: other.username })), "username_taken");
    assert.equal(
      (await edit(oak, owner, maria, { email: maria.email.toUpperCase() })).status,
      200,
      "one's own is free",
    );
    const onPage = await oak.request(`/settings/users/${maria.id}/edit`, {
      form: { first_name: "M", last_name: "", email: other.email, username: maria.username, role: "member" },
      cookies: owner,
    });
    assert.equal(onPage.status, 422);
    assert.match(onPage.text, /Enter the last name/);
    assert.match(onPage.text, new RegExp(`value="${other.email}"`), "what was typed stays");
  });

  test("that changes nothing answers with the user, and is no edit: nothing is recorded, nobody told", async () => {
    const { oak, maria, owner } = await cast();
    const { first_name: firstName, email } = (await edit(oak, owner, maria, { title: "Nurse" })).json() as {
      first_name: string;
      email: string;
    };
    const before = await Promise.all(["audit_events", "notifications", "emails"].map((table) => rowsOf(oak, table)));
    for (const same of [{}, { title: "Nurse" }, { first_name: ` ${firstName} `, email, role: "member", phone: "" }]) {
      const answer = await edit(oak, owner, maria, same);
      assert.equal(answer.status, 200, answer.text);
      assert.equal((answer.json() as { title: string }).title, "Nurse");
    }
    const after = await Promise.all(["audit_events", "notifications", "emails"].map((table) => rowsOf(oak, table)));
    assert.deepEqual(after, before);
  });

  test("by a form that lay open writes nothing back that was changed meanwhile and that nobody touched in it", async () => {
    const oak = await rekey.createInstance();
    const [maria, cookies] = [await oak.addUser({ role: "support" }), await oak.asOwner()];
    const address = `/settings/users/${maria.id}/edit`;
    const { text } = await oak.request(address, { cookies });
    const form = { ...formIn(text), phone: "+43 1 234" };
    const json = { role: "member", email: `moved-${maria.email}`, title: "Nurse" };
    assert.equal((await oak.api("PATCH", `/users/${maria.id}`, { json, cookies })).status, 200);
    assert.equal((await oak.request(address, { form, cookies })).status, 303);
    const saved = (await oak.api("GET", `/users/${maria.id}`, { cookies })).json();
    assert.partialDeepStrictEqual(saved, { ...json, phone: "+43 1 234" });
  });

  test("A5 tells the old address and the new one, and the links that went to the old one are dead", async () => {
    const { oak, maria, owner } = await cast();
    const token = await oak.mailedToken(maria, owner);
    const moved = `moved-${maria.username}@oak.example`;
    assert.equal((await edit(oak, owner, maria, { email: moved })).status, 200);
    assert.equal(codeOf(await redeem(oak, token)), "link_revoked");
    for (const address of [maria.email, moved]) {
      const { message } = await oak.mailTo(address, (mail) => /address/.test(mail.message.subject ?? ""));
      assert.match(message.text ?? "", new RegExp(`Old address: ${maria.email}\nNew address: ${moved}`));
      assert.match(message.text ?? "", /If this was not you/);
    }
    await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: owner });
    await oak.mailTo(moved, isResetLink);
    const event = (await rowsOf(oak, "audit_events")).find(({ action }) => action === "user.update");
    assert.deepEqual(event?.detail, { changed: ["email"], email_from: maria.email, email_to: moved });
  });

  test("SE2, Z6 a demotion ends every session and the keys that they made, and holds at once", async () => {
    const { oak, owner } = await cast();
    const admin = await oak.addUser({ role: "admin" });
    const cookies = await oak.signIn(admin);
    const made = await oak.api("POST", "/api-keys", { json: { name: "Desk", scopes: ["users.read"] }, cookies });
    const headers = { authorization: `Bearer ${(made.json() as { key: string }).key}` };
    assert.equal((await oak.api("GET", "/users", { headers })).status, 200);
    assert.equal((await edit(oak, owner, admin, { role: "member" })).status, 200);
    assert.equal((await oak.api("GET", "/session", { cookies })).status, 401);
    assert.equal((await oak.api("GET", "/users", { headers })).status, 401);
    assert.equal((await edit(oak, owner, admin, { role: "admin" })).status, 200);
    assert.equal((await oak.api("GET", "/users", { headers })).status, 401, "the key stays dead");
  });
});

suite("A2: who may act on whom", () => {
  const ROLES: readonly Role[] = ["owner", "admin", "support", "member", "no_access"];

  test("A2 nobody acts on a higher role, on themselves, or grants above their own", async () => {
    const oak = await rekey.createInstance();
    for (const role of ["owner", "admin"] as const) {
      const actor = await oak.addUser({ role });
      const cookies = await oak.signIn(actor);
      const [actorRank, rankOf] = [ROLES.indexOf(role), (other: Role): number => ROLES.indexOf(other)];
      for (const other of ROLES) {
        const target = await oak.addUser({ role: other });
        const expected = rankOf(other) < actorRank ? 403 : 200;
        assert.equal((await edit(oak, cookies, target, { title: "T" })).status, expected, `${role} on ${other}`);
        const granted = await edit(oak, cookies, await oak.addUser(), { role: other });
        assert.equal(granted.status, expected, `${role} grants ${other}`);
        const off = await oak.api("POST", `/users/${target.id}/deactivate`, { json: {}, cookies });
        assert.equal(off.status, expected, `${role} deactivates ${other}`);
      }
      const on = (method: string, path: string, json?: object): Promise<Answer> =>
        oak.api(method, `/users/${actor.id}${path}`, { cookies, ...(json && { json }) });
      for (const answer of [
        await on("PATCH", "", { title: "T" }),
        await on("PATCH", "", { role: "member" }),
        await on("POST", "/deactivate", {}),
        await on("POST", "/reset-links", {}),
        await on("POST", "/temporary-password", { mode: "generated", verification: { method: "in_person" } }),
        await on("POST", "/require-new-password", {}),
        await on("DELETE", "/sessions"),
      ])
        assert.equal(answer.status, 403, answer.text);
    }
  });

  test("A2 nor through a key that they made themselves", async () => {
    const { oak, owner, maria } = await cast();
    const admin = await oak.addUser({ role: "admin" });
    const json = { name: "Back door", scopes: ["users.edit", "users.change_role", "recovery.send_link"] };
    const made = await oak.api("POST", "/api-keys", { json, cookies: await oak.signIn(admin) });
    const headers = { authorization: `Bearer ${(made.json() as { key: string }).key}` };
    const patch = (target: TestUser, change: object): Promise<Answer> =>
      oak.api("PATCH", `/users/${target.id}`, { json: change, headers });
    assert.equal((await patch(admin, { title: "T" })).status, 403, "themselves");
    assert.equal((await patch(oak.owner, { title: "T" })).status, 403, "a higher role");
    assert.equal((await patch(maria, { role: "owner" })).status, 403, "a higher role granted");
    assert.equal((await patch(maria, { title: "T" })).status, 200);
    assert.equal((await oak.api("GET", "/users", { headers })).status, 403, "a permission that it was not given");
    assert.equal((await oak.api("POST", "/api-keys", { json, headers })).status, 403, "no key makes another");
    const editor = await oak.api("POST", "/api-keys", {
      json: { name: "Editor", scopes: ["users.edit"] },
      cookies: owner,
    });
    const asEditor = { authorization: `Bearer ${(editor.json() as { key: string }).key}` };
    const create = (role: string): Promise<Answer> => {
      const person = { email: `${role}@made.example`, first_name: "Made", last_name: "By Key", role };
      return oak.api("POST", "/users", { json: person, headers: asEditor });
    };
    for (const role of ["owner", "admin", "support"]) assert.equal((await create(role)).status, 403, role);
    assert.equal((await create("member")).status, 201, "a Member may nothing");
  });

  test("A2 the last Owner stays, however many step down at once", async () => {
    const rounds = times({ quick: 3, full: 50 });
    for (let round = 0; round < rounds; round += 1) {
      const oak = await rekey.createInstance();
      const others = await Promise.all(Array.from({ length: 3 }, () => oak.addUser({ role: "owner" })));
      const owners = [oak.owner, ...others];
      const sessions = await Promise.all(owners.map((owner) => oak.signIn(owner)));
      const attempts = owners.flatMap((target, index) =>
        Array.from({ length: times({ quick: 10, full: 50 }) }, (_, number) => {
          const cookies = sessions[(index + 1 + (number % 3)) % owners.length] ?? sessions[0];
          assert(cookies);
          return number % 2 === 0
            ? edit(oak, cookies, target, { role: "member" })
            : oak.api("POST", `/users/${target.id}/deactivate`, { json: {}, cookies });
        }),
      );
      const answers = await Promise.all(attempts);
      for (const { status, text } of answers) assert([200, 401, 403, 409].includes(status), `${status} ${text}`);
      const left = (await rowsOf(oak, "users")).filter((row) => row.role === "owner" && row.status === "active");
      assert(left.length >= 1, "somebody is left");
    }
  });

  test("A2 the last Owner stays, when two make each other step down", async () => {
    const oak = await rekey.createInstance();
    for (let round = 0; round < times({ quick: 10, full: 100 }); round += 1) {
      const other = await oak.addUser({ role: "owner" });
      const [asOwner, asOther] = [await oak.asOwner(), await oak.signIn(other)];
      const answers = await Promise.all([
        edit(oak, asOther, oak.owner, { role: "member" }),
        edit(oak, asOwner, other, { role: "member" }),
      ]);
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      if (answers[0]?.status === 200) await edit(oak, asOther, oak.owner, { role: "owner" });
      await edit(oak, await oak.asOwner(), other, { role: "member" });
    }
  });
});

suite("the form for a new user", () => {
  test("says how long an invitation works here", async () => {
    const { oak, owner } = await cast();
    for (const [minutes, words] of [
      [4320, "72 hours"],
      [60, "1 hour"],
      [90, "90 minutes"],
    ] as const) {
      const json = { invitation_lifetime_minutes: minutes };
      assert.equal((await oak.api("PATCH", "/settings", { json, cookies: owner })).status, 200);
      const { text } = await oak.request("/settings/users/new", { cookies: owner });
      assert.match(text, new RegExp(`it works for ${words} and can be sent again`));
    }
  });
});

suite("inactive users", () => {
  test("cannot sign in, keep everything, and come back with their password", async () => {
    const { oak, maria, owner } = await cast();
    const cookies = await oak.signIn(maria);
    const off = await oak.api("POST", `/users/${maria.id}/deactivate`, { json: {}, cookies: owner });
    assert.equal((off.json() as { status: string }).status, "inactive");
    assert.equal((await oak.api("GET", "/session", { cookies })).status, 401);
    const attempt = { json: { identifier: maria.username, password: maria.password } };
    assert.equal((await oak.api("POST", "/session", attempt)).status, 401);
    const again = await oak.api("POST", `/users/${maria.id}/deactivate`, { json: {}, cookies: owner });
    assert.equal(codeOf(again), "user_inactive");
    const { actions } = off.json() as { actions: Record<string, { allowed: boolean; reason: string }> };
    assert.deepEqual(actions.send_reset_link, { allowed: false, reason: "Reactivate first." });
    assert.equal(actions.reactivate?.allowed, true);
    assert.equal((await oak.api("POST", `/users/${maria.id}/reactivate`, { json: {}, cookies: owner })).status, 200);
    await oak.signIn(maria);
  });
});

suite("sessions and sign-ins of a user", () => {
  test("are shown to who may see users, and ended by who may end them", async () => {
    const { oak, maria, owner } = await cast();
    const cookies = await oak.signIn(maria);
    await oak.api("POST", "/session", { json: { identifier: maria.username, password: "wrong" } });
    const read = async (what: string): Promise<Record<string, unknown>[]> =>
      (
        (await oak.api("GET", `/users/${maria.id}/${what}`, { cookies: owner })).json() as {
          items: Record<string, unknown>[];
        }
      ).items;
    const [session, ...others] = await read("sessions");
    assert.deepEqual([session?.source_address, others.length], ["127.0.0.1", 0]);
    assert.deepEqual(
      (await read("sign-ins")).map(({ result, reason }) => [result, reason]),
      [
        ["refused", "wrong_password"],
        ["ok", null],
      ],
    );
    assert.equal((await oak.api("DELETE", `/users/${maria.id}/sessions`, { cookies: owner })).status, 204);
    assert.equal((await oak.api("GET", "/session", { cookies })).status, 401);
    assert.deepEqual(await read("sessions"), []);
  });

  test("can be ended one by one by the person", async () => {
    const { oak, maria } = await cast();
    const [here, there, elsewhere] = [await oak.signIn(maria), await oak.signIn(maria), await oak.signIn(maria)];
    const page = await oak.request("/account", { cookies: here });
    const ids = [...page.text.matchAll(/\/account\/sessions\/([\w-]{36})\/end/g)].map(([, id]) => id);
    assert.equal(ids.length, 2, "the current one is not offered");
    assert.equal((await oak.request(`/account/sessions/${ids[0]}/end`, { form: {}, cookies: here })).status, 303);
    const live = await Promise.all([there, elsewhere].map((cookies) => oak.api("GET", "/session", { cookies })));
    assert.deepEqual(
      live.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 401],
    );
    assert.equal((await oak.request("/account/sessions/end-others", { form: {}, cookies: here })).status, 303);
    const left = await Promise.all([here, there, elsewhere].map((cookies) => oak.api("GET", "/session", { cookies })));
    assert.deepEqual(
      left.map(({ status }) => status),
      [200, 401, 401],
    );
    const owner = await oak.asOwner();
    const strange = await oak.request(`/account/sessions/${ids[1]}/end`, { form: {}, cookies: owner });
    assert.equal(strange.status, 404, "nobody ends the session of somebody else here");
  });
});

async function cast(): Promise<{ oak: TestInstance; maria: TestUser; owner: CookieJar }> {
  const oak = await rekey.createInstance();
  return { oak, maria: await oak.addUser({ firstName: "Maria" }), owner: await oak.asOwner() };
}

function edit(oak: TestInstance, cookies: CookieJar, user: TestUser, json: object): Promise<Answer> {
  return oak.api("PATCH", `/users/${user.id}`, { json, cookies });
}
