import { suite, test } from "node:test";

import type { Locator } from "playwright-core";

import { Visitor } from "../support/journey.ts";
import { type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";

const rekey = await testRekey();

suite("Why can this person not sign in?", () => {
  test("who is locked is shown with the minutes left, changes by itself, and is cured from there by one click", async () => {
    const oak = await rekey.createInstance();
    const maria = await addMaria(oak);
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open(`/settings/users/${maria.id}`);
    const block = blockOf(admin);
    await page.getByRole("heading", { name: "Can Maria sign in?" }).waitFor();
    await mistype(oak, maria.username, 10);
    await block.getByText(/Locked after failed sign-ins, (59|60) min left/).waitFor();
    await block.getByText("10 wrong passwords").waitFor();
    await block.getByRole("button", { name: "Enable Login" }).click();
    await page.getByRole("status").getByText("Login is enabled: Maria Gonzalez can sign in again").waitFor();
    await block.getByText(/Locked after failed sign-ins/).waitFor({ state: "detached" });
    await oak.signIn(maria);
    await page.getByText("Nothing is in the way: signed in just now").waitFor();
    await admin.leave();
  });

  test("a user name that is nearly right is shown beside the right one, and a link that names it is sent at a click", async () => {
    const oak = await rekey.createInstance();
    const maria = await addMaria(oak);
    await mistype(oak, "maria.gonzales", 2);
    for (const javaScriptEnabled of [true, false]) {
      const admin = await Visitor.arrive(oak, { javaScriptEnabled });
      await admin.signIn(oak.owner);
      await admin.open(`/settings/users/${maria.id}`);
      const block = blockOf(admin);
      const row = block.locator(".callout, .cause").filter({ hasText: "Tried as “maria.gonzales”, which nobody has" });
      await row.getByText("The user name is maria.gonzalez").waitFor();
      await row.getByRole("button", { name: "Send Reset Link" }).click();
      await admin.page.getByRole("status").getByText("Reset Password Instruction has been sent").waitFor();
      await block.getByText("The link has not been opened").waitFor();
      await admin.leave();
    }
  });
});

function blockOf({ page }: Visitor): Locator {
  return page.locator("section", { has: page.getByRole("heading", { name: "Why can’t Maria sign in?" }) });
}

function addMaria(oak: TestInstance): Promise<TestUser> {
  return oak.addUser({ firstName: "Maria", lastName: "Gonzalez", username: "maria.gonzalez" });
}

async function mistype(oak: TestInstance, identifier: string, times: number): Promise<void> {
  for (let time = 1; time <= times; time += 1)
    await oak.api("POST", "/session", { json: { identifier, password: "not quite right" } });
}
