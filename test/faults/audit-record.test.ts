import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { sql } from "kysely";

import { HOUR_MS } from "#lib/clock.ts";
import { deactivateUser } from "#user-management/deactivate-user.ts";
import { freeze } from "../support/frozen-user.ts";
import type { Answer, CookieJar } from "../support/http.ts";
import { lockOut } from "../support/lock-out.ts";
import { formWithFile } from "../support/multipart.ts";
import { type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import { suppressedAddress } from "../support/suppressed-address.ts";
import { codeOf, idIn, mailLink, redeem, redeemOnPage } from "../support/reset-link.ts";
import { type Row, rowsOf, untilIdle } from "../support/tables.ts";
import { openedTicket } from "../support/ticket.ts";
import { openedReply } from "../support/opened-reply.ts";
import { waitingApproval } from "../support/waiting-approval.ts";

const rekey = await testRekey();

/** The people of one test: who acts and who is acted upon. */
interface Cast {
  readonly oak: TestInstance;
  readonly maria: TestUser;
  readonly owner: TestUser;
  readonly member: TestUser;
  readonly ownerCookies: CookieJar;
  readonly memberCookies: CookieJar;
}

/** What an event must say, beside when, where from and in which request. */
interface Expected {
  readonly action: string;
  readonly result: "ok" | "refused";
  readonly reason?: string;
  readonly actor: TestUser | "stranger";
  readonly target: { readonly type?: string; readonly id: string | null; readonly name: string };
}

/** One act by one request, and the whole of what the record must hold of that request afterwards. */
interface Act {
  readonly sentence: string;
  readonly status: number;
  do(cast: Cast): Promise<Answer>;
  expect(cast: Cast): Expected | readonly Expected[];
}

const ok = (action: string, actor: Expected["actor"], target: TestUser): Expected => ({
  action,
  result: "ok",
  actor,
  target: { id: target.id, name: target.name },
});
const refused = (action: string, reason: string, actor: Expected["actor"], target: Expected["target"]): Expected => ({
  action,
  result: "refused",
  reason,
  actor,
  target,
});
const of = ({ id, name }: TestUser): Expected["target"] => ({ id, name });

const ABSENT = "01890000-0000-7000-8000-000000000000";
const NEWCOMER = { email: "new@oak.example", first_name: "Noa", last_name: "New", role: "member" };

const ACTS: readonly Act[] = [
  {
    sentence: "signing in",
    status: 200,
    do: ({ oak, maria }) => signIn(oak, maria.username, maria.password),
    expect: ({ maria }) => ok("session.create", maria, maria),
  },
  {
    sentence: "signing in on the page",
    status: 303,
    do: ({ oak, maria }) =>
      oak.request("/sign-in", { form: { identifier: maria.username, password: maria.password ?? "" } }),
    expect: ({ maria }) => ok("session.create", maria, maria),
  },
  {
    sentence: "a wrong password",
    status: 401,
    do: ({ oak, maria }) => signIn(oak, maria.username, "wrong"),
    expect: ({ maria }) => refused("session.refuse", "wrong_password", "stranger", of(maria)),
  },
  {
    sentence: "an unknown user name",
    status: 401,
    do: ({ oak }) => signIn(oak, "nobody", "wrong"),
    expect: () => refused("session.refuse", "unknown_user", "stranger", { id: null, name: "nobody" }),
  },
  {
    sentence: "confirming with the password",
    status: 204,
    do: ({ oak, member, memberCookies: cookies }) =>
      oak.api("POST", "/session/step-up", { json: { password: member.password }, cookies }),
    expect: ({ member }) => ok("session.confirm", member, member),
  },
  {
    sentence: "confirming with a wrong one",
    status: 422,
    do: ({ oak, memberCookies: cookies }) => oak.api("POST", "/session/step-up", { json: { password: "x" }, cookies }),
    expect: ({ member }) => refused("session.confirm", "validation_failed", member, of(member)),
  },
  {
    sentence: "signing out",
    status: 204,
    do: ({ oak, memberCookies: cookies }) => oak.api("DELETE", "/session", { cookies }),
    expect: ({ member }) => ok("session.end", member, member),
  },
  {
    sentence: "making a user",
    status: 201,
    do: ({ oak, ownerCookies: cookies }) => oak.api("POST", "/users", { json: NEWCOMER, cookies }),
    expect: ({ owner }) => ({
      action: "user.create",
      result: "ok",
      actor: owner,
      target: { id: "the newcomer", name: "Noa New" },
    }),
  },
  {
    sentence: "making a user with a taken address",
    status: 409,
    do: ({ oak, maria, ownerCookies: cookies }) =>
      oak.api("POST", "/users", { json: { ...NEWCOMER, email: maria.email }, cookies }),
    expect: ({ owner, maria }) => refused("user.create", "email_taken", owner, { id: null, name: maria.email }),
  },
  {
    sentence: "making a user without the permission",
    status: 403,
    do: ({ oak, memberCookies: cookies }) => oak.api("POST", "/users", { json: NEWCOMER, cookies }),
    expect: ({ member }) => refused("user.create", "not_permitted", member, { id: null, name: NEWCOMER.email }),
  },
  {
    sentence: "importing users",
    status: 303,
    do: (cast) => importFile(cast, `Email,First Name,Last Name\n${NEWCOMER.email},Noa,New\n`),
    expect: ({ oak, owner }) => [
      { action: "user.import", result: "ok", actor: owner, target: asInstance(oak) },
      { action: "user.create", result: "ok", actor: owner, target: { id: "the newcomer", name: "Noa New" } },
    ],
  },
  {
    sentence: "importing users of whom one is there already",
    status: 422,
    do: (cast) => importFile(cast, `Email,First Name,Last Name\n${cast.maria.email},Maria,Again\n`),
    expect: ({ oak, owner }) => refused("user.import", "import_refused", owner, asInstance(oak)),
  },
  {
    sentence: "importing users without the permission",
    status: 403,
    do: (cast) => importFile({ ...cast, ownerCookies: cast.memberCookies }, ""),
    expect: ({ oak, member }) => refused("user.import", "not_permitted", member, asInstance(oak)),
  },
  {
    sentence: "sending a link",
    status: 202,
    do: (cast) => sendLink(cast, cast.maria.id, cast.ownerCookies),
    expect: ({ owner, maria }) => ok("recovery.request", owner, maria),
  },
  {
    sentence: "sending a link without the permission",
    status: 403,
    do: (cast) => sendLink(cast, cast.maria.id, cast.memberCookies),
    expect: ({ member, maria }) => refused("recovery.request", "not_permitted", member, of(maria)),
  },
  {
    sentence: "sending a link to oneself as an administrator",
    status: 403,
    do: (cast) => sendLink(cast, cast.owner.id, cast.ownerCookies),
    expect: ({ owner }) => refused("recovery.request", "not_permitted", owner, of(owner)),
  },
  {
    sentence: "sending a link to who is inactive",
    status: 409,
    do: async (cast) => {
      await deactivate(cast.oak, cast.maria);
      return sendLink(cast, cast.maria.id, cast.ownerCookies);
    },
    expect: ({ owner, maria }) => refused("recovery.request", "user_inactive", owner, of(maria)),
  },
  {
    sentence: "sending a link to nobody",
    status: 404,
    do: (cast) => sendLink(cast, ABSENT, cast.ownerCookies),
    expect: ({ owner }) => refused("recovery.request", "not_found", owner, { id: ABSENT, name: "" }),
  },
  {
    sentence: "asking for a link oneself",
    status: 202,
    do: ({ oak, maria }) => oak.api("POST", "/recovery-requests", { json: { identifier: maria.email } }),
    expect: ({ maria }) => ok("recovery.request", "stranger", maria),
  },
  {
    sentence: "asking for a link for an unknown address",
    status: 303,
    do: ({ oak }) => oak.request("/forgot-password", { form: { identifier: "no@oak.example" } }),
    expect: () => refused("recovery.request", "unknown_user", "stranger", { id: null, name: "no@oak.example" }),
  },
  {
    sentence: "asking for a link for who is inactive",
    status: 202,
    do: async ({ oak, maria }) => {
      await deactivate(oak, maria);
      return oak.api("POST", "/recovery-requests", { json: { identifier: maria.email } });
    },
    expect: ({ maria }) => refused("recovery.request", "user_inactive", "stranger", of(maria)),
  },
  {
    sentence: "revoking a link",
    status: 204,
    do: async (cast) => revoke(cast, await idOfLink(cast)),
    expect: ({ owner, maria }) => ({
      action: "recovery.revoke",
      result: "ok",
      actor: owner,
      target: { type: "recovery", id: "the link", name: maria.name },
    }),
  },
  {
    sentence: "revoking a link that was revoked",
    status: 409,
    do: async (cast) => {
      const id = await idOfLink(cast);
      await revoke(cast, id);
      return revoke(cast, id);
    },
    expect: ({ owner, maria }) =>
      refused("recovery.revoke", "recovery_ended", owner, { type: "recovery", id: "the link", name: maria.name }),
  },
  {
    sentence: "correcting an address and sending",
    status: 202,
    do: (cast) => correctAndSend(cast, "maria@right.example"),
    expect: ({ owner, maria }) => ({ ...ok("recovery.correct_and_send", owner, maria), reason: "Misspelt" }),
  },
  {
    sentence: "correcting an address to one that is taken",
    status: 409,
    do: (cast) => correctAndSend(cast, cast.member.email),
    expect: ({ owner, maria }) => refused("recovery.correct_and_send", "Misspelt", owner, of(maria)),
  },
  {
    sentence: "copying a link",
    status: 200,
    do: async (cast) => {
      const { oak, ownerCookies: cookies } = cast;
      await oak.api("PATCH", "/settings", { json: { allows_copied_links: true }, cookies });
      return copyLink(cast);
    },
    expect: ({ owner, maria }) => ({ ...ok("recovery.copy_link", owner, maria), reason: "No mail reaches her" }),
  },
  {
    sentence: "copying a link where links leave by mail alone",
    status: 403,
    do: copyLink,
    expect: ({ owner, maria }) => refused("recovery.copy_link", "No mail reaches her", owner, of(maria)),
  },
  {
    sentence: "setting a password with a link",
    status: 204,
    do: async (cast) => redeem(cast.oak, await link(cast)),
    expect: ({ maria }) => [ok("recovery.complete", "stranger", maria), ok("password.change", "stranger", maria)],
  },
  {
    sentence: "setting a password on the page",
    status: 303,
    do: async (cast) => redeemOnPage(cast.oak, await link(cast)),
    expect: ({ maria }) => [ok("recovery.complete", "stranger", maria), ok("password.change", "stranger", maria)],
  },
  {
    sentence: "a password that is refused",
    status: 422,
    do: async (cast) => redeem(cast.oak, await link(cast), "short"),
    expect: ({ maria }) => refused("recovery.complete", "password_rejected", "stranger", of(maria)),
  },
  {
    sentence: "a link that was used",
    status: 409,
    do: async (cast) => {
      const token = await link(cast);
      await redeem(cast.oak, token);
      return redeem(cast.oak, token);
    },
    expect: ({ maria }) => refused("recovery.complete", "link_used", "stranger", of(maria)),
  },
  {
    sentence: "a link that has expired",
    status: 410,
    do: async (cast) => {
      const token = await link(cast);
      await untilIdle(cast.oak);
      rekey.clock.advance(HOUR_MS);
      return redeem(cast.oak, token);
    },
    expect: ({ maria }) => refused("recovery.complete", "link_expired", "stranger", of(maria)),
  },
  {
    sentence: "a link that no mail ever held",
    status: 404,
    do: async (cast) => redeem(cast.oak, `${(await link(cast)).slice(0, -2)}AA`),
    expect: () => refused("recovery.complete", "link_invalid", "stranger", { type: "recovery", id: null, name: "" }),
  },
  ...temporaryPasswordActs(),
  ...peopleActs(),
  ...instanceActs(),
  ...ticketActs(),
];

function temporaryPasswordActs(): readonly Act[] {
  const give = ({ oak, maria, ownerCookies }: Cast, json: object, cookies = ownerCookies): Promise<Answer> =>
    oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies });
  const verified = { mode: "generated", verification: { method: "call_back", note: "She called" } };
  const change = (cast: Cast, json: object): Promise<Answer> =>
    cast.oak.api("POST", "/session/password", { json, cookies: cast.memberCookies });
  return [
    {
      sentence: "setting a temporary password",
      status: 201,
      do: (cast) => give(cast, verified),
      expect: ({ owner, maria }) => [
        { ...ok("recovery.set_temporary_password", owner, maria), reason: "She called" },
        ok("password.change", owner, maria),
      ],
    },
    {
      sentence: "setting a temporary password without the permission",
      status: 403,
      do: (cast) => give(cast, verified, cast.memberCookies),
      expect: ({ member, maria }) => refused("recovery.set_temporary_password", "not_permitted", member, of(maria)),
    },
    {
      sentence: "requiring a new password",
      status: 202,
      do: ({ oak, maria, ownerCookies: cookies }) =>
        oak.api("POST", `/users/${maria.id}/require-new-password`, { json: { reason: "Update" }, cookies }),
      expect: ({ owner, maria }) => ({ ...ok("recovery.require_new_password", owner, maria), reason: "Update" }),
    },
    {
      sentence: "changing one's own password",
      status: 204,
      do: (cast) => change(cast, { current_password: cast.member.password, new_password: "canary harbor thunder" }),
      expect: ({ member }) => ok("password.change", member, member),
    },
    {
      sentence: "guessing the current password",
      status: 422,
      do: (cast) => change(cast, { current_password: "canary", new_password: "canary harbor thunder" }),
      expect: ({ member }) => refused("password.change", "validation_failed", member, of(member)),
    },
  ];
}

