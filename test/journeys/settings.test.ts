import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { isResetLink, type TestInstance, testRekey } from "../support/rekey.ts";

const rekey = await testRekey();

suite("CRM Settings", () => {
  test("S1: name and colour change at once on every page, for everybody, and in the next mail", async () => {
    const oak = await rekey.createInstance("Oak Recovery");
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await administrator(oak, "Instance");
    const { page } = admin;
    const stranger = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    await stranger.open("/sign-in");
    await page.getByLabel("Name", { exact: true }).fill("Cedar House");
    await page.getByRole("radio", { name: "Teal" }).check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("status").getByText("Success The settings were saved").waitFor();

    const check = async (visitor: Visitor, paths: readonly string[]): Promise<void> => {
      for (const path of paths) {
        await visitor.open(path);
        assert.match(await visitor.page.title(), /· Cedar House$/, path);
        const hue = await visitor.page.evaluate(() =>
          getComputedStyle(document.documentElement).getPropertyValue("--accent-hue"),
        );
        assert.equal(Number(hue), 180, path);
        assert.equal(await visitor.page.getByText("Oak Recovery").count(), 0, path);
      }
    };
    await check(admin, ["/", "/settings", "/settings/users", `/settings/users/${maria.id}`, "/account"]);
    await check(stranger, ["/sign-in", "/forgot-password", "/reset-password/cut-short"]);
    await stranger.leave();
    await admin.chooseUnderMore(maria, "Send Reset Link");
    const mail = await oak.mailTo(maria.email, isResetLink);
    assert.equal(mail.message.subject, "Set a new password for Cedar House");
    assert.equal(mail.message.from?.name, "Cedar House");
    await admin.leave();
  });

  test("S15: where the policy demands it, Send Reset Link asks how the administrator made sure of who is asking", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await administrator(oak, "Security");
    const { page } = admin;
    await page.getByRole("checkbox", { name: "Ask how the administrator made sure of who is asking" }).check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("status").getByText("Success The settings were saved").waitFor();
    await admin.chooseUnderMore(maria, "Send Reset Link");
    const dialog = page.getByRole("dialog", { name: "Send Reset Link" });
    assert.equal(oak.linksTo(maria).length, 0, "nothing is sent yet");
    await dialog.getByRole("combobox", { name: /How did you make sure that it is Maria/ }).selectOption("Video call");
    await dialog.getByRole("button", { name: "Send Reset Link" }).click();
    await page
      .getByRole("status")
      .getByText("Success Reset Password Instruction has been sent successfully!")
      .waitFor();
    await dialog.waitFor({ state: "hidden" });
    await oak.mailTo(maria.email, isResetLink);
    await admin.leave();
  });

  test("a policy out of its limits is told beside its field, and the rest of the form stays; within them it is saved", async () => {
    const oak = await rekey.createInstance();
    const admin = await administrator(oak, "Security");
    const { page } = admin;
    const lifetime = page.getByRole("spinbutton", { name: "A reset link works for, in minutes" });
    const idle = page.getByRole("spinbutton", { name: "Ends when nothing was done for, in minutes" });
    const typed = page.getByRole("checkbox", { name: "Administrators may type one themselves" });
    await lifetime.fill("5");
    await idle.fill("20");
    await typed.uncheck();
    await page.getByRole("button", { name: "Save" }).click();
    const isRefusedByBrowser = await lifetime.evaluate((field) => field.matches(":invalid:focus"));
    assert(isRefusedByBrowser, "the browser knows the limits and says so at the field");

    await lifetime.evaluate((field) => field.closest("form")?.setAttribute("novalidate", "")); // One that does not look.
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").getByRole("link", { name: "Enter a whole number from 10 to 1440." }).click();
    assert.match(await descriptionOf(lifetime), /Enter a whole number from 10 to 1440\.$/);
    assert.equal(await lifetime.inputValue(), "5");
    assert.equal(await idle.inputValue(), "20");
    assert(!(await typed.isChecked()));
    await lifetime.fill("30");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("status").getByText("Success The settings were saved").waitFor();
    assert.deepEqual([await lifetime.inputValue(), await idle.inputValue()], ["30", "20"]);

    await admin.chooseUnderMore(await oak.addUser(), "Change Password");
    const dialog = page.getByRole("dialog", { name: "Change Password" });
    await dialog.getByRole("button", { name: "Save" }).waitFor();
    assert.equal(await dialog.getByRole("radio").count(), 0, "typing is not offered any more");
    await admin.leave();
  });

  test("an API key is shown once, does what it was made for, and nothing once it is revoked; its use and acts are seen", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    await oak.addUser({ firstName: "Noah", lastName: "Fischer" });
    const admin = await administrator(oak, "API Keys");
    const { page } = admin;
    await page.getByText("No key yet").waitFor();
    await page.getByLabel("What is it for?").fill("Help desk");
    await page.getByRole("button", { name: "Make Key" }).click();
    await page.getByRole("alert").getByRole("link").waitFor();
    assert.equal(await page.getByLabel("What is it for?").inputValue(), "Help desk");
    await page.getByRole("checkbox", { name: "See users and what became of their links" }).check();
    await page.getByRole("checkbox", { name: "Send and revoke reset links" }).check();
    await page.getByRole("button", { name: "Make Key" }).click();
    await page.getByRole("main").getByText("The key Help desk was made").waitFor();
    const key = await page.getByLabel("API key", { exact: true }).inputValue();
    await admin.open("/settings/api-keys");
    assert(!(await page.content()).includes(key), "shown only once");
    await page.getByRole("row", { name: /Help desk .*Never/ }).waitFor();

    const headers = { authorization: `Bearer ${key}` };
    assert.equal((await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, headers })).status, 202);
    assert.equal((await oak.api("GET", "/settings", { headers })).status, 403, "it was not made for that");
    await admin.open("/settings/api-keys");
    await page.getByRole("row", { name: /Help desk .*just now/ }).waitFor();
    await page.getByRole("button", { name: "Revoke Help desk" }).click();
    await page.getByText("No key yet").waitFor();
    assert.equal((await oak.api("GET", "/users", { headers })).status, 401);

    await admin.chooseUnderMore(maria, "Send Reset Link");
    await page.getByRole("status").getByText("Reset Password Instruction").waitFor();
    await admin.open("/settings");
    await page.getByRole("main").getByRole("link", { name: "Audit" }).click();
    await page.getByRole("textbox", { name: "Person" }).fill("maria gonz");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByText("3 acts shown").waitFor();
    const rows = (await page.getByRole("table").getByRole("row").allInnerTexts()).slice(1);
    assert.deepEqual(
      rows.map((row) => /User created|Reset link requested/.exec(row)?.[0]),
      ["Reset link requested", "Reset link requested", "User created"],
    );
    assert(
      rows.every((row) => row.includes("Maria Gonzalez")),
      rows.join("\n"),
    );
    assert(rows[1]?.includes("Help desk"), "the key's act bears its name");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export CSV" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "audit.csv");
    const csv = await readFile(await download.path(), "utf8");
    assert.equal(csv.trimEnd().split("\r\n").length, 4, "what the page is filtered by, under a heading");
    await page.getByRole("combobox", { name: "Act" }).selectOption("API key made");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByText("Nothing was recorded like this").waitFor();
    await admin.leave();
  });
});

/** @returns the Owner's browser, at one of the places that CRM Settings leads to. */
async function administrator(oak: TestInstance, place: string): Promise<Visitor> {
  const admin = await Visitor.arrive(oak);
  await admin.signIn(oak.owner);
  await admin.page.getByRole("button", { name: "Settings", exact: true }).click();
  await admin.page.getByRole("link", { name: "CRM Settings" }).click();
  await admin.page.getByRole("main").getByRole("link", { name: place, exact: true }).click();
  await admin.page.getByRole("heading", { name: place, level: 1 }).waitFor();
  return admin;
}

/** @returns what a screen reader says of a field after its name: hint and fault. */
async function descriptionOf(field: { evaluate<R>(read: (element: Element) => R): Promise<R> }): Promise<string> {
  return field.evaluate((element) =>
    (element.ariaDescribedByElements ?? []).map((each) => each.textContent.trim()).join(" "),
  );
}
