import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { isResetLink, testRekey, tokenIn } from "../support/rekey.ts";

const rekey = await testRekey();
const NEW_PASSWORD = "violet harbor thunder kettle";

suite("Without JavaScript", () => {
  test("the click works: the information icon leads to the profile, More opens, the notification stands on the next page", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await Visitor.arrive(oak, { javaScriptEnabled: false });
    const { page } = admin;
    await admin.signIn(oak.owner);
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.getByRole("link", { name: "Users", exact: true }).click();
    await page.getByRole("link", { name: "Information about Maria Gonzalez" }).click();
    await page.getByRole("heading", { name: "Maria Gonzalez", level: 1 }).waitFor();
    await page.getByRole("button", { name: "More" }).click();
    await admin.choose("Send Reset Link");
    await page
      .getByRole("status")
      .getByText("Success Reset Password Instruction has been sent successfully!")
      .waitFor();
    await oak.mailTo(maria.email, isResetLink);
    await admin.leave();
  });

  test("S8: a person who forgot asks for a link, sets a password and signs in; faults stand beside their fields", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const person = await Visitor.arrive(oak, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    const { page } = person;
    await person.open("/");
    await page.waitForURL(/\/sign-in$/);
    await page.getByRole("link", { name: "Forgot password?" }).click();
    await page.getByLabel("User name or email").fill(maria.email);
    await page.getByRole("button", { name: "Send Reset Link" }).click();
    await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();

    await person.open(`/reset-password/${tokenIn(await oak.mailTo(maria.email, isResetLink))}`);
    const save = async (password: string, again: string): Promise<void> => {
      await page.getByLabel("New Password").fill(password);
      await page.getByLabel("Confirm Password").fill(again);
      await page.getByRole("button", { name: "Save password" }).click();
    };
    await save(NEW_PASSWORD, "something else entirely");
    await page.getByText("New Password and Confirm Password are not the same. Type both again.").first().waitFor();
    await save("too short", "too short");
    await page.getByText("It has 9 characters; at least 15 are needed").first().waitFor();
    await save(`${NEW_PASSWORD} `, `${NEW_PASSWORD} `);
    await page.getByText("It has a space at the end").first().waitFor();
    await save(NEW_PASSWORD, NEW_PASSWORD);
    await page.getByText("Your new password is set").waitFor();
    await page.getByLabel("Password", { exact: true }).fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("You are in", { exact: true }).waitFor();
    await person.leave();
  });
});
