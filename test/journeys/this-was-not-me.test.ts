import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { isResetLink, testRekey, tokenIn } from "../support/rekey.ts";

const rekey = await testRekey();
const NEW_PASSWORD = "violet harbor thunder kettle";

suite("This was not me", () => {
  test("A7: one click in the mail freezes the account; an administrator makes sure, thaws it, and lets the person back in", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const cookies = await oak.asOwner();
    const json = { mode: "generated", verification: { method: "in_person" } };
    await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies });
    const { message } = await oak.mailTo(maria.email, (mail) => /was changed/.test(mail.message.subject ?? ""));
    const person = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    await person.open(/\/not-me\/[\w-]+/.exec(message.text ?? "")?.[0] ?? "");
    await person.page.getByText("freezes the account: nobody gets in, not even with a new link").waitFor();
    await person.page.getByRole("button", { name: "This was not me" }).click();
    await person.page.getByRole("heading", { name: "Your account is frozen" }).waitFor();

    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open(`/settings/users/${maria.id}`);
    await page.getByText("Frozen: “This was not me”").waitFor();
    await page.getByRole("link", { name: "Thaw" }).click();
    const dialog = page.getByRole("dialog", { name: "Thaw" });
    await dialog
      .getByLabel("How did you make sure that it is Maria?")
      .selectOption("Called back on the number on file");
    await dialog.getByRole("button", { name: "Thaw" }).click();
    await page.getByRole("status").getByText("Maria Gonzalez is thawed").waitFor();
    await page.getByRole("button", { name: "More" }).click();
    await admin.choose("Send Reset Link");
    await person.open(`/reset-password/${tokenIn(await oak.mailTo(maria.email, isResetLink))}`);
    await person.page.getByLabel("New Password").fill(NEW_PASSWORD);
    await person.page.getByLabel("Confirm Password").fill(NEW_PASSWORD);
    await person.page.getByRole("button", { name: "Save password" }).click();
    await person.landOn("/sign-in");
    await person.signIn(maria, NEW_PASSWORD);
    await person.leave();
    await page.getByText("Back in", { exact: true }).first().waitFor();
    await admin.leave();
  });
});
