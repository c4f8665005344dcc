import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { times } from "../support/numbers.ts";
import { testRekey } from "../support/rekey.ts";
import { suppressedAddress } from "../support/suppressed-address.ts";
import { untilIdle } from "../support/tables.ts";

const rekey = await testRekey();

/** Ways out of a text, an attribute, a script, a comment (OWASP XSS Filter Evasion Cheat Sheet). */
const OPENINGS = ["", '">', "'>", "</title>", "</textarea>", "</script>", "-->", '" autofocus onfocus="', "{{", "${"];
const PIECES = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<a href=javascript:alert(1)>x</a>",
  "<iframe srcdoc='<script>1</script>'>",
  "<hx-partial hx-target=body>x</hx-partial>",
  "<b hx-on:click='alert(1)'>x</b>",
  "<style>*{display:none}</style>",
  "<meta http-equiv=refresh content=0>",
  "<form action=//evil.example><input name=p>",
  "<base href=//evil.example/>",
  "<p onclick=alert(1)>x</p>",
  "<!--<img src=x>",
  "<math><mi xlink:href=javascript:alert(1)>",
  "<details open ontoggle=alert(1)>",
];
const ALL = OPENINGS.flatMap((opening) => PIECES.map((piece) => `${opening}${piece}`));
const EVERY = times({ quick: 4, full: 1 });
const PAYLOADS = ALL.filter((_, index) => index % EVERY === 0);

