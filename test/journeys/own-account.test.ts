import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { testRekey } from "../support/rekey.ts";

const rekey = await testRekey();
const NEW_PASSWORD = "violet harbor thunder kettle";

suite("One's own account", () => {
  test("a new password needs the current one, ends the other sessions, and is told by mail", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const other = await Visitor.arrive(oak);
    await other.signIn(maria);
    const person = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    const { page } = person;
    await person.signIn(maria);
    await page.getByRole("button", { name: "Your account: Maria Gonzalez" }).click();
    await page.getByRole("group", { name: "Your account" }).getByRole("link", { name: "Your account" }).click();
    await page.getByRole("link", { name: "Change Password" }).click();
    await page.getByRole("heading", { name: "Change your password" }).waitFor();
    const change = async (current: string, password: string, again: string): Promise<void> => {
      await page.getByLabel("Current Password").fill(current);
      await page.getByLabel("New Password").fill(password);
      await page.getByLabel("Confirm Password").fill(again);
      await page.getByRole("button", { name: "Save password" }).click();
    };
    await change("not my password at all", NEW_PASSWORD, NEW_PASSWORD);
    await page.getByRole("alert").getByRole("link").click();
    assert(
      await page.getByLabel("Current Password").evaluate((field) => field === document.activeElement),
      "the fault leads to the field that it is about",
    );
    await other.open("/account");
    await other.page.getByText("You are in").waitFor();

    await change(maria.password ?? "", NEW_PASSWORD, NEW_PASSWORD);
    await person.landOn("/account");
    await page.getByText("You are in").waitFor();
    await oak.mailTo(maria.email, (mail) => /password .* was changed/.test(mail.message.subject ?? ""));
    await other.open("/account");
    await other.page.getByText("Your session has ended").waitFor();
    await other.signIn(maria, NEW_PASSWORD);
    await other.leave();
    await person.leave();
  });

  test("shows where one is signed in; one click ends every other session; language and time zone are kept", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const other = await Visitor.arrive(oak);
    await other.signIn(maria);
    const person = await Visitor.arrive(oak);
    const { page } = person;
    await person.signIn(maria);
    await page.getByText("This browser").waitFor();
    await page.getByRole("button", { name: /^Sign out Chrom.* from / }).waitFor();
    await page.getByRole("button", { name: "Sign out everywhere else" }).click();
    await page.getByRole("status").getByText("Success Every other browser is signed out").waitFor();
    assert.equal(await page.getByRole("button", { name: "Sign out everywhere else" }).count(), 0);
    await other.open("/account");
    await other.page.getByText("Your session has ended").waitFor();
    await other.leave();

    await page.getByLabel("Time Zone").selectOption("America/New_York");
    await page.getByLabel("Language").fill("not a language");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").getByText("Use a language such as en, es or pt-BR.").waitFor();
    assert.equal(await page.getByLabel("Time Zone").inputValue(), "America/New_York", "what was chosen stays");
    await page.getByLabel("Language").fill("es");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("status").getByText("Success Your language and time zone were saved").waitFor();
    await person.open("/account");
    assert.equal(await page.getByLabel("Time Zone").inputValue(), "America/New_York");
    assert.equal(await page.getByLabel("Language").inputValue(), "es");
    await person.leave();
  });
});