function peopleActs(): readonly Act[] {
  const on = ({ oak, maria, ownerCookies: cookies }: Cast, method: string, path: string, json: object) =>
    oak.api(method, `/users/${maria.id}${path}`, { json, cookies });
  return [
    {
      sentence: "editing a user",
      status: 200,
      do: (cast) => on(cast, "PATCH", "", { title: "Counselor" }),
      expect: ({ owner, maria }) => ok("user.update", owner, maria),
    },
    {
      sentence: "editing a user wrongly",
      status: 422,
      do: (cast) => on(cast, "PATCH", "", { email: "no address" }),
      expect: ({ owner, maria }) => refused("user.update", "validation_failed", owner, of(maria)),
    },
    {
      sentence: "deactivating a user",
      status: 200,
      do: (cast) => on(cast, "POST", "/deactivate", {}),
      expect: ({ owner, maria }) => ok("user.deactivate", owner, maria),
    },
    {
      sentence: "reactivating who is active",
      status: 409,
      do: (cast) => on(cast, "POST", "/reactivate", {}),
      expect: ({ owner, maria }) => refused("user.reactivate", "user_active", owner, of(maria)),
    },
    {
      sentence: "enabling the login of who is locked",
      status: 204,
      do: async (cast) => {
        await lockOut(cast.oak, cast.maria.id);
        return on(cast, "POST", "/enable-login", {});
      },
      expect: ({ owner, maria }) => ok("user.enable_login", owner, maria),
    },
    {
      sentence: "enabling the login of who is not locked",
      status: 409,
      do: (cast) => on(cast, "POST", "/enable-login", {}),
      expect: ({ owner, maria }) => refused("user.enable_login", "not_locked", owner, of(maria)),
    },
    {
      sentence: "thawing who is frozen",
      status: 200,
      do: async (cast) => {
        await freeze(cast.oak, cast.maria.id);
        return on(cast, "POST", "/thaw", { verification: { method: "in_person" } });
      },
      expect: ({ owner, maria }) => ok("user.thaw", owner, maria),
    },
    {
      sentence: "thawing who is not frozen",
      status: 409,
      do: (cast) => on(cast, "POST", "/thaw", { verification: { method: "in_person" } }),
      expect: ({ owner, maria }) => refused("user.thaw", "not_frozen", owner, of(maria)),
    },
    {
      sentence: "asking for a permission",
      status: 202,
      do: ({ oak, memberCookies: cookies }) =>
        oak.api("POST", "/access-requests", { json: { permission: "audit.read" }, cookies }),
      expect: ({ member }) => ok("access.request", member, member),
    },
    {
      sentence: "refusing what waits for approval",
      status: 204,
      do: async ({ oak, maria, ownerCookies: cookies }) =>
        oak.api("POST", `/approvals/${await waitingApproval(oak, maria)}/refuse`, { json: {}, cookies }),
      expect: ({ owner, maria }) => ok("approval.refuse", owner, maria),
    },
    {
      sentence: "approving what waits for it",
      status: 200,
      do: async ({ oak, maria, ownerCookies: cookies }) =>
        oak.api("POST", `/approvals/${await waitingApproval(oak, maria)}/approve`, { json: {}, cookies }),
      expect: ({ owner, maria }) => [
        ok("approval.approve", owner, maria),
        { ...ok("recovery.require_new_password", owner, maria), reason: "Security update" },
      ],
    },
    {
      sentence: "signing somebody out everywhere",
      status: 204,
      do: ({ oak, maria, ownerCookies: cookies }) => oak.api("DELETE", `/users/${maria.id}/sessions`, { cookies }),
      expect: ({ owner, maria }) => ok("session.end", owner, maria),
    },
    {
      sentence: "deactivating the last Owner",
      status: 403,
      do: ({ oak, owner, ownerCookies: cookies }) =>
        oak.api("POST", `/users/${owner.id}/deactivate`, { json: {}, cookies }),
      expect: ({ owner }) => refused("user.deactivate", "not_permitted", owner, of(owner)),
    },
  ];
}

