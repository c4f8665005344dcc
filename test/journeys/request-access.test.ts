import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { testRekey } from "../support/rekey.ts";

const rekey = await testRekey();

for (const javaScriptEnabled of [true, false]) {
  suite(`Request access, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () => {
    test("S14: Support sees why Change Password is not theirs and who has it, and asks for it", async () => {
      const oak = await rekey.createInstance();
      const [support, maria] = [await oak.addUser({ role: "support", firstName: "Sofia" }), await oak.addUser()];
      const visitor = await Visitor.arrive(oak, { javaScriptEnabled });
      const { page } = visitor;
      await visitor.signIn(support);
      await visitor.open(`/settings/users/${maria.id}`);
      await page.getByRole("button", { name: "More" }).click();
      await page.getByText("This needs the role Owner or Admin.").locator("visible=true").first().waitFor();
      const grantor = `${oak.owner.name} can give you what your role lacks`;
      await page.getByText(grantor).locator("visible=true").first().waitFor();
      await visitor.choose("Request access");
      await page.getByText(`${oak.owner.name} can give you another one`).waitFor();
      if (javaScriptEnabled) assert.deepEqual(await visitor.accessibilityFaults(), []);
      await page.getByLabel("What do you need?").selectOption("recovery.set_temporary_password");
      await page.getByLabel("Why?").fill("For the night shift");
      await page.getByRole("button", { name: "Request access", exact: true }).click();
      await page.getByRole("status").getByText(`Your request is on its way to ${oak.owner.name}`).waitFor();
      await visitor.leave();
      const mail = await oak.mailTo(oak.owner.email, ({ message }) => /requests access/.test(message.subject ?? ""));
      assert.match(mail.message.text ?? "", /For the night shift/);
    });
  });
}
