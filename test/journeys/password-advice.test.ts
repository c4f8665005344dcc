import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Locator, Page } from "playwright-core";

import { Visitor } from "../support/journey.ts";
import { LEAKED_PASSWORDS } from "../support/password-list.ts";
import { type TestInstance, type TestUser, testRekey } from "../support/rekey.ts";

const rekey = await testRekey();
const GOOD = "violet harbor thunder kettle";
const TELEPHONE = { width: 390, height: 844 };
const HINT = "At least 15 characters.";

async function cast(): Promise<{ oak: TestInstance; maria: TestUser; token: string }> {
  const oak = await rekey.createInstance("Pine House Recovery");
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  return { oak, maria, token: await oak.mailedToken(maria, await oak.asOwner()) };
}

suite("Advice while a new password is typed", () => {
  test("P1 P3 P5: on the page of a link, on a telephone, in the words of the refusal; nothing moves; what it takes is taken", async () => {
    const { oak, token } = await cast();
    const person = await Visitor.arrive(oak, { viewport: TELEPHONE });
    const { page } = person;
    await person.open(`/reset-password/${token}`);
    const field = page.getByLabel("New Password");
    const advice = page.locator("#new_password-hint");
    assert.equal(await advice.getAttribute("aria-live"), "polite");
    const steady = await steadinessOf(page);

    await field.pressSequentially("violet", { delay: 20 });
    await advice.getByText("It has 6 characters; at least 15 are needed, so 9 more.").waitFor();
    assert.equal(await page.locator(".advice-refused").count(), 0, "nobody is blamed for having just begun");
    await steady("too short");
    for (const [typed, words] of [
      ["Maria Gonzalez 2026", /It is made of your name, your address, or the name of this CRM/],
      ["abcabcabcabcabcabc", /It repeats the same few characters/],
      ["PasswordPassword", /which is guessed first|on the list of passwords that are guessed first/],
      [LEAKED_PASSWORDS[0] ?? "", /It has been seen in a leak of another site/],
      ["P4ssw0rd!P4ssw0rd!2", /It can be used\. A random word or two more would make it much harder to guess/],
      [GOOD, /It can be used, and it is hard to guess\./],
    ] as const) {
      await field.fill(typed);
      await advice.getByText(words).waitFor();
      await steady(typed);
    }
    assert.deepEqual(await person.accessibilityFaults(), []);

    await field.fill(`${GOOD} `);
    await page.getByText("It has a space at the end (shown as …␣).").waitFor();
    await advice.locator("[data-verdict=unseen_edge]").waitFor({ state: "attached" });
    assert.equal(await advice.isVisible(), false, "it is said once");
    await page.getByRole("button", { name: "Remove" }).first().click();
    await advice.getByText("It can be used, and it is hard to guess.").waitFor();
    await field.fill("");
    await advice.getByText(HINT).waitFor();

    await saveBoth(page, "too short");
    await page.getByText("It has 9 characters; at least 15 are needed").first().waitFor();
    await saveBoth(page, GOOD);
    await page.getByText("Your new password is set").waitFor();
    await person.leave();
  });

  test("while a password is typed that nobody sees, Caps Lock is told, and no longer than it is on", async () => {
    const { oak } = await cast();
    const person = await Visitor.arrive(oak);
    const { page } = person;
    await person.open("/sign-in");
    const field = page.getByLabel("Password", { exact: true });
    const press = (modifierCapsLock: boolean) =>
      field.dispatchEvent("keydown", { key: "A", bubbles: true, modifierCapsLock });
    const told = page.getByRole("status").filter({ hasText: "Caps Lock is on." });
    await field.focus();
    await press(true);
    await told.waitFor();
    await press(false);
    await told.waitFor({ state: "detached" });
    await press(true);
    await told.waitFor();
    await page.getByLabel("User name or email").focus();
    await told.waitFor({ state: "detached" });
    const broken = page.waitForEvent("pageerror", { timeout: 300 }).catch(() => undefined);
    await field.evaluate((element) => element.dispatchEvent(new Event("keydown", { bubbles: true })));
    assert.equal(await broken, undefined, "a form filled in by a password manager breaks nothing");
    await page.getByRole("button", { name: "Show password" }).click();
    await press(true);
    assert.equal(await told.count(), 0, "who sees the letters needs no word");
    await person.leave();
  });

  test("P3: for one's own password, also while it must be changed; an answer that never comes leaves the hint", async () => {
    const { oak, maria } = await cast();
    const person = await Visitor.arrive(oak);
    const { page } = person;
    await person.signIn(maria);
    await person.open("/account/password");
    const advice = page.locator("#new_password-hint");
    await page.getByLabel("Current Password").fill("whatever it is");
    assert(!(await advice.innerText()).includes("It has"), "the current one is not judged");
    await page.getByLabel("New Password").fill("pinehouserecovery 1");
    await advice.getByText(/It is made of your name/).waitFor();
    await page.getByLabel("New Password").fill(GOOD);
    await advice.getByText("It can be used, and it is hard to guess.").waitFor();

    const asked = page.waitForRequest(/\/advice$/);
    await page.getByLabel("New Password").fill(`${GOOD} again`);
    const request = await asked;
    assert.equal(request.method(), "POST");
    assert.deepEqual([...new URLSearchParams(request.postData() ?? "").keys()], ["new_password"]);
    await page.route(/\/advice$/, (route) => route.fulfill({ status: 429 }));
    await page.getByLabel("New Password").fill("something else entirely");
    await advice.getByText(HINT).waitFor();
    await person.leave();
  });

  test("S9 P3: for a temporary one that an administrator types, about the person and not about “you”", async () => {
    const { oak, maria } = await cast();
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.chooseUnderMore(maria, "Change Password");
    const dialog = page.getByRole("dialog", { name: "Change Password" });
    await dialog.getByRole("radio", { name: "Type one" }).check();
    const field = dialog.getByLabel("New Password");
    const advice = dialog.locator("#new_password-hint");
    await field.fill("Maria Gonzalez 2026");
    await advice.getByText("It is made of the person’s name, their address, or the name of this CRM").waitFor();
    await field.fill("copper walnut");
    await advice.getByText("It has 13 characters; at least 15 are needed, so 2 more.").waitFor();
    await field.fill("copper walnut silver canyon");
    await advice.getByText("It can be used, and it is hard to guess.").waitFor();
    assert.deepEqual(await admin.accessibilityFaults(), []);
    await admin.leave();
  });

  test("P3 without JavaScript: the hint stays, and the refusal says the same", async () => {
    const { oak, token } = await cast();
    const person = await Visitor.arrive(oak, { viewport: TELEPHONE, javaScriptEnabled: false });
    const { page } = person;
    await person.open(`/reset-password/${token}`);
    for (const [password, words] of [
      ["Maria Gonzalez 2026", "It is made of your name, your address, or the name of this CRM"],
      [LEAKED_PASSWORDS[1] ?? "", "It has been seen in a leak of another site"],
      ["abcabcabcabcabcabc", "It repeats the same few characters"],
    ] as const) {
      await page.locator("#new_password-hint").getByText(HINT).waitFor();
      await saveBoth(page, password);
      await page.getByText(words).first().waitFor();
    }
    await saveBoth(page, GOOD);
    await page.getByText("Your new password is set").waitFor();
    await person.leave();
  });
});

async function saveBoth(page: Page, password: string): Promise<void> {
  await page.getByLabel("New Password").fill(password);
  await page.getByLabel("Confirm Password").fill(password);
  await page.getByRole("button", { name: "Save password" }).click();
}

/** @returns what makes sure that the button has not moved since now. */
async function steadinessOf(page: Page): Promise<(when: string) => Promise<void>> {
  const button: Locator = page.getByRole("button", { name: "Save password" });
  const before = await button.boundingBox();
  return async (when) => assert.deepEqual(await button.boundingBox(), before, when);
}