function ticketActs(): readonly Act[] {
  let opened = "";
  const target = (): Expected["target"] => ({ type: "ticket", id: opened, name: "Ticket 1" });
  const open = async ({ oak }: Cast): Promise<string> => (opened = (await openedTicket(oak)).id);
  const json = { subject: "Locked out", requester: { name: "Maria", email: "maria@elsewhere.example" } };
  return [
    {
      sentence: "opening a ticket",
      status: 201,
      do: async ({ oak, ownerCookies: cookies }) => {
        const answer = await oak.api("POST", "/tickets", { json, cookies });
        opened = (answer.json() as { id: string }).id;
        return answer;
      },
      expect: ({ owner }) => ({ action: "ticket.open", result: "ok", actor: owner, target: target() }),
    },
    {
      sentence: "opening a ticket without the permission",
      status: 403,
      do: ({ oak, memberCookies: cookies }) => oak.api("POST", "/tickets", { json, cookies }),
      expect: ({ member }) =>
        refused("ticket.open", "not_permitted", member, { type: "ticket", id: null, name: json.subject }),
    },
    {
      sentence: "asking where an address signs in",
      status: 202,
      do: async ({ oak, member }) => {
        const answer = await oak.api("POST", "/instance-requests", { json: { email: member.email } });
        await untilIdle(oak);
        return answer;
      },
      expect: ({ member }) => ({
        action: "instance.find",
        result: "ok",
        actor: "stranger",
        target: { type: "user", id: null, name: member.email },
      }),
    },
    {
      sentence: "asking for help without signing in",
      status: 202,
      do: async ({ oak }) => {
        const asked = { name: "Maria", email: "maria@elsewhere.example", message: "I cannot sign in" };
        const answer = await oak.api("POST", "/support-requests", { json: asked });
        await untilIdle(oak);
        opened = String((await rowsOf(oak, "tickets"))[0]?.id);
        return answer;
      },
      expect: () => ({ action: "ticket.open", result: "ok", actor: "stranger", target: target() }),
    },
    {
      sentence: "changing a ticket",
      status: 200,
      do: async (cast) => {
        const path = `/tickets/${await open(cast)}`;
        return cast.oak.api("PATCH", path, { json: { status: "closed" }, cookies: cast.ownerCookies });
      },
      expect: ({ owner }) => ({ action: "ticket.update", result: "ok", actor: owner, target: target() }),
    },
    {
      sentence: "replying in a ticket without the permission",
      status: 403,
      do: async (cast) => {
        const path = `/tickets/${await open(cast)}/messages`;
        return cast.oak.api("POST", path, { json: { text: "Mine" }, cookies: cast.memberCookies });
      },
      expect: ({ member }) => refused("ticket.reply", "not_permitted", member, target()),
    },
    {
      sentence: "replying in a ticket",
      status: 201,
      do: async (cast) => {
        const path = `/tickets/${await open(cast)}/messages`;
        return cast.oak.api("POST", path, { json: { text: "Call me" }, cookies: cast.ownerCookies });
      },
      expect: ({ owner }) => ({ action: "ticket.reply", result: "ok", actor: owner, target: target() }),
    },
    {
      sentence: "answering a reply",
      status: 200,
      do: async ({ oak }) => {
        const { ticketId, mailId, cookies } = await openedReply(oak);
        opened = ticketId;
        return oak.request("/ticket-answers", { form: { mail: mailId, answer: "in" }, cookies });
      },
      expect: () => ({ action: "ticket.answer", result: "ok", actor: "stranger", target: target() }),
    },
  ];
}

