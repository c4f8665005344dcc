import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { isResetLink, testRekey, tokenIn } from "../support/rekey.ts";

const rekey = await testRekey();
const NEW_PASSWORD = "violet harbor thunder kettle";

suite("Require New Password", () => {
  test("S9: says what it will do; then the open session is over, the old password refused, and the mailed link lets back in", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const person = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    await person.signIn(maria);
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.chooseUnderMore(maria, "Require New Password");
    const dialog = page.getByRole("dialog", { name: "Require New Password" });
    await dialog.getByText("At once Maria is signed out everywhere and the old password stops working.").waitFor();
    await dialog.getByText(`A link to set a new one goes to ${maria.email}`).waitFor();
    await dialog.getByRole("link", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "hidden" });
    await person.open("/account");
    await person.page.getByText("You are in").waitFor();

    await page.getByRole("button", { name: "More" }).click();
    await admin.choose("Require New Password");
    await dialog.getByRole("textbox", { name: "Reason" }).fill("A laptop was lost");
    await dialog.getByRole("button", { name: "Require New Password" }).click();
    await page.getByRole("status").getByText("the old password is refused from now on").waitFor();
    await dialog.waitFor({ state: "hidden" });
    await page.getByText("Signed in nowhere at the moment.").waitFor();

    await person.page.getByRole("link", { name: "Change Password" }).click();
    await person.page.getByText("Your session has ended").waitFor();
    await person.trySignIn(maria, maria.password ?? "");
    await person.page.getByText("The user name or password is not right.").waitFor();
    await person.open(`/reset-password/${tokenIn(await oak.mailTo(maria.email, isResetLink))}`);
    await person.page.getByLabel("New Password").fill(NEW_PASSWORD);
    await person.page.getByLabel("Confirm Password").fill(NEW_PASSWORD);
    await person.page.getByRole("button", { name: "Save password" }).click();
    await person.landOn("/sign-in");
    await person.signIn(maria, NEW_PASSWORD);
    await person.leave();

    await admin.open("/settings/audit");
    await page
      .getByRole("row", { name: /New password required .*A laptop was lost/ })
      .getByRole("link", { name: "Maria Gonzalez" })
      .click();
    await page.getByText("Back in", { exact: true }).waitFor();
    await admin.leave();
  });
});
