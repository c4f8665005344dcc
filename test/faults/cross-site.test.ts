import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { updateSettings } from "#settings/update-settings.ts";
import { deactivateUser } from "#user-management/deactivate-user.ts";
import { frozenUser } from "../support/frozen-user.ts";
import { type Answer, type CookieJar, request, type RequestOptions } from "../support/http.ts";
import { lockedUser } from "../support/lock-out.ts";
import { times } from "../support/numbers.ts";
import { formWithFile } from "../support/multipart.ts";
import { untilQuiet } from "../support/quiet.ts";
import { openedReply } from "../support/opened-reply.ts";
import { GOOD_PASSWORD, type TestInstance, testRekey } from "../support/rekey.ts";
import { suppressedAddress } from "../support/suppressed-address.ts";
import { openedTicket } from "../support/ticket.ts";
import { unsafeRoutesOf } from "../support/routes.ts";
import { dumpOf, rowsOf } from "../support/tables.ts";
import { waitingApproval } from "../support/waiting-approval.ts";

const rekey = await testRekey();

/** A request as our own page or a client of ours would send it, and what it is answered. */
interface Genuine {
  readonly target: string;
  readonly options: Pick<RequestOptions, "json" | "form" | "body" | "headers">;
  readonly status: number;
  /** Who sends it; the Owner, if left out. */
  readonly cookies?: CookieJar;
}

interface Forgery {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a page elsewhere could make the victim's browser send, or an older browser without Fetch Metadata. */
function forgeriesOn(origin: string): readonly Forgery[] {
  const other = new URL(origin);
  other.port = "1";
  return [
    { name: "Sec-Fetch-Site: cross-site", headers: { "sec-fetch-site": "cross-site", origin: "https://evil.example" } },
    { name: "Sec-Fetch-Site: same-site", headers: { "sec-fetch-site": "same-site", origin: other.origin } },
    { name: "Sec-Fetch-Site: none", headers: { "sec-fetch-site": "none" } },
    { name: "cross-site with our own Origin", headers: { "sec-fetch-site": "cross-site", origin } },
    { name: "an empty Sec-Fetch-Site", headers: { "sec-fetch-site": "", origin } },
    { name: "two values of Sec-Fetch-Site", headers: { "sec-fetch-site": "same-origin, cross-site", origin } },
    { name: "a foreign Origin", headers: { origin: "https://evil.example" } },
    { name: "Origin: null", headers: { origin: "null" } },
    { name: "our host on another port", headers: { origin: other.origin } },
    { name: "our origin as the beginning of another", headers: { origin: `${origin}.evil.example` } },
    { name: "our host by another scheme", headers: { origin: origin.replace("http:", "https:") } },
    { name: "neither header, with the session", headers: {} },
    { name: "only a Referer of ours", headers: { referer: `${origin}/settings/users` } },
  ];
}

/** @returns all of them with full numbers, else every fourth, so that four routes see all together. */
function someOf(forgeries: readonly Forgery[], route: number): readonly Forgery[] {
  const step = times({ quick: 4, full: 1 });
  return forgeries.filter((_, index) => index % step === route % step);
}

/** Content types that a form of another site can send without asking first (Fetch, "CORS-safelisted request-header"). */
const FORM_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""];