function instanceActs(): readonly Act[] {
  let released = "";
  const target = ({ oak }: Cast) => ({ type: "instance", id: oak.instance.id, name: oak.instance.name });
  return [
    {
      sentence: "changing the settings",
      status: 200,
      do: ({ oak, ownerCookies: cookies }) =>
        oak.api("PATCH", "/settings", { json: { link_lifetime_minutes: 30 }, cookies }),
      expect: (cast) => ({ action: "settings.update", result: "ok", actor: cast.owner, target: target(cast) }),
    },
    {
      sentence: "changing the settings without the permission",
      status: 403,
      do: ({ oak, memberCookies: cookies }) => oak.api("PATCH", "/settings", { json: { name: "Mine" }, cookies }),
      expect: (cast) => refused("settings.update", "not_permitted", cast.member, target(cast)),
    },
    {
      sentence: "releasing an address that bounced",
      status: 204,
      do: async ({ oak, ownerCookies: cookies }) => {
        released = await suppressedAddress(oak);
        return oak.api("DELETE", `/suppressed-addresses/${released}`, { cookies });
      },
      expect: ({ owner }) => ({
        action: "address.release",
        result: "ok",
        actor: owner,
        target: { type: "address", id: released, name: "gone@oak.example" },
      }),
    },
    {
      sentence: "making a key without the permission",
      status: 403,
      do: ({ oak, memberCookies: cookies }) =>
        oak.api("POST", "/api-keys", { json: { name: "Mine", scopes: ["users.read"] }, cookies }),
      expect: ({ member }) =>
        refused("api_key.create", "not_permitted", member, { type: "api_key", id: null, name: "Mine" }),
    },
  ];
}

