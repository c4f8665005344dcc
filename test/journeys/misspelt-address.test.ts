import { suite, test } from "node:test";

import type { Page } from "playwright-core";

import { Visitor } from "../support/journey.ts";
import { isResetLink, type TestInstance, testRekey, type TestUser, tokenIn } from "../support/rekey.ts";
import { untilIdle } from "../support/tables.ts";

const rekey = await testRekey();
const NEW_PASSWORD = "violet harbor thunder kettle";
const WRONG = "maria@oak.exmaple";
const RIGHT = "maria@oak.example";

suite("Email Not Received: a misspelt address", () => {
  test("S11: refused mail is seen on the profile; address corrected and link sent in one step, received, redeemed", async () => {
    const { oak, maria } = await cast();
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await sendAndSeeRefused(admin, oak, maria);
    await page.getByRole("link", { name: "Correct address and send", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Correct address and send" });
    await correct(dialog.page(), maria);
    await sent(page);
    await page.getByText("Accepted by the mail server").waitFor({ timeout: 20_000 });
    await admin.leave();
    await comeBackIn(oak);
  });

  test("S11: the same without JavaScript", async () => {
    const { oak, maria } = await cast();
    const admin = await Visitor.arrive(oak, { javaScriptEnabled: false });
    await admin.signIn(oak.owner);
    await sendAndSeeRefused(admin, oak, maria);
    await admin.page.getByRole("link", { name: "Correct address and send", exact: true }).click();
    await admin.page.getByRole("heading", { name: "Correct address and send", level: 1 }).waitFor();
    await correct(admin.page, maria);
    await sent(admin.page);
    await admin.leave();
    await comeBackIn(oak);
  });
});

async function cast(): Promise<{ oak: TestInstance; maria: TestUser }> {
  rekey.sink.clear();
  rekey.sink.answer(({ verb, to }) =>
    verb === "RCPT" && to.at(-1) === WRONG ? "550 5.1.1 No such user here" : undefined,
  );
  const oak = await rekey.createInstance();
  return { oak, maria: await oak.addUser({ firstName: "Maria", lastName: "Gonzalez", email: WRONG }) };
}

async function sendAndSeeRefused(admin: Visitor, oak: TestInstance, maria: TestUser): Promise<void> {
  await admin.chooseUnderMore(maria, "Send Reset Link");
  await admin.page.getByRole("status").getByText("Reset Password Instruction has been sent").waitFor();
  await untilIdle(oak);
  await admin.open(`/settings/users/${maria.id}`);
  await admin.page.getByText("Refused by the mail server").waitFor();
  await admin.page.getByText("550 5.1.1 No such user here").waitFor();
  await admin.page.getByText(`The mail did not reach ${WRONG}`).waitFor();
}

/** The present address stands in the field, and left as it is it is refused in a sentence. */
async function correct(page: Page, maria: TestUser): Promise<void> {
  const field = page.getByLabel("Email", { exact: true });
  await field.waitFor();
  const send = page.getByRole("button", { name: "Correct address and send" });
  if ((await field.inputValue()) !== maria.email) throw new Error("The field does not begin with the present address");
  await send.click();
  await page.getByText("This is the address already.").first().waitFor();
  await field.fill(RIGHT);
  await send.click();
}

async function sent(page: Page): Promise<void> {
  await page.getByRole("status").getByText("Success Reset Password Instruction has been sent successfully!").waitFor();
  await page.getByText(`Reset link to ${RIGHT}`).waitFor();
}

async function comeBackIn(oak: TestInstance): Promise<void> {
  const person = await Visitor.arrive(oak);
  await person.open(`/reset-password/${tokenIn(await oak.mailTo(RIGHT, isResetLink))}`);
  await person.page.getByLabel("New Password").fill(NEW_PASSWORD);
  await person.page.getByLabel("Confirm Password").fill(NEW_PASSWORD);
  await person.page.getByRole("button", { name: "Save password" }).click();
  await person.page.waitForURL(/\/sign-in$/);
  await person.leave();
}