/** Each unsafe route with a genuine request to it, prepared in an instance of its own. Whoever adds a route adds it here. */
const GENUINE: Readonly<Record<string, (oak: TestInstance, admin: CookieJar) => Promise<Genuine>>> = {
  "POST /sign-in": async (oak) => ({
    target: "/sign-in",
    options: { form: { identifier: oak.owner.email, password: GOOD_PASSWORD } },
    status: 303,
  }),
  "POST /sign-out": async () => ({ target: "/sign-out", options: { form: {} }, status: 303 }),
  "POST /session/renew": async () => ({ target: "/session/renew", options: { form: {} }, status: 303 }),
  "POST /settings/users/:id/reset-links": async (oak) => ({
    target: `/settings/users/${(await oak.addUser()).id}/reset-links`,
    options: { form: {} },
    status: 303,
  }),
  "POST /settings/users/import": async () => ({
    target: "/settings/users/import",
    options: await formWithFile({}, "Email,First Name,Last Name\nnew@import.example,Noa,New\n"),
    status: 303,
  }),
  "POST /forgot-password": async (oak) => ({
    target: "/forgot-password",
    options: { form: { identifier: oak.owner.email } },
    status: 303,
  }),
  "POST /reset-password": async (oak, admin) => ({
    target: "/reset-password",
    options: {
      form: { recovery: await openedLink(oak, admin), new_password: NEW_PASSWORD, confirm_password: NEW_PASSWORD },
    },
    status: 303,
  }),
  "POST /reset-password/password/advice": async (oak, admin) => ({
    target: "/reset-password/password/advice",
    options: { form: { recovery: await openedLink(oak, admin), new_password: NEW_PASSWORD } },
    status: 200,
  }),
  "POST /account/password/advice": async () => ({
    target: "/account/password/advice",
    options: { form: { new_password: NEW_PASSWORD } },
    status: 200,
  }),
  "POST /settings/users/:id/change-password/advice": async (oak) => ({
    target: `/settings/users/${(await oak.addUser()).id}/change-password/advice`,
    options: { form: { new_password: NEW_PASSWORD } },
    status: 200,
  }),
  "POST /reset-password/renew": async (oak, admin) => ({
    target: "/reset-password/renew",
    options: { form: { recovery: await openedLink(oak, admin) } },
    status: 202,
  }),
  "POST /api/v1/session": async (oak) => ({
    target: "/api/v1/session",
    options: { json: { identifier: oak.owner.email, password: GOOD_PASSWORD } },
    status: 200,
  }),
  "DELETE /api/v1/session": async () => ({ target: "/api/v1/session", options: {}, status: 204 }),
  "POST /api/v1/users": async () => ({
    target: "/api/v1/users",
    options: { json: { email: "new@oak.example", first_name: "New", last_name: "Person", role: "member" } },
    status: 201,
  }),
  "POST /api/v1/users/:id/reset-links": async (oak) => ({
    target: `/api/v1/users/${(await oak.addUser()).id}/reset-links`,
    options: { json: {} },
    status: 202,
  }),
  "POST /settings/users/:id/correct-and-send": async (oak) => ({
    target: `/settings/users/${(await oak.addUser()).id}/correct-and-send`,
    options: { form: { email: "corrected@oak.example" } },
    status: 303,
  }),
  "POST /api/v1/users/:id/reset-links/correct-and-send": async (oak) => ({
    target: `/api/v1/users/${(await oak.addUser()).id}/reset-links/correct-and-send`,
    options: { json: { email: "corrected@oak.example" } },
    status: 202,
  }),
  "POST /account/password": async () => ({
    target: "/account/password",
    options: {
      form: { current_password: GOOD_PASSWORD, new_password: NEW_PASSWORD, confirm_password: NEW_PASSWORD },
    },
    status: 303,
  }),
  "POST /settings/users/:id/change-password": async (oak) => ({
    target: `/settings/users/${(await oak.addUser()).id}/change-password`,
    options: { form: { mode: "generated", verification_method: "in_person" } },
    status: 200,
  }),
  "POST /settings/users/:id/require-new-password": async (oak) => ({
    target: `/settings/users/${(await oak.addUser()).id}/require-new-password`,
    options: { form: {} },
    status: 303,
  }),
  "POST /api/v1/session/password": async () => ({
    target: "/api/v1/session/password",
    options: { json: { current_password: GOOD_PASSWORD, new_password: NEW_PASSWORD } },
    status: 204,
  }),
  "POST /api/v1/users/:id/temporary-password": async (oak) => ({
    target: `/api/v1/users/${(await oak.addUser()).id}/temporary-password`,
    options: { json: { mode: "generated", verification: { method: "in_person" } } },
    status: 201,
  }),
  "POST /api/v1/users/:id/require-new-password": async (oak) => ({
    target: `/api/v1/users/${(await oak.addUser()).id}/require-new-password`,
    options: { json: {} },
    status: 202,
  }),
  "POST /settings/users/:id/send-reset-link": async (oak) => ({
    target: `/settings/users/${(await oak.addUser()).id}/send-reset-link`,
    options: { form: { verification_method: "call_back" } },
    status: 303,
  }),
  "POST /settings/instance": async () => ({
    target: "/settings/instance",
    options: { form: { name: "Another Name", accent_hue: "155", time_zone: "Europe/Berlin", language: "es" } },
    status: 303,
  }),
  "POST /settings/instance/test-mail": async () => ({
    target: "/settings/instance/test-mail",
    options: { form: {} },
    status: 303,
  }),
  "POST /settings/security": async () => ({
    target: "/settings/security",
    options: {
      form: {
        link_lifetime_minutes: "30",
        lockout_failures: "10",
        lockout_minutes: "60",
        invitation_lifetime_minutes: "600",
        session_idle_minutes: "20",
        session_absolute_minutes: "300",
      },
    },
    status: 303,
  }),
  "PATCH /api/v1/settings": async () => ({
    target: "/api/v1/settings",
    options: { json: { link_lifetime_minutes: 30 } },
    status: 200,
  }),
  "POST /not-me/:token": async (oak, admin) => {
    const maria = await oak.addUser();
    const json = { mode: "generated", verification: { method: "in_person" } };
    await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: admin });
    const { message } = await oak.mailTo(maria.email);
    return { target: /\/not-me\/[\w-]+/.exec(message.text ?? "")?.[0] ?? "", options: { form: {} }, status: 200 };
  },
  "POST /account": async () => ({
    target: "/account",
    options: { form: { time_zone: "Europe/Berlin", locale: "de" } },
    status: 303,
  }),
  "POST /account/sessions/end-others": async () => ({
    target: "/account/sessions/end-others",
    options: { form: {} },
    status: 303,
  }),
  "POST /account/sessions/:id/end": async (oak) => {
    await oak.asOwner();
    const sessions = await rowsOf(oak, "sessions");
    return { target: `/account/sessions/${String(sessions.at(-1)?.id)}/end`, options: { form: {} }, status: 303 };
  },
  "POST /settings/audit.csv": async () => ({ target: "/settings/audit.csv", options: { form: {} }, status: 200 }),
  "POST /settings/api-keys": async () => ({
    target: "/settings/api-keys",
    options: { form: { name: "Help desk", scopes: "users.read" } },
    status: 200,
  }),
  "POST /settings/api-keys/:id/revoke": async (oak, admin) => ({
    target: `/settings/api-keys/${await apiKeyId(oak, admin)}/revoke`,
    options: { form: {} },
    status: 303,
  }),
  "POST /settings/mail/test": async () => ({ target: "/settings/mail/test", options: { form: {} }, status: 303 }),
  "POST /settings/mail/suppressed-addresses/:id/release": async (oak) => ({
    target: `/settings/mail/suppressed-addresses/${await suppressedAddress(oak)}/release`,
    options: { form: {} },
    status: 303,
  }),
  "DELETE /api/v1/suppressed-addresses/:id": async (oak) => ({
    target: `/api/v1/suppressed-addresses/${await suppressedAddress(oak)}`,
    options: {},
    status: 204,
  }),
  "POST /api/v1/session/step-up": async (oak) => ({
    target: "/api/v1/session/step-up",
    options: { json: { password: oak.owner.password } },
    status: 204,
  }),
  "POST /api/v1/api-keys": async () => ({
    target: "/api/v1/api-keys",
    options: { json: { name: "Help desk", scopes: ["users.read"] } },
    status: 201,
  }),
  "DELETE /api/v1/api-keys/:id": async (oak, admin) => ({
    target: `/api/v1/api-keys/${await apiKeyId(oak, admin)}`,
    options: {},
    status: 204,
  }),
  "POST /settings/users": async () => ({
    target: "/settings/users",
    options: { form: { email: "new@oak.example", first_name: "New", last_name: "Person", role: "member" } },
    status: 303,
  }),
  "POST /settings/users/:id/edit": async (oak) => {
    const { id, email, username } = await oak.addUser();
    const form = { email, username, first_name: "New", last_name: "Name", role: "member" };
    return { target: `/settings/users/${id}/edit`, options: { form }, status: 303 };
  },
  "POST /settings/users/:id/deactivate": async (oak) => ({
    target: `/settings/users/${(await oak.addUser()).id}/deactivate`,
    options: { form: {} },
    status: 303,
  }),
  "POST /settings/users/:id/reactivate": async (oak) => ({
    target: `/settings/users/${await inactiveUser(oak)}/reactivate`,
    options: { form: {} },
    status: 303,
  }),
  "POST /settings/users/:id/enable-login": async (oak) => ({
    target: `/settings/users/${await lockedUser(oak)}/enable-login`,
    options: { form: {} },
    status: 303,
  }),
  "POST /access-requests/new": async (oak) => ({
    target: "/access-requests/new",
    options: { form: { permission: "audit.read", note: "" } },
    cookies: await supportIn(oak),
    status: 303,
  }),
  "POST /api/v1/tickets": async () => ({
    target: "/api/v1/tickets",
    options: { json: { subject: "Locked out", requester: { name: "Maria", email: "maria@elsewhere.example" } } },
    status: 201,
  }),
  "PATCH /api/v1/tickets/:id": async (oak) => ({
    target: `/api/v1/tickets/${(await openedTicket(oak)).id}`,
    options: { json: { status: "closed" } },
    status: 200,
  }),
  "POST /api/v1/tickets/:id/messages": async (oak) => ({
    target: `/api/v1/tickets/${(await openedTicket(oak)).id}/messages`,
    options: { json: { text: "Look into your mailbox" } },
    status: 201,
  }),
  "POST /api/v1/support-requests": async () => ({
    target: "/api/v1/support-requests",
    options: { json: { name: "Maria", email: "maria@elsewhere.example", message: "I cannot sign in" } },
    status: 202,
  }),
  "POST /api/v1/instance-requests": async () => ({
    target: "/api/v1/instance-requests",
    options: { json: { email: "maria@elsewhere.example" } },
    status: 202,
  }),
  "POST /find-instance": async () => ({
    target: "/find-instance",
    options: { form: { email: "maria@elsewhere.example" } },
    status: 303,
  }),
  "POST /contact": async () => ({
    target: "/contact",
    options: { form: { name: "Maria", email: "maria@elsewhere.example", message: "I cannot sign in" } },
    status: 303,
  }),
  "POST /tickets": async () => ({
    target: "/tickets",
    options: { form: { name: "Maria", email: "maria@elsewhere.example", subject: "Locked out" } },
    status: 303,
  }),
  "POST /tickets/:number": async (oak) => ({
    target: `/tickets/${(await openedTicket(oak)).number}`,
    options: { form: { status: "closed", status_before: "open" } },
    status: 303,
  }),
  "POST /tickets/:number/account": async (oak) => ({
    target: `/tickets/${(await openedTicket(oak)).number}/account`,
    options: { form: { account: oak.owner.username } },
    status: 303,
  }),
  "POST /tickets/:number/messages": async (oak) => ({
    target: `/tickets/${(await openedTicket(oak)).number}/messages`,
    options: { form: { text: "Look into your mailbox" } },
    status: 303,
  }),
  "POST /ticket-answers": async (oak) => {
    const { mailId, token } = await openedReply(oak);
    const cookies = await oak.asOwner(); // With a session beside it, so that every forgery has something to lean on.
    cookies.set(`rekey_link_${mailId.replaceAll("-", "")}`, token);
    return { target: "/ticket-answers", options: { form: { mail: mailId, answer: "in" } }, cookies, status: 200 };
  },
  "POST /settings/end-everything": async () => ({
    target: "/settings/end-everything",
    options: { form: { reason: "A drill" } },
    status: 303,
  }),
  "POST /settings/approvals/:id/approve": async (oak) => ({
    target: `/settings/approvals/${await waitingApproval(oak)}/approve`,
    options: { form: {} },
    status: 303,
  }),
  "POST /settings/approvals/:id/refuse": async (oak) => ({
    target: `/settings/approvals/${await waitingApproval(oak)}/refuse`,
    options: { form: {} },
    status: 303,
  }),
  "POST /settings/users/:id/thaw": async (oak) => ({
    target: `/settings/users/${await frozenUser(oak)}/thaw`,
    options: { form: { verification_method: "in_person", verification_note: "" } },
    status: 303,
  }),
  "POST /settings/users/:id/sign-out-everywhere": async (oak) => ({
    target: `/settings/users/${(await oak.addUser()).id}/sign-out-everywhere`,
    options: { form: {} },
    status: 303,
  }),
  "POST /settings/users/:id/recoveries/:recovery/revoke": async (oak, admin) => {
    const { id } = await oak.addUser();
    const sent = await oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies: admin });
    const recovery = sent.json() as { id: string };
    return { target: `/settings/users/${id}/recoveries/${recovery.id}/revoke`, options: { form: {} }, status: 303 };
  },
  "PATCH /api/v1/users/:id": async (oak) => ({
    target: `/api/v1/users/${(await oak.addUser()).id}`,
    options: { json: { title: "Counselor" } },
    status: 200,
  }),
  "POST /api/v1/users/:id/deactivate": async (oak) => ({
    target: `/api/v1/users/${(await oak.addUser()).id}/deactivate`,
    options: { json: {} },
    status: 200,
  }),
  "POST /api/v1/users/:id/reactivate": async (oak) => ({
    target: `/api/v1/users/${await inactiveUser(oak)}/reactivate`,
    options: { json: {} },
    status: 200,
  }),
  "POST /api/v1/users/:id/enable-login": async (oak) => ({
    target: `/api/v1/users/${await lockedUser(oak)}/enable-login`,
    options: { json: {} },
    status: 204,
  }),
  "POST /api/v1/access-requests": async (oak) => ({
    target: "/api/v1/access-requests",
    options: { json: { permission: "audit.read" } },
    cookies: await supportIn(oak),
    status: 202,
  }),
  "POST /api/v1/emergency/end-everything": async () => ({
    target: "/api/v1/emergency/end-everything",
    options: { json: { reason: "A drill" } },
    status: 200,
  }),
  "POST /api/v1/approvals/:id/approve": async (oak) => ({
    target: `/api/v1/approvals/${await waitingApproval(oak)}/approve`,
    options: { json: {} },
    status: 200,
  }),
  "POST /api/v1/approvals/:id/refuse": async (oak) => ({
    target: `/api/v1/approvals/${await waitingApproval(oak)}/refuse`,
    options: { json: {} },
    status: 204,
  }),
  "POST /api/v1/users/:id/thaw": async (oak) => ({
    target: `/api/v1/users/${await frozenUser(oak)}/thaw`,
    options: { json: { verification: { method: "in_person" } } },
    status: 200,
  }),
  "DELETE /api/v1/users/:id/sessions": async (oak) => ({
    target: `/api/v1/users/${(await oak.addUser()).id}/sessions`,
    options: {},
    status: 204,
  }),
  "DELETE /api/v1/recoveries/:id": async (oak, admin) => {
    const { id } = await oak.addUser();
    const sent = await oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies: admin });
    const recovery = sent.json() as { id: string };
    return { target: `/api/v1/recoveries/${recovery.id}`, options: {}, status: 204 };
  },
  "POST /settings/users/:id/copy-reset-link": async (oak) => {
    await updateSettings(oak.deps, oak.scope, { allows_copied_links: true });
    return {
      target: `/settings/users/${(await oak.addUser()).id}/copy-reset-link`,
      options: { form: {} },
      status: 200,
    };
  },
  "POST /api/v1/recoveries/:id/copy-link": async (oak, admin) => {
    await updateSettings(oak.deps, oak.scope, { allows_copied_links: true });
    const { id } = await oak.addUser();
    const sent = await oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies: admin });
    const recovery = sent.json() as { id: string };
    return { target: `/api/v1/recoveries/${recovery.id}/copy-link`, options: { json: {} }, status: 200 };
  },
  "POST /api/v1/recovery-requests": async (oak) => ({
    target: "/api/v1/recovery-requests",
    options: { json: { identifier: oak.owner.email } },
    status: 202,
  }),
  "POST /api/v1/recovery-redemptions": async (oak, admin) => ({
    target: "/api/v1/recovery-redemptions",
    options: { json: { token: await oak.mailedToken(await oak.addUser(), admin), password: NEW_PASSWORD } },
    status: 204,
  }),
  "POST /api/v1/recovery-redemptions/renew": async (oak, admin) => ({
    target: "/api/v1/recovery-redemptions/renew",
    options: { json: { token: await oak.mailedToken(await oak.addUser(), admin) } },
    status: 202,
  }),
};