suite("L1: the record of acts", () => {
  for (const act of ACTS) {
    test(`holds exactly what ${act.sentence} was: who, to whom, when, where from, with what result`, async () => {
      const cast = await makeCast();
      const before = rekey.clock.now();
      const answer = await act.do(cast);
      assert.equal(answer.status, act.status, answer.text);
      await untilIdle(cast.oak);
      const requestId = answer.headers["x-request-id"];
      const all = await rowsOf(cast.oak, "audit_events");
      const events = all.filter(({ request_id: id }) => id === requestId);
      const expected = [act.expect(cast)].flat();
      const made = await readMade(cast.oak);
      assert.deepEqual(
        events.map((event) => essence(event, made)).toSorted(byAction),
        expected.map(asRow).toSorted(byAction),
      );
      for (const event of events) {
        assert.equal(event.source_address, "127.0.0.1");
        assert.equal(event.instance_id, cast.oak.instance.id);
        const at = new Date(String(event.at));
        assert(at >= before && at <= rekey.clock.now(), `${String(event.at)} is when it was done`);
      }
      await assertShown(cast, events);
    });
  }

  test("keeps an administrator's own reason beside the code of a refusal", async () => {
    const { oak, maria, ownerCookies: cookies } = await makeCast();
    await deactivate(oak, maria);
    await oak.api("POST", `/users/${maria.id}/reset-links`, { json: { reason: "She called" }, cookies });
    const refusal = (await rowsOf(oak, "audit_events")).find(({ result }) => result === "refused");
    assert.deepEqual([refusal?.reason, refusal?.detail], ["She called", { code: "user_inactive" }]);
  });

  test("begins with the instance and its Owner, whom one transaction makes", async () => {
    const { oak, owner } = await makeCast();
    const { rows } = await oak.deps.db.inInstance(oak.instance.id, (tx) =>
      sql<Row>`select *, xmin::text as transaction from audit_events order by id limit 2`.execute(tx),
    );
    const [first, second] = rows;
    assert.deepEqual(
      [first?.action, first?.actor_type, first?.target_id],
      ["instance.create", "operator", oak.instance.id],
    );
    assert.deepEqual([second?.action, second?.actor_type, second?.target_id], ["user.create", "operator", owner.id]);
    assert.equal(first?.transaction, second?.transaction);
  });

  test("never holds a password, however an act went", async () => {
    const cast = await makeCast();
    await signIn(cast.oak, cast.maria.username, "canary wrong password");
    const token = await link(cast);
    await redeem(cast.oak, token, "canary short");
    await redeem(cast.oak, token, "canary harbor thunder kettle");
    const dump = JSON.stringify([await rowsOf(cast.oak, "audit_events"), await rowsOf(cast.oak, "recovery_events")]);
    assert(dump.includes("recovery.complete") && !dump.includes("canary"));
    assert(!rekey.log.join("\n").includes("canary"));
  });
});