suite("N2: what people are called is text, wherever it stands", () => {
  test(`N2 ${PAYLOADS.length} names are markup in no list, page, notification, mail, record or export`, async () => {
    assert.equal(ALL.length, 150);
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const pages = new Map<string, string>();
    for (const [number, payload] of PAYLOADS.entries()) {
      const json = {
        email: `p${number}@oak.example`,
        username: `p${number}`,
        first_name: payload.slice(0, 100),
        last_name: `Last${number}`,
        role: "member",
        title: payload,
        department: payload,
        phone: payload.slice(0, 50),
        invite: false,
      };
      const made = await oak.api("POST", "/users", { json, cookies: owner });
      assert.equal(made.status, 201, made.text);
      const { id } = made.json() as { id: string };
      await oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies: owner });
      if (number % 10 > 0) continue;
      const address = `/settings/users/${id}`;
      for (const page of [
        address,
        `${address}/panel`,
        `${address}/edit`,
        `${address}/change-password`,
        `${address}/deactivate`,
      ])
        pages.set(`${page} of ${payload}`, (await oak.request(page, { cookies: owner })).text);
      const desk = { subject: payload.slice(0, 200), message: `${payload}\n${payload}` };
      const requester = { name: payload, email: `p${number}@oak.example` };
      const opened = await oak.api("POST", "/tickets", { json: { ...desk, requester }, cookies: owner });
      assert.equal(opened.status, 201, opened.text);
      const ticket = opened.json() as { id: string; number: number };
      const changes = { external_url: `https://desk.example/${payload}` };
      assert.equal((await oak.api("PATCH", `/tickets/${ticket.id}`, { json: changes, cookies: owner })).status, 200);
      await oak.api("POST", `/tickets/${ticket.id}/messages`, { json: { text: payload }, cookies: owner });
      await oak.api("POST", `/users/${id}/reset-links`, { json: { ticket_id: ticket.id }, cookies: owner });
      pages.set(`the ticket ${payload}`, (await oak.request(`/tickets/${ticket.number}`, { cookies: owner })).text);
      const wrong = { name: payload, email: payload, message: payload };
      pages.set(`asking for help as ${payload}`, (await oak.request("/contact", { form: wrong })).text);
      const reason = payload;
      await oak.api("POST", `/users/${id}/require-new-password`, { json: { reason }, cookies: owner });
      const fragment = await oak.request(`${address}/reset-links`, {
        form: {},
        cookies: owner,
        headers: { "hx-request": "true" },
      });
      pages.set(`the notification of ${payload}`, fragment.text);
      await oak.api("POST", "/session", { json: { identifier: payload, password: payload } });
      await oak.api("POST", "/api-keys", {
        json: { name: payload.slice(0, 60), scopes: ["users.read"] },
        cookies: owner,
      });
    }
    for (let cursor: string | null = ""; cursor !== null; ) {
      pages.set(
        `the list from ${cursor}`,
        (await oak.request(`/settings/users?cursor=${cursor}`, { cookies: owner })).text,
      );
      const page = await oak.api("GET", `/users?limit=50${cursor && `&cursor=${cursor}`}`, { cookies: owner });
      cursor = (page.json() as { next_cursor: string | null }).next_cursor;
    }
    for (const [number, payload] of PAYLOADS.entries())
      await suppressedAddress(oak, `p${number}@gone.example`, `550 5.1.1 ${payload}`);
    for (const page of [
      "/",
      "/settings/mail",
      "/tickets",
      `/tickets?q=${encodeURIComponent(PAYLOADS[1] ?? "")}`,
      "/settings/audit",
      "/settings/sign-in-history",
      "/settings/api-keys",
      "/account",
      `/settings/users?q=${encodeURIComponent(PAYLOADS[1] ?? "")}`,
    ])
      pages.set(page, (await oak.request(page, { cookies: owner })).text);
    await untilIdle(oak);
    const mails = rekey.sink.mails.filter(({ to }) => to.some((address) => /^p\d+@oak/.test(address)));
    assert.equal(new Set(mails.map(({ to }) => to.join())).size, PAYLOADS.length, "M5 each has a mail");
    for (const { to, message } of mails) pages.set(`the mail to ${to.join()}`, String(message.html));
    assert(pages.size >= PAYLOADS.length + 25, `${pages.size} places`);
    for (const [place, html] of pages) requireText(place, html);
  });

  test("N2 what somebody typed for an address is text where it is told that it was near", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const { id } = await oak.addUser({ email: "maria.gonzalez@oak.example" });
    for (const payload of PAYLOADS.filter((_, index) => index % 5 === 1)) {
      const identifier = `maria.gonzalez@${payload}`;
      await oak.api("POST", "/session", { json: { identifier, password: "x" } });
      const told = await oak.api("GET", `/users/${id}/diagnosis`, { cookies: owner });
      const { items } = told.json() as { items: { tried: string | null }[] };
      assert.equal(items[0]?.tried, identifier);
      for (const page of [`/settings/users/${id}`, `/settings/users/${id}/panel`]) {
        const { text } = await oak.request(page, { cookies: owner });
        assert(text.includes("maria.gonzalez@"), page);
        requireText(page, text);
      }
    }
  });

  test("N2 the check itself sees each of them where it is not text", () => {
    for (const payload of PAYLOADS)
      assert.throws(() => requireText("here", `<p>${payload}</p>`), assert.AssertionError, payload);
    requireText(
      "here",
      `<p>${PAYLOADS.join(" ").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")}</p>`,
    );
  });

  test("N2 the name of the instance is text, too, and no header or address of a mail", async () => {
    for (const payload of PAYLOADS.filter((_, index) => index % 10 === 1)) {
      const oak = await rekey.createInstance();
      const owner = await oak.asOwner();
      const name = payload.slice(0, 60);
      assert.equal((await oak.api("PATCH", "/settings", { json: { name }, cookies: owner })).status, 200);
      for (const page of ["/sign-in", "/forgot-password", "/", "/settings/instance", "/reset-password/x"])
        requireText(page, (await oak.request(page, { cookies: owner })).text);
      const maria = await oak.addUser();
      await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: owner });
      const { message, to } = await oak.mailTo(maria.email);
      assert.deepEqual(to, [maria.email]);
      requireText("mail", String(message.html));
      assert.equal(message.from?.name, name);
    }
  });
});

/** @throws AssertionError where a piece of a payload stands as markup. */
function requireText(place: string, html: string): void {
  const found = PIECES.find((piece) => html.includes(piece)) ?? /" autofocus onfocus="/.exec(html)?.[0];
  assert.equal(found, undefined, `${place} holds ${found}`);
}