async function apiKeyId(oak: TestInstance, cookies: CookieJar): Promise<string> {
  const made = await oak.api("POST", "/api-keys", { json: { name: "Help desk", scopes: ["users.read"] }, cookies });
  return (made.json() as { id: string }).id;
}

/** @returns the session of somebody who lacks something to ask for. */
async function supportIn(oak: TestInstance): Promise<CookieJar> {
  return oak.signIn(await oak.addUser({ role: "support" }));
}

async function inactiveUser(oak: TestInstance): Promise<string> {
  const { id } = await oak.addUser();
  await deactivateUser(oak.deps, oak.scope, { userId: id });
  return id;
}

const NEW_PASSWORD = "amber compass willow station";

suite("SE5: cross-site requests", () => {
  test("SE5 knows every route that may change something, and the OpenAPI document names those of the API", async () => {
    const oak = await rekey.createInstance();
    const routes = (await unsafeRoutesOf(rekey)).map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(routes.toSorted(), Object.keys(GENUINE).toSorted());
    const { paths } = (await oak.request("/api/openapi.json")).json() as { paths: Record<string, object> };
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
    );
    assert.deepEqual(
      documented.filter((operation) => !operation.startsWith("GET ")).toSorted(),
      routes.filter((route) => route.includes("/api/")).toSorted(),
    );
  });

  for (const [index, [route, prepare]] of Object.entries(GENUINE).entries()) {
    test(`SE5 ${route}: every forgery changes nothing, the genuine request does`, async () => {
      const oak = await rekey.createInstance();
      const admin = await oak.asOwner();
      const genuine = await prepare(oak, admin);
      await untilQuiet(oak);
      const before = await dumpOf(oak);

      for (const { name, headers } of someOf(forgeriesOn(oak.instance.origin), index)) {
        const answer = await sendAs(oak, route, { genuine, headers, cookies: admin });
        assert.equal(answer.status, 403, `${name}: ${answer.text}`);
        assert.deepEqual(answer.setCookies, [], name);
      }
      for (const method of ["GET", "HEAD", "OPTIONS"]) {
        await sendAs(oak, `${method} `, { genuine, headers: { "sec-fetch-site": "cross-site" }, cookies: admin });
      }
      assert.equal(await dumpOf(oak), before, "nothing was changed");

      const sameOrigin = { "sec-fetch-site": "same-origin" };
      const answer = await sendAs(oak, route, { genuine, headers: sameOrigin, cookies: admin });
      assert.equal(answer.status, genuine.status, answer.text);
      await untilQuiet(oak);
      assert.notEqual(await dumpOf(oak), before, "the genuine request changes something, so the comparison can fail");
    });

    if (!route.includes("/api/")) continue;
    test(`SE5 ${route}: what a form can send is not taken for JSON`, async () => {
      const oak = await rekey.createInstance();
      const admin = await oak.asOwner();
      const genuine = await prepare(oak, admin);
      await untilQuiet(oak);
      const before = await dumpOf(oak);
      const body = JSON.stringify(genuine.options.json ?? {});
      const [method = ""] = route.split(" ");
      for (const type of FORM_TYPES) {
        for (const site of ["same-origin", "cross-site"]) {
          const answer = await request(oak.base, genuine.target, {
            method,
            host: oak.host,
            body,
            headers: { ...(type && { "content-type": type }), "sec-fetch-site": site, cookie: String(admin) },
          });
          assert.equal(answer.status, site === "same-origin" ? 415 : 403, `${type} ${site}: ${answer.text}`);
        }
      }
      assert.equal(await dumpOf(oak), before, "nothing was changed");
    });
  }

  test("SE5 an Origin of ours is enough where a browser sends no Sec-Fetch-Site", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const answer = await request(oak.base, "/sign-out", {
      host: oak.host,
      form: {},
      headers: { origin: oak.instance.origin },
      cookies: admin,
    });
    assert.equal(answer.status, 303, answer.text);
    assert.equal((await oak.api("GET", "/session", { cookies: admin })).status, 401);
  });

  test("SE5 a client that is no browser signs in without either header", async () => {
    const oak = await rekey.createInstance();
    const answer = await request(oak.base, "/api/v1/session", {
      host: oak.host,
      json: { identifier: oak.owner.email, password: GOOD_PASSWORD },
    });
    assert.equal(answer.status, 200, answer.text);
  });
});

/** The jar's cookies are sent but not changed, so that a forgery that were to sign out would not hide behind a lost cookie. */
function sendAs(
  oak: TestInstance,
  route: string,
  of: { genuine: Genuine; headers: Readonly<Record<string, string>>; cookies: CookieJar },
): Promise<Answer> {
  const [method = ""] = route.split(" ");
  return request(oak.base, of.genuine.target, {
    method,
    host: oak.host,
    ...of.genuine.options,
    headers: { ...of.genuine.options.headers, ...of.headers, cookie: String(of.genuine.cookies ?? of.cookies) },
  });
}

/** The victim's browser holds an opened link. @returns the recovery that its form names. */
async function openedLink(oak: TestInstance, admin: CookieJar): Promise<string> {
  const token = await oak.mailedToken(await oak.addUser(), admin);
  const opened = await oak.request(`/reset-password/${token}`, { cookies: admin });
  const recovery = new URL(String(opened.headers.location), oak.instance.origin).searchParams.get("recovery");
  assert(recovery, "the form names the recovery");
  return recovery;
}