async function makeCast(): Promise<Cast> {
  const oak = await rekey.createInstance();
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  const member = await oak.addUser();
  const [ownerCookies, memberCookies] = [await oak.asOwner(), await oak.signIn(member)];
  return { oak, maria, owner: oak.owner, member, ownerCookies, memberCookies };
}

function signIn(oak: TestInstance, identifier: string, password: string | undefined): Promise<Answer> {
  return oak.api("POST", "/session", { json: { identifier, password } });
}

async function importFile({ oak, ownerCookies: cookies }: Cast, text: string): Promise<Answer> {
  return oak.request("/settings/users/import", { ...(await formWithFile({}, text)), cookies });
}

function asInstance({ instance }: TestInstance): Expected["target"] {
  return { type: "instance", id: instance.id, name: instance.name };
}

function sendLink({ oak }: Cast, userId: string, cookies: CookieJar): Promise<Answer> {
  return oak.api("POST", `/users/${userId}/reset-links`, { json: {}, cookies });
}

function revoke({ oak, ownerCookies: cookies }: Cast, id: string): Promise<Answer> {
  return oak.api("DELETE", `/recoveries/${id}`, { cookies });
}

function correctAndSend({ oak, maria, ownerCookies: cookies }: Cast, email: string): Promise<Answer> {
  const target = `/users/${maria.id}/reset-links/correct-and-send`;
  return oak.api("POST", target, { json: { email, reason: "Misspelt" }, cookies });
}

