import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { testRekey } from "../support/rekey.ts";

const rekey = await testRekey();

for (const javaScriptEnabled of [true, false]) {
  suite(`A second administrator, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () => {
    test("A4: approves what a first one asked for, and is shown the temporary password", async () => {
      const oak = await rekey.createInstance();
      const [ann, ben] = [
        await oak.addUser({ role: "admin", firstName: "Ann", lastName: "Park" }),
        await oak.addUser({ role: "admin", firstName: "Ben", lastName: "Ruiz" }),
      ];
      const asker = await Visitor.arrive(oak, { javaScriptEnabled });
      await asker.signIn(ann);
      await asker.chooseUnderMore(ben, "Change Password");
      const { page } = asker;
      await page.getByLabel("How did you make sure that it is Ben?").selectOption("Met in person");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("A second administrator has to approve this").locator("visible=true").first().waitFor();
      await asker.open("/settings/approvals");
      await page.getByText("You asked for it; another administrator decides.").waitFor();

      const owner = await Visitor.arrive(oak, { javaScriptEnabled, viewport: { width: 390, height: 844 } });
      await owner.signIn(oak.owner);
      await owner.open("/settings/approvals");
      await owner.page.getByText("Met in person").waitFor();
      await owner.page.getByRole("button", { name: "Approve for Ben Ruiz" }).click();
      await owner.page.getByText("Verified: this password signs in").waitFor();
      if (javaScriptEnabled) assert.deepEqual(await owner.accessibilityFaults(), []);
      const password = await owner.page.getByLabel("Temporary password of Ben Ruiz").inputValue();
      await owner.leave();

      await asker.open("/settings/approvals");
      await page.getByRole("row", { name: /Change Password.*Ben Ruiz.*Approved/ }).waitFor();
      await asker.leave();
      const target = await Visitor.arrive(oak, { javaScriptEnabled });
      await target.trySignIn(ben, password);
      await target.landOn("/account/password");
      await target.leave();
    });
  });
}
