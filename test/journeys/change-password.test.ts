import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Locator, Page } from "playwright-core";

import { Visitor } from "../support/journey.ts";
import { type TestInstance, type TestUser, testRekey } from "../support/rekey.ts";

const rekey = await testRekey();
const OWN_PASSWORD = "violet harbor thunder kettle";
const TYPED = "copper walnut silver canyon";
const MISMATCH = "New Password and Confirm Password are not the same. Type both again.";

interface Cast {
  readonly oak: TestInstance;
  readonly maria: TestUser;
  readonly dana: TestUser;
}

async function cast(): Promise<Cast> {
  const oak = await rekey.createInstance();
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  const dana = await oak.addUser({ role: "admin", firstName: "Dana", lastName: "Whitfield" });
  return { oak, maria, dana };
}

suite("How to Reset a User Password: Change Password", () => {
  test("the slip is one page, however long the list behind it is, and has nothing else on it", async () => {
    const { oak, maria, dana } = await cast();
    await Promise.all(Array.from({ length: 45 }, () => oak.addUser({ password: null })));
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(dana);
    await admin.open("/settings/users");
    await page.getByRole("link", { name: "Information about Maria Gonzalez" }).click();
    await page.getByRole("dialog", { name: "Maria Gonzalez" }).getByRole("link", { name: "Change Password" }).click();
    const dialog = page.getByRole("dialog", { name: "Change Password" });
    await verify(dialog, "Called back on the number on file");
    await dialog.getByRole("button", { name: "Save" }).click();
    const password = await generatedIn(dialog);
    await page.emulateMedia({ media: "print" });
    const printed = await page.locator("body").innerText();
    assert(printed.includes(password) && printed.includes(maria.username), printed);
    assert(!printed.includes("Manage Users") && !printed.includes("Print a slip"), printed);
    assert.equal((await page.pdf()).toString("latin1").match(/\/Type\s*\/Page\b/g)?.length, 1);
    await admin.leave();
  });

  test("S9 S15: by the information icon; confirmed and shown once; it signs in pasted with a space; seen without a reload", async () => {
    const { oak, maria, dana } = await cast();
    const admin = await Visitor.arrive(oak, { permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = admin;
    await admin.signIn(dana);
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.getByRole("link", { name: "CRM Settings" }).click();
    await page.getByRole("main").getByRole("link", { name: "Manage Users" }).click();
    await page.getByRole("link", { name: "Information about Maria Gonzalez" }).click();
    await page.getByRole("dialog", { name: "Maria Gonzalez" }).getByRole("link", { name: "Change Password" }).click();

    const dialog = page.getByRole("dialog", { name: "Change Password" });
    assert(await dialog.getByRole("radio", { name: "Generate" }).isChecked(), "Generate is the default");
    await verify(dialog, "Called back on the number on file");
    await dialog.getByRole("button", { name: "Save" }).click();

    const notification = page.getByRole("status").getByText("Success Changed password successfully");
    await notification.waitFor();
    const box = await notification.boundingBox();
    assert(box && box.x > 640 && box.y < 200, "it stands at the top right");
    const password = await generatedIn(dialog);
    await dialog.getByRole("button", { name: "Copy" }).click();
    await dialog.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), password);
    const groups = await dialog.getByRole("list", { name: "Over the telephone" }).getByRole("listitem").allInnerTexts();
    assert.equal(
      groups
        .map((group) =>
          group
            .split(" ")
            .map(([first]) => first)
            .join(""),
        )
        .join("-"),
      password,
      "each word stands for its first letter",
    );
    await dialog.getByRole("link", { name: "Done" }).click();
    await dialog.waitFor({ state: "hidden" });
    assert(!(await page.content()).includes(password), "it is gone with the dialog");

    await page.getByRole("dialog", { name: "Maria Gonzalez" }).getByRole("link", { name: "Open the profile" }).click();
    const steps = page.getByRole("list", { name: "Temporary password, step by step" });
    await steps.getByText("By Dana Whitfield").waitFor();
    assert(!(await page.content()).includes(password));

    const person = await Visitor.arrive(oak);
    await person.trySignIn(maria, `${password} `);
    await requireOwnPassword(person);
    await chooseOwnPassword(person.page, password);
    await person.page.getByText("You are in").waitFor();
    await person.leave();

    await steps.getByText("New password set").waitFor({ timeout: 20_000 });
    await steps.getByText("Signed in", { exact: true }).waitFor();
    await page.getByText("Back in", { exact: true }).waitFor();
    await admin.leave();
  });

  test("S9: by More on the profile; it signs in as it was heard, in lower case with spaces for hyphens", async () => {
    const { oak, maria, dana } = await cast();
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(dana);
    await admin.open("/settings/users");
    await page.getByRole("link", { name: "Maria Gonzalez", exact: true }).click();
    await page.getByRole("button", { name: "More" }).click();
    await admin.choose("Change Password");
    const dialog = page.getByRole("dialog", { name: "Change Password" });
    await verify(dialog, "Another way");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("link", { name: "Say in a few words how you made sure that it is them." }).click();
    await dialog.getByRole("textbox", { name: "Note" }).fill("Knew the name of the last ticket");
    await dialog.getByRole("button", { name: "Save" }).click();
    const password = await generatedIn(dialog);
    await page.keyboard.press("Escape");
    await page.waitForTimeout(300); // What must not happen would have happened by now.
    assert.equal(await generatedIn(dialog), password, "what is shown only once is not lost by a slip of the hand");
    await dialog.getByRole("link", { name: "Done" }).click();
    await dialog.waitFor({ state: "hidden" });
    await page.getByText("Temporary password", { exact: true }).first().waitFor();

    const person = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    await person.trySignIn(maria, maria.password ?? "");
    await person.page.getByText("The user name or password is not right.").waitFor();
    await person.trySignIn(maria, password.toLowerCase().replaceAll("-", " "));
    await requireOwnPassword(person);
    await chooseOwnPassword(person.page, password);
    await person.landOn("/account");
    await person.leave();
    await admin.leave();
  });

  test("S10: spaces at the ends of a typed one are marked while typing and removed at a click; a mismatch loses nothing else", async () => {
    const { oak, maria, dana } = await cast();
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(dana);
    await admin.chooseUnderMore(maria, "Change Password");
    const dialog = page.getByRole("dialog", { name: "Change Password" });
    await dialog.getByRole("radio", { name: "Type one" }).check();
    await verify(dialog, "Met in person");
    await dialog.getByRole("textbox", { name: "Note" }).fill("At the front desk");
    const [password, again] = [dialog.getByLabel("New Password"), dialog.getByLabel("Confirm Password")];

    await password.pressSequentially(` ${TYPED}`);
    await dialog.getByText("It has a space at the beginning (shown as ␣…).").waitFor();
    await password.press("Space");
    await dialog.getByText("It has a space at the beginning and at the end (shown as ␣…␣).").waitFor();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await dialog.getByText("It has a space").waitFor({ state: "hidden" });
    assert.equal(await password.inputValue(), TYPED);
    await again.fill("copper walnut silver canyons");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(MISMATCH).first().waitFor();
    assert(await dialog.getByRole("radio", { name: "Type one" }).isChecked());
    assert.equal(await dialog.getByRole("textbox", { name: "Note" }).inputValue(), "At the front desk");
    assert.equal(
      await dialog.getByRole("combobox", { name: /How did you make sure that it is Maria/ }).inputValue(),
      "in_person",
    );

    await password.fill(TYPED);
    await again.fill(TYPED);
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("status").getByText("Success Changed password successfully").waitFor();
    await dialog.getByText("Verified: this password signs in").waitFor();
    await dialog.getByRole("link", { name: "Done" }).click();
    await admin.leave();

    const person = await Visitor.arrive(oak);
    await person.trySignIn(maria, ` ${TYPED} `);
    await requireOwnPassword(person);
    await person.leave();
  });

  test("S9 S10 without JavaScript: Change Password is a page; the refusal shows the spaces; what is saved signs in", async () => {
    const { oak, maria, dana } = await cast();
    const admin = await Visitor.arrive(oak, { javaScriptEnabled: false });
    const { page } = admin;
    await admin.signIn(dana);
    await admin.chooseUnderMore(maria, "Change Password");
    const main = page.getByRole("main");
    await main.getByRole("heading", { name: "Change Password", level: 1 }).waitFor();
    const type = async (password: string, again: string): Promise<void> => {
      await main.getByLabel("New Password").fill(password);
      await main.getByLabel("Confirm Password").fill(again);
      await main.getByRole("button", { name: "Save" }).click();
    };
    await main.getByRole("radio", { name: "Type one" }).check();
    await verify(main, "Met in person");
    await type(`${TYPED} `, `${TYPED} `);
    await main
      .getByText(/It has a space at the end/)
      .first()
      .waitFor();
    await type(TYPED, `${TYPED}s`);
    await main.getByText(MISMATCH).first().waitFor();
    await type(TYPED, TYPED);
    await page.getByRole("status").getByText("Success Changed password successfully").waitFor();
    await main.getByText("Verified: this password signs in").waitFor();
    await main.getByRole("link", { name: "Done" }).click();
    await main.getByRole("heading", { name: "Maria Gonzalez", level: 1 }).waitFor();

    await admin.chooseUnderMore(maria, "Change Password");
    await verify(main, "Video call");
    await main.getByRole("button", { name: "Save" }).click();
    const password = await generatedIn(main);
    await admin.leave();

    const person = await Visitor.arrive(oak, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    await person.trySignIn(maria, password);
    await requireOwnPassword(person);
    await chooseOwnPassword(person.page, password);
    await person.landOn("/account");
    await person.leave();
  });
});

async function verify(form: Locator, method: string): Promise<void> {
  await form.getByRole("combobox", { name: /How did you make sure that it is Maria/ }).selectOption(method);
}

/** @returns the password that was just made, which is said to sign in. */
async function generatedIn(result: Locator): Promise<string> {
  await result.getByText("Verified: this password signs in").waitFor();
  const password = await result.getByLabel("Temporary password of Maria Gonzalez").inputValue();
  assert.match(password, /^[A-Z2-9]{4}(-[A-Z2-9]{4}){3}$/);
  return password;
}

/** Signed in with a temporary password, the person is led to choosing their own, wherever they want to go. */
async function requireOwnPassword(person: Visitor): Promise<void> {
  const heading = person.page.getByRole("heading", { name: "Choose your own password" });
  await heading.waitFor();
  for (const path of ["/", "/settings/users", "/account"]) {
    await person.open(path);
    await person.landOn("/account/password");
    await heading.waitFor();
  }
}

async function chooseOwnPassword(page: Page, temporary: string): Promise<void> {
  await page.getByLabel("Temporary Password").fill(temporary);
  await page.getByLabel("New Password").fill(OWN_PASSWORD);
  await page.getByLabel("Confirm Password").fill(OWN_PASSWORD);
  await page.getByRole("button", { name: "Save password" }).click();
}
