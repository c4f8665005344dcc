import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Page } from "playwright-core";

import { HOUR_MS } from "#lib/clock.ts";
import { Visitor } from "../support/journey.ts";
import { testRekey } from "../support/rekey.ts";
import { rowsOf, untilIdle } from "../support/tables.ts";

const rekey = await testRekey();
const SENT = "Reset Password Instruction has been sent";

for (const javaScriptEnabled of [true, false]) {
  suite(`S13: the session has ended, ${javaScriptEnabled ? "in place" : "without JavaScript"}`, () => {
    test("S13 the click is kept: sign in again where you are, and the notification appears, once", async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
      const admin = await Visitor.arrive(oak, { javaScriptEnabled });
      const { page } = admin;
      await admin.signIn(oak.owner);
      await admin.open(`/settings/users/${maria.id}`);
      rekey.clock.advance(13 * HOUR_MS);
      await page.getByRole("button", { name: "More" }).click();
      await admin.choose("Send Reset Link");

      const asked = javaScriptEnabled ? page.getByRole("dialog", { name: "Sign in again" }) : page.getByRole("main");
      await asked.getByLabel("Password", { exact: true }).fill("not my password");
      assert.equal(await asked.getByLabel("User name or email").inputValue(), oak.owner.username);
      await asked.getByRole("button", { name: "Sign in" }).click();
      await asked.getByText("The user name or password is not right.").waitFor();
      if (javaScriptEnabled) assert.deepEqual(await admin.accessibilityFaults(), []);
      await asked.getByLabel("Password", { exact: true }).fill(oak.owner.password ?? "");
      await asked.getByRole("button", { name: "Sign in" }).click();
      await page.locator("[data-notification]").getByText("Reset Password Instruction has been sent").waitFor();
      if (javaScriptEnabled) await page.getByText("Link sent").first().waitFor();
      // Without a script the page before was the answer to a form: Chromium asks before it sends that again, on a page of its own.
      if (javaScriptEnabled) await page.goBack();
      await admin.open(`/settings/users/${maria.id}`);
      await admin.leave();

      await untilIdle(oak);
      const mails = (await rowsOf(oak, "emails")).filter(({ user_id: id }) => id === maria.id);
      const told = (await rowsOf(oak, "notifications")).filter(({ title }) => title === "Success");
      assert.deepEqual([mails.length, told.length], [1, 1]);
    });
  });
}

suite("S13: the session has ended, on a page that is live", () => {
  test("S13 shows what was done at once, and hears of changes again though it was just refused them", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    const { promise: isShown, resolve: shown } = Promise.withResolvers<void>();
    const asksAgain = Promise.withResolvers<void>();
    let asked = 0;
    await page.route("**/changes", async (route) => {
      asked += 1;
      // The stream ends with the session; the browser asks again by itself, and would be refused.
      if (asked === 1) return route.fulfill({ contentType: "text/event-stream", body: "retry: 1\n\n" });
      if (asked === 2) return asksAgain.resolve();
      await isShown;
      return route.continue().catch(() => {}); // The page may have given it up for the next one.
    });
    await admin.open(`/settings/users/${maria.id}`);
    await asksAgain.promise;
    rekey.clock.advance(13 * HOUR_MS);
    await page.getByRole("button", { name: "Send Reset Link" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Sign in again" });
    await dialog.getByLabel("Password", { exact: true }).fill(oak.owner.password ?? "");
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("No recovery yet").waitFor({ state: "hidden" });
    const hears = page.waitForResponse((response) => response.url().endsWith("/changes") && response.ok());
    shown();
    await hears;
    await page.getByText("Link sent").first().waitFor();
    await admin.leave();
  });
});

suite("S13: the session has ended, in two tabs", () => {
  test("S13 both clicks are kept: each tab asks, either sign-in will do, and one mail leaves", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await Visitor.arrive(oak);
    await admin.signIn(oak.owner);
    const tabs = [admin.page, await admin.page.context().newPage(), await admin.page.context().newPage()];
    for (const tab of tabs) await tab.goto(`${oak.instance.origin}/settings/users/${maria.id}`);
    rekey.clock.advance(13 * HOUR_MS);
    const click = (tab: Page) => tab.getByRole("button", { name: "Send Reset Link" }).first().click();
    const notified = (tab: Page) => tab.locator("[data-notification]").getByText(SENT).waitFor();
    const [first, second, third] = tabs as [Page, Page, Page];
    for (const tab of [first, second]) {
      await click(tab);
      await tab.getByRole("dialog", { name: "Sign in again" }).waitFor();
    }
    for (const tab of [first, second]) {
      const asked = tab.getByRole("dialog", { name: "Sign in again" });
      await asked.getByLabel("Password", { exact: true }).fill(oak.owner.password ?? "");
      await asked.getByRole("button", { name: "Sign in" }).click();
      await notified(tab);
    }
    await click(third);
    await notified(third);
    await admin.leave();
    await untilIdle(oak);
    assert.equal(oak.linksTo(maria).length, 1);
  });
});

suite("A session that is about to end", () => {
  test("S13 says so in the top bar, and lasts longer with one click", async () => {
    const oak = await rekey.createInstance();
    const json = { session_idle_minutes: 5 };
    assert.equal((await oak.api("PATCH", "/settings", { json, cookies: await oak.asOwner() })).status, 200);
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await page.getByText("Session ends in 5 min").waitFor();
    assert.deepEqual(await admin.accessibilityFaults(), []);
    const before = await page.locator("#session-left").getAttribute("data-session-ends");
    rekey.clock.advance(2 * 60_000);
    await page.getByRole("button", { name: "Stay signed in" }).click();
    await page.locator(`#session-left:not([data-session-ends="${before}"])`).waitFor({ state: "attached" });
    await admin.leave();
  });
});
