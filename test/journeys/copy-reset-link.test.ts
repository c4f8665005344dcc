import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Page } from "playwright-core";

import { Visitor } from "../support/journey.ts";
import { type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";

const rekey = await testRekey();
const NEW_PASSWORD = "violet harbor thunder kettle";

suite("Copy reset link", () => {
  test("is allowed on the Security page; then one click shows the link, and the person who is handed it gets in", async () => {
    const { oak, maria } = await cast();
    const admin = await Visitor.arrive(oak, { permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open(`/settings/users/${maria.id}`);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Sign out everywhere" }).waitFor();
    assert.equal(await page.getByRole("menuitem", { name: "Copy reset link" }).count(), 0);

    await allowCopies(admin);
    await admin.chooseUnderMore(maria, "Copy reset link");
    const dialog = page.getByRole("dialog", { name: "Copy reset link" });
    await dialog.getByText("Whoever has this link can set the password of Maria Gonzalez").waitFor();
    const link = await dialog.getByLabel("Reset link of Maria Gonzalez").inputValue();
    await dialog.getByRole("button", { name: "Copy" }).click();
    await dialog.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
    await dialog.getByRole("link", { name: "Done" }).click();
    await dialog.waitFor({ state: "hidden" });
    assert(await page.getByRole("button", { name: "More" }).evaluate((button) => button === document.activeElement));
    assert(!(await page.content()).includes(link), "it is gone with the dialog");
    const steps = page.getByRole("list", { name: "Reset link, step by step" });
    await steps.getByText("Link copied").waitFor();

    const person = await Visitor.arrive(oak);
    await setPassword(person, new URL(link).pathname);
    await person.leave();
    await steps.getByText("New password set").waitFor({ timeout: 20_000 });
    await admin.leave();
  });

  test("works from the information panel, and without JavaScript", async () => {
    const { oak, maria } = await cast();
    const admin = await Visitor.arrive(oak);
    await admin.signIn(oak.owner);
    await allowCopies(admin);
    await admin.open("/settings/users");
    await admin.page.getByRole("link", { name: "Information about Maria Gonzalez" }).click();
    const panel = admin.page.getByRole("dialog", { name: "Maria Gonzalez" });
    await panel.getByRole("button", { name: "Copy reset link" }).click();
    await linkOn(admin.page);
    await admin.page.getByRole("link", { name: "Done" }).press("Enter");
    assert(
      await panel
        .getByRole("button", { name: "Copy reset link" })
        .evaluate((button) => button === document.activeElement),
      "the focus is back where it was",
    );
    await admin.leave();

    const plain = await Visitor.arrive(oak, { javaScriptEnabled: false });
    await plain.signIn(oak.owner);
    await plain.chooseUnderMore(maria, "Copy reset link");
    await plain.page.getByRole("heading", { name: "Copy reset link", level: 1 }).waitFor();
    const link = await linkOn(plain.page);
    await plain.page.getByRole("link", { name: "Done" }).click();
    await plain.page.getByText("Link copied").first().waitFor();
    await plain.leave();

    const person = await Visitor.arrive(oak, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    await setPassword(person, new URL(link).pathname);
    await person.leave();
  });
});

async function cast(): Promise<{ oak: TestInstance; maria: TestUser }> {
  const oak = await rekey.createInstance();
  return { oak, maria: await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" }) };
}

async function allowCopies(admin: Visitor): Promise<void> {
  await admin.open("/settings/security");
  await admin.page.getByRole("checkbox", { name: "Owners and Admins may copy a reset link" }).check();
  await admin.page.getByRole("button", { name: "Save" }).click();
  await admin.page.getByRole("status").getByText("The settings were saved").waitFor();
}

function linkOn(page: Page): Promise<string> {
  return page.getByLabel("Reset link of Maria Gonzalez").inputValue();
}

async function setPassword(person: Visitor, path: string): Promise<void> {
  const { page } = person;
  await person.open(path);
  await page.getByLabel("New Password").fill(NEW_PASSWORD);
  await page.getByLabel("Confirm Password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Save password" }).click();
  await page.waitForURL(/\/sign-in$/);
}
