import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Page } from "playwright-core";

import { HOUR_MS } from "#lib/clock.ts";
import { Visitor } from "../support/journey.ts";
import { isResetLink, type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import { openedTicket } from "../support/ticket.ts";

const rekey = await testRekey();

interface Cast {
  readonly oak: TestInstance;
  readonly maria: TestUser;
  /** The Owner, signed in. */
  readonly admin: Visitor;
  readonly page: Page;
}

async function cast(): Promise<Cast> {
  const oak = await rekey.createInstance();
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  const admin = await Visitor.arrive(oak);
  await admin.signIn(oak.owner);
  return { oak, maria, admin, page: admin.page };
}

suite("What was typed is not lost", () => {
  test("a half-written reply outlasts what else is done on the ticket, and a choice outlasts the reply", async () => {
    const oak = await rekey.createInstance();
    const ticket = await openedTicket(oak);
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open(`/tickets/${ticket.number}`);
    const reply = page.getByRole("textbox", { name: "Message" });
    const assignee = page.getByLabel("Assignee");
    await reply.fill("Please look into the folder for spam");
    await page.getByLabel("Status").selectOption("Waiting for user");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator('.scripted [name="status_before"][value="waiting_for_user"]').waitFor({ state: "attached" });
    assert.equal(await reply.inputValue(), "Please look into the folder for spam");
    await assignee.selectOption(oak.owner.name);
    await page.getByRole("button", { name: "Reply" }).click();
    await page.locator("#conversation").getByText("Please look into the folder for spam").waitFor();
    assert.equal(await reply.inputValue(), "", "what was sent is not there a second time");
    assert.equal(await assignee.inputValue(), oak.owner.id);
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator("#conversation").getByText(oak.owner.name).first().waitFor();
    const field = page.getByLabel("Outside help desk");
    await field.fill("https://desk.example/7");
    const json = { status: "resolved" };
    assert.equal((await oak.api("PATCH", `/tickets/${ticket.id}`, { json, cookies: await oak.asOwner() })).status, 200);
    await page.locator('#handling [name="status_before"][value="resolved"]').waitFor({ state: "attached" });
    assert.equal(await page.getByLabel("Status").inputValue(), "resolved", "what somebody else did is seen");
    assert.equal(await field.inputValue(), "https://desk.example/7");
    await admin.leave();
  });

  test("a dialog ends where it says so, or by Escape, and no key opens another in its place", async () => {
    const { maria, admin, page } = await cast();
    await admin.chooseUnderMore(maria, "Change Password");
    const dialog = page.getByRole("dialog", { name: "Change Password" });
    await dialog.getByRole("button", { name: "Save" }).waitFor();
    await page.mouse.click(5, 400);
    await page.keyboard.press("Control+k");
    await page.waitForTimeout(300); // What must not happen would have happened by now.
    await dialog.getByRole("button", { name: "Save" }).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });

    const palette = page.getByRole("dialog", { name: "Send Reset Link" });
    for (const end of [() => page.keyboard.press("Escape"), () => page.mouse.click(5, 400)]) {
      await page.keyboard.press("Control+k");
      await palette.getByRole("searchbox").fill("gon");
      await end();
      await palette.waitFor({ state: "hidden" });
    }
    await admin.leave();
  });

  test("S13 who searches after the session has ended is asked to sign in, and then finds", async () => {
    const { oak, maria, admin, page } = await cast();
    await admin.open("/settings/users");
    const list = page.locator("#list");
    await list.getByText(oak.owner.email).waitFor();
    rekey.clock.advance(13 * HOUR_MS);
    await page.getByRole("searchbox", { name: "Search users" }).fill("gonzal");
    const asked = page.getByRole("dialog", { name: "Sign in again" });
    await asked.getByLabel("Password", { exact: true }).fill(oak.owner.password ?? "");
    await asked.getByRole("button", { name: "Sign in" }).click();
    await asked.waitFor({ state: "hidden" });
    await list.getByText(oak.owner.email).waitFor({ state: "hidden" });
    await list.getByText(maria.email).waitFor();
    await admin.leave();
  });
});

suite("Who works by keyboard", () => {
  test("goes on from where they were, also where the button that they pressed is gone", async () => {
    const { oak, maria, admin, page } = await cast();
    const focused = () => page.evaluate("document.activeElement.id || document.activeElement.tagName");
    await admin.open("/settings/users");
    await page.getByRole("link", { name: `Information about ${maria.name}` }).press("Enter");
    const send = page
      .getByRole("dialog", { name: maria.name })
      .getByRole("button", { name: "Send Reset Link" })
      .first();
    await send.waitFor();
    rekey.clock.advance(13 * HOUR_MS);
    await send.press("Enter");
    const asked = page.getByRole("dialog", { name: "Sign in again" });
    await asked.waitFor();
    await page.keyboard.press("Escape");
    await asked.waitFor({ state: "hidden" });
    assert.notEqual(await focused(), "BODY", "in the panel, after Escape");
    await send.press("Enter");
    await asked.getByLabel("Password", { exact: true }).fill(oak.owner.password ?? "");
    await page.keyboard.press("Enter");
    await page.locator("[data-notification]").getByText("has been sent successfully").waitFor();
    await asked.waitFor({ state: "hidden" });
    assert.notEqual(await focused(), "BODY", "in the panel");
    await oak.mailTo(maria.email, isResetLink);

    await admin.open(`/settings/users/${maria.id}`);
    await page.getByRole("button", { name: "Revoke" }).first().press("Enter");
    await page.getByText("Revoked").first().waitFor();
    await page.getByRole("button", { name: "Revoke" }).first().waitFor({ state: "hidden" });
    assert.notEqual(await focused(), "BODY", "on the page");
    await admin.leave();
  });

  test("leaves no menu open behind them, and is told in a dialog whom it is about", async () => {
    const { maria, admin, page } = await cast();
    await admin.open(`/settings/users/${maria.id}`);
    const more = page.getByRole("button", { name: "More" });
    await more.press("Enter");
    await page.locator("[role=menuitem]:focus").waitFor();
    await page.keyboard.press("Tab");
    await page.getByRole("menuitem").first().waitFor({ state: "hidden" });
    assert.equal(
      await more.evaluate((button) => button === document.activeElement),
      false,
      "Tab goes on from the button",
    );
    await admin.chooseUnderMore(maria, "Change Password");
    await page.getByRole("dialog", { name: "Change Password", description: maria.name }).waitFor();
    await admin.leave();
  });
});
