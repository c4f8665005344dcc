import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Page } from "playwright-core";

import { MINUTE_MS } from "#lib/clock.ts";
import { Visitor } from "../support/journey.ts";
import { isResetLink, testRekey, tokenIn } from "../support/rekey.ts";

const rekey = await testRekey();
const PASSWORD = "violet harbor thunder kettle";

suite("An invitation", () => {
  test("is mailed to a new user, who sets a password on a telephone and is in", async () => {
    const oak = await rekey.createInstance();
    const admin = await Visitor.arrive(oak);
    const noah = "noah.fischer@first.example";
    await admin.signIn(oak.owner);
    await inviteNoah(admin, noah);
    await admin.page
      .getByRole("status")
      .getByText("Success Noah Fischer was created, and the invitation is on its way")
      .waitFor();
    await admin.page.getByText("Accepted by the mail server").waitFor();

    const person = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    const { page } = person;
    const mail = await oak.mailTo(noah, isResetLink);
    assert.match(mail.message.subject ?? "", /Your account at Oak Recovery/);
    assert.match(mail.message.text ?? "", /Your user name: noah\.fischer/);
    await person.open(`/reset-password/${tokenIn(mail)}`);
    await setPassword(page);
    await person.landOn("/sign-in");
    assert.equal(await page.getByLabel("User name or email").inputValue(), "noah.fischer");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await person.landOn("/account");
    await page.getByText("You are in").waitFor();
    await page.getByText("Your access to Oak Recovery works.").waitFor();
    await person.leave();

    const steps = admin.page.getByRole("list", { name: "Invitation, step by step" });
    await steps.getByText("Signed in", { exact: true }).waitFor({ timeout: 20_000 });
    await admin.leave();
  });

  test("is sent again by Send Reset Link with the same link, and revoked on the profile; the link then says so", async () => {
    const oak = await rekey.createInstance();
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    const noah = "noah.fischer@second.example";
    await admin.signIn(oak.owner);
    await inviteNoah(admin, noah);
    const first = await oak.mailTo(noah, isResetLink);
    rekey.clock.advance(2 * MINUTE_MS);
    await page.getByRole("button", { name: "More" }).click();
    await admin.choose("Send Reset Link");
    await page
      .getByRole("status")
      .getByText("Success Reset Password Instruction has been sent successfully!")
      .waitFor();
    const again = await oak.mailTo(noah, (mail) => isResetLink(mail) && mail !== first);
    assert.match(again.message.subject ?? "", /Your account at Oak Recovery/);
    assert.equal(tokenIn(again), tokenIn(first));

    await page.getByRole("button", { name: "Revoke invitation" }).click();
    await page.getByRole("status").getByText("Success The link no longer works").waitFor();
    const steps = page.getByRole("list", { name: "Invitation, step by step" });
    await steps.getByText("Revoked", { exact: true }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Revoke invitation" }).count(), 0);
    await admin.leave();

    const person = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    await person.open(`/reset-password/${tokenIn(first)}`);
    await person.page.getByRole("heading", { name: "A newer step replaced this link" }).waitFor();
    await person.page.getByRole("button", { name: "Send me a fresh link" }).click();
    await person.page.getByRole("heading", { name: "A fresh link is on its way" }).waitFor();
    const fresh = await oak.mailTo(noah, (mail) => isResetLink(mail) && tokenIn(mail) !== tokenIn(first));
    await person.open(`/reset-password/${tokenIn(fresh)}`);
    await setPassword(person.page);
    await person.landOn("/sign-in");
    await person.leave();
  });
});

/** The administrator fills in New User and stands on the new profile. */
async function inviteNoah({ page }: Visitor, address: string): Promise<void> {
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await page.getByRole("link", { name: "New User" }).click();
  await page.getByRole("heading", { name: "New User", level: 1 }).waitFor();
  await page.getByLabel("First Name").fill("Noah");
  await page.getByLabel("Last Name").fill("Fischer");
  await page.getByLabel("Email").fill(address);
  assert.equal(await page.getByLabel("Role").inputValue(), "member");
  assert(await page.getByRole("checkbox", { name: "Send an invitation" }).isChecked());
  await page.getByRole("button", { name: "Create User" }).click();
  await page.getByRole("heading", { name: "Noah Fischer", level: 1 }).waitFor();
}

async function setPassword(page: Page): Promise<void> {
  await page.getByLabel("New Password").fill(PASSWORD);
  await page.getByLabel("Confirm Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Save password" }).click();
}
