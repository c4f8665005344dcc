import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Locator } from "playwright-core";

import { Visitor } from "../support/journey.ts";
import { type TestUser, testRekey } from "../support/rekey.ts";

const rekey = await testRekey();

suite("People", () => {
  test("role and address are edited; what is wrong stands beside its field; the old address is told by mail", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open(`/settings/users/${maria.id}`);
    await page.getByRole("link", { name: "Edit", exact: true }).click();
    await page.getByRole("heading", { name: "Edit Maria Gonzalez" }).waitFor();
    await page.getByLabel("Role").selectOption("Support");
    await page.getByLabel("Title", { exact: true }).fill("Counselor");
    await page.getByLabel("Email").fill(oak.owner.email);
    await page.getByRole("button", { name: "Save" }).click();
    await page
      .getByText(/^Somebody in this instance already has this address/)
      .first()
      .waitFor();
    assert.equal(await page.getByLabel("Role").inputValue(), "support", "what was chosen stays");
    assert.equal(await page.getByLabel("Title", { exact: true }).inputValue(), "Counselor");

    const moved = `moved.${maria.email}`;
    await page.getByLabel("Email").fill(moved);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("status").getByText("Success Maria Gonzalez was saved").waitFor();
    await page.getByText("Support", { exact: true }).waitFor();
    await page.getByText("Counselor", { exact: true }).waitFor();
    await admin.leave();
    const notice = await oak.mailTo(maria.email, (mail) => /address/.test(mail.message.subject ?? ""));
    assert.match(notice.message.text ?? "", new RegExp(`New address: ${moved}`));
  });

  test("S18: who is deactivated is out at once and stays out; the profile says so and what to do first; reactivated they are in", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const person = await Visitor.arrive(oak);
    await person.signIn(maria);
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.chooseUnderMore(maria, "Deactivate");
    const dialog = page.getByRole("dialog", { name: "Deactivate" });
    await dialog.getByText("Maria is signed out everywhere and can no longer sign in").waitFor();
    await dialog.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("status").getByText("Success Maria Gonzalez").waitFor();
    await page.getByText("This user is inactive").waitFor();

    await person.open("/account");
    await person.page.getByText("Your session has ended").waitFor();
    await person.trySignIn(maria, maria.password ?? "");
    await person.page.getByText("The user name or password is not right.").waitFor();

    const more = page.getByRole("button", { name: "More" });
    await more.click();
    for (const action of ["Send Reset Link", "Change Password", "Require New Password"]) {
      const item = page.getByRole("menuitem", { name: action, exact: true, disabled: true });
      assert.equal(await reasonOf(page.getByRole("menuitem", { name: action, exact: true })), "Reactivate first.");
      await item.waitFor();
    }
    await admin.choose("Reactivate");
    await page.getByRole("dialog", { name: "Reactivate" }).getByRole("button", { name: "Reactivate" }).click();
    await page.getByText("This user is inactive").waitFor({ state: "detached" });
    await more.click();
    await page.getByRole("menuitem", { name: "Deactivate", exact: true }).waitFor();
    await page.getByRole("menuitem", { name: "Send Reset Link", exact: true, disabled: false }).waitFor();
    await admin.leave();

    await person.signIn(maria);
    await person.leave();
  });

  test("S14: Support sends links and is told, where Change Password would be, which role it needs; a Member is told the same; the server refuses regardless", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const sam: TestUser = await oak.addUser({ role: "support", firstName: "Sam", lastName: "Reed" });
    const support = await Visitor.arrive(oak);
    const { page } = support;
    await support.signIn(sam);
    await support.open("/settings/users");
    for (const name of ["Import", "New User"]) await requireRefused(page.getByRole("button", { name, exact: true }));
    await support.open(`/settings/users/${maria.id}`);
    await requireRefused(page.getByRole("button", { name: "Edit", exact: true }));
    await page.getByRole("button", { name: "More" }).click();
    const item = page.getByRole("menuitem", { name: "Change Password", exact: true });
    assert.equal(await reasonOf(item), "This needs the role Owner or Admin.");
    assert.equal(await item.getAttribute("aria-disabled"), "true");
    await item.focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.getByRole("dialog").count(), 0);
    await support.choose("Send Reset Link");
    await page.getByRole("status").getByText("Reset Password Instruction has been sent successfully!").waitFor();
    await support.open(`/settings/users/${maria.id}/change-password`);
    await page.getByText("This needs the role Owner or Admin.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Save" }).count(), 0);
    await support.leave();

    const member = await Visitor.arrive(oak);
    await member.signIn(maria);
    await member.open("/settings/users");
    await member.page.getByText("This needs the role Owner, Admin, or Support.").waitFor();
    await member.leave();
  });
});

/** The button stands where it stands for others, says which role it needs, and does nothing. */
async function requireRefused(button: Locator): Promise<void> {
  assert.equal(await reasonOf(button), "This needs the role Owner or Admin.");
  const address = button.page().url();
  await button.click({ force: true });
  assert.equal(button.page().url(), address);
  assert.equal(await button.getAttribute("aria-disabled"), "true");
}

/** @returns the line beneath a menu item or button, which says why it cannot be chosen. */
async function reasonOf(item: Locator): Promise<string> {
  return item.evaluate((element) => (element as HTMLElement).ariaDescribedByElements?.[0]?.textContent ?? "");
}
