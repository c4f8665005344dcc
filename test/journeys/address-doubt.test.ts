import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { isResetLink, type TestInstance, testRekey } from "../support/rekey.ts";

const rekey = await testRekey();

suite("S11: a misspelt address", () => {
  for (const javaScriptEnabled of [true, false]) {
    test(`is asked about before it is saved, and mended at a click, ${javaScriptEnabled ? "with" : "without"} a script`, async () => {
      const oak = await oakRecovery();
      const admin = await Visitor.arrive(oak, { javaScriptEnabled });
      const { page } = admin;
      await admin.signIn(oak.owner);
      await admin.open("/settings/users/new");
      await page.getByLabel("First Name").fill("Kim");
      await page.getByLabel("Last Name").fill("Nguyen");
      await page.getByLabel("Email").fill("kim.nguyen@oakrecvery.example");
      await page.getByLabel("Department").fill("Admissions");
      await page.getByRole("button", { name: "Create User" }).click();
      const question = page.getByRole("alert").filter({ hasText: "Did you mean kim.nguyen@oakrecovery.example?" });
      await question.waitFor();
      assert.equal(await page.getByLabel("Department").inputValue(), "Admissions", "what was typed stays");
      if (javaScriptEnabled) assert.deepEqual(await admin.accessibilityFaults(), []);

      await page.getByLabel("Last Name").press("Enter");
      await question.waitFor();
      await page.getByRole("button", { name: "Use kim.nguyen@oakrecovery.example" }).click();
      await page.getByRole("heading", { name: "Kim Nguyen" }).waitFor();
      await admin.leave();
      await oak.mailTo("kim.nguyen@oakrecovery.example", isResetLink);
    });
  }

  test("that was saved as it is, is asked about where the link is sent from", async () => {
    const oak = await oakRecovery();
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    const tom = await oak.addUser({ firstName: "Tom", lastName: "Wu" });
    await admin.open(`/settings/users/${tom.id}/edit`);
    await page.getByLabel("Email").fill("tom@oakrecovry.example");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Save as it is" }).click();
    await page.getByRole("heading", { name: "Tom Wu" }).waitFor();
    await page.getByRole("button", { name: "More" }).click();
    const said = "To tom@oakrecovry.example. Is this address right? Did you mean tom@oakrecovery.example?";
    await page.getByText(said).waitFor();
    await admin.leave();
  });
});

async function oakRecovery(): Promise<TestInstance> {
  const oak = await rekey.createInstance();
  for (const name of ["maria", "sam"]) await oak.addUser({ email: `${name}@oakrecovery.example` });
  return oak;
}
