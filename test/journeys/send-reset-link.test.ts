import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { isResetLink, testRekey, tokenIn } from "../support/rekey.ts";

const rekey = await testRekey();
const NEW_PASSWORD = "violet harbor thunder kettle";

suite("How to Send a Password Reset Email", () => {
  test("S1 S3 S5 S6 S7 S8: gear, User Management, Users, the name, More, Send Reset Link; the mail; a new password; signed in", async () => {
    const oak = await rekey.createInstance("Oak Recovery");
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const dana = await oak.addUser({ role: "admin", firstName: "Dana", lastName: "Whitfield" });
    const admin = await Visitor.arrive(oak);
    const { page } = admin;

    await admin.signIn(dana);
    await page.getByRole("heading", { name: "Dashboard", level: 1 }).waitFor();
    await page.getByRole("navigation", { name: "Main" }).getByText("Oak Recovery").waitFor();

    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.getByText("User Management", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Users", exact: true }).click();
    await page.getByRole("heading", { name: "Manage Users" }).waitFor();
    await page.getByRole("link", { name: "Maria Gonzalez", exact: true }).click();
    await page.getByRole("heading", { name: "Maria Gonzalez", level: 1 }).waitFor();
    await page.getByRole("button", { name: "More" }).click();
    await admin.choose("Send Reset Link");

    const notification = page
      .getByRole("status")
      .getByText("Success Reset Password Instruction has been sent successfully!");
    await notification.waitFor();
    const box = await notification.boundingBox();
    assert(box && box.x > 640 && box.y < 200, "it stands at the top right");
    await page.getByRole("button", { name: "More" }).click({ trial: true, timeout: 3000 }); // It covers nothing of what is done next.

    const mail = await oak.mailTo(maria.email, isResetLink);
    await page.getByText("Nothing there?").waitFor();
    assert.equal(await page.getByLabel("Sender").inputValue(), mail.message.from?.address);
    assert.equal(await page.getByLabel("Subject").inputValue(), mail.message.subject);
    assert.match(mail.message.text ?? "", new RegExp(`user name: ${maria.username}`));
    assert.match(mail.message.text ?? "", /works until \d{1,2} \w{3} \d{4}, \d\d:\d\d UTC/);
    assert.match(mail.message.html ?? "", /Oak Recovery/);

    const person = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    await person.open(`/reset-password/${tokenIn(mail)}`);
    assert.equal(new URL(person.page.url()).pathname, "/reset-password", "the token has left the address");
    await person.page.getByText("Oak Recovery", { exact: true }).waitFor();
    await person.page.getByLabel("New Password").fill(NEW_PASSWORD);
    await person.page.getByLabel("Confirm Password").fill(NEW_PASSWORD);
    await person.page.getByRole("button", { name: "Save password" }).click();
    await person.page.waitForURL(/\/sign-in$/);
    assert.equal(await person.page.getByLabel("User name or email").inputValue(), maria.username);
    await person.page.getByLabel("Password", { exact: true }).fill(NEW_PASSWORD);
    await person.page.getByRole("button", { name: "Sign in" }).click();
    await person.page.getByText("You are in", { exact: true }).waitFor();
    await person.leave();

    const steps = page.getByRole("list", { name: "Reset link, step by step" });
    await steps.getByText("Signed in", { exact: true }).waitFor({ timeout: 20_000 }); // Seen without a reload.
    await page.getByText("Back in", { exact: true }).waitFor();
    await admin.hear(`${maria.name}: Back in`);
    assert.equal(await page.getByText("Nothing there?").count(), 0, "the mail was found");
    await admin.leave();
  });
});

suite("How to Reset a User Password", () => {
  test("S2 S4 S6: Settings, CRM Settings, Manage Users, the information icon, Send Reset Link, all without leaving the list", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await Visitor.arrive(oak);
    const { page } = admin;

    await admin.signIn(oak.owner);
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.getByRole("link", { name: "CRM Settings" }).click();
    await page.getByRole("main").getByRole("link", { name: "Manage Users" }).click();
    await page.getByRole("link", { name: "Information about Maria Gonzalez" }).click();
    const panel = page.getByRole("dialog", { name: "Maria Gonzalez" });
    await panel.getByText(maria.username, { exact: true }).waitFor();
    assert.match(page.url(), /\/settings\/users$/);

    await panel.getByRole("button", { name: "Send Reset Link", exact: true }).click();
    await page.getByRole("status").getByText("Reset Password Instruction has been sent successfully!").waitFor();
    const mail = await oak.mailTo(maria.email, isResetLink);
    await panel.getByText("Waiting for a new password").waitFor();
    await page.keyboard.press("Escape");
    await page
      .getByRole("table")
      .getByText(/Link sent just now/)
      .waitFor();
    const reader = await Visitor.arrive(oak);
    await reader.open(`/reset-password/${tokenIn(mail)}`);
    await reader.leave();
    await page
      .getByRole("table")
      .getByText(/Link opened just now/)
      .waitFor();
    await admin.hear(`${maria.name}: Link opened`);

    await page.reload();
    assert.equal(
      await page.getByRole("status").getByText("Reset Password Instruction").count(),
      0,
      "shown once; the tray keeps it",
    );
    await admin.leave();
  });

  test("S2: the list shows active and inactive users, filters as one types, and sorts", async () => {
    const oak = await rekey.createInstance();
    await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    await oak.addUser({ firstName: "Émile", lastName: "Zola" });
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open("/settings/users");
    assert.equal(await page.getByRole("row").count(), 4);
    await page.getByRole("link", { name: /^Inactive Users/ }).waitFor();

    await page.getByRole("searchbox", { name: "Search users" }).pressSequentially("emile");
    await page.getByText("Maria Gonzalez").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Émile Zola", exact: true }).waitFor();
    await admin.hear("1 user shown of 3");
    await page.getByRole("searchbox", { name: "Search users" }).fill("nobody at all");
    await page.getByText("Nobody goes by “nobody at all”").waitFor();
    await page.getByRole("link", { name: "Show all users" }).click();
    await page.getByRole("link", { name: /^Name and Email/ }).click();
    assert.deepEqual(
      (await page.getByRole("row").allInnerTexts()).map((row) => /Maria|Émile|Kim/.exec(row)?.[0]).slice(1),
      ["Maria", "Kim", "Émile"],
    );
    await admin.leave();
  });
});