async function copyLink(cast: Cast): Promise<Answer> {
  const json = { reason: "No mail reaches her" };
  return cast.oak.api("POST", `/recoveries/${await idOfLink(cast)}/copy-link`, { json, cookies: cast.ownerCookies });
}

function link({ oak, maria: user, ownerCookies: admin }: Cast): Promise<string> {
  return mailLink(oak, "admin", { user, admin });
}

async function idOfLink(cast: Cast): Promise<string> {
  return idIn(await link(cast));
}

async function deactivate(oak: TestInstance, { id: userId }: TestUser): Promise<void> {
  await deactivateUser(oak.deps, oak.scope, { userId });
}

/** @returns what the ids stand for that an act itself makes: its one link, its one new user. */
async function readMade(oak: TestInstance): Promise<ReadonlyMap<unknown, string>> {
  const [recoveries, users] = [await rowsOf(oak, "recoveries"), await rowsOf(oak, "users")];
  const newcomer = users.find(({ email }) => email === NEWCOMER.email);
  return new Map([
    ...recoveries.map(
      ({ id, user_id: userId }) => [id, userId === newcomer?.id ? "an invitation" : "the link"] as const,
    ),
    [newcomer?.id, "the newcomer"],
  ]);
}

function essence(event: Row, made: ReadonlyMap<unknown, string>): unknown {
  const { action, result, reason, actor_type: actorType, actor_id: actorId, target_type: type } = event;
  const target = { type, id: made.get(event.target_id) ?? event.target_id, name: event.target_name };
  return { action, result, reason, actor: { type: actorType, id: actorId }, target };
}

function asRow({ action, result, reason, actor, target }: Expected): unknown {
  const by = actor === "stranger" ? { type: "stranger", id: null } : { type: "user", id: actor.id };
  return { action, result, reason: reason ?? null, actor: by, target: { type: "user", ...target } };
}

function byAction(one: unknown, other: unknown): number {
  return JSON.stringify(one).localeCompare(JSON.stringify(other));
}

/** An administrator finds the same events in the API. */
async function assertShown(cast: Cast, events: readonly Row[]): Promise<void> {
  const cookies = await cast.oak.signIn(cast.owner);
  const answer = await cast.oak.api("GET", "/audit-events?limit=200", { cookies });
  assert.equal(answer.status, 200, codeOf(answer));
  const { items } = answer.json() as { items: { id: string; request_id: string; source_address: string }[] };
  for (const { id, request_id: requestId } of events) {
    const shown = items.find((item) => item.id === id);
    assert.deepEqual([shown?.request_id, shown?.source_address], [requestId, "127.0.0.1"]);
  }
}
