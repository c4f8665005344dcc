import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { MINUTE_MS } from "#lib/clock.ts";
import { Visitor } from "../support/journey.ts";
import { testRekey } from "../support/rekey.ts";
import { rowsOf } from "../support/tables.ts";

const rekey = await testRekey();

for (const javaScriptEnabled of [true, false]) {
  suite(`A fresh sign-in, ${javaScriptEnabled ? "in place" : "without JavaScript"}`, () => {
    test("SE6: is asked for when it matters; then the click goes through, once, with what was typed", async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
      const admin = await Visitor.arrive(oak, { javaScriptEnabled });
      const { page } = admin;
      await admin.signIn(oak.owner);
      await admin.chooseUnderMore(maria, "Change Password");
      const asked = javaScriptEnabled ? page.getByRole("dialog", { name: "Change Password" }) : page.getByRole("main");
      await asked
        .getByLabel("How did you make sure that it is Maria?")
        .selectOption("Called back on the number on file");
      await asked.getByLabel("Note").fill("On the extension in the staff list");
      rekey.clock.advance(11 * MINUTE_MS);
      await asked.getByRole("button", { name: "Save" }).click();

      const confirm = javaScriptEnabled
        ? page.getByRole("dialog", { name: "Confirm that it is you" })
        : page.getByRole("main");
      await confirm.getByLabel("Your password", { exact: true }).fill("not my password");
      await confirm.getByRole("button", { name: "Confirm" }).click();
      await confirm.getByText("This is not your password.").first().waitFor();
      if (javaScriptEnabled) assert.deepEqual(await admin.accessibilityFaults(), []);
      await confirm.getByLabel("Your password", { exact: true }).fill(oak.owner.password ?? "");
      await confirm.getByRole("button", { name: "Confirm" }).click();
      await page.getByText("Verified: this password signs in").waitFor();
      await admin.leave();

      const verifications = await rowsOf(oak, "verifications");
      assert.deepEqual(
        verifications.map(({ method, note }) => [method, note]),
        [["call_back", "On the extension in the staff list"]],
      );
      const changes = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "password.change");
      assert.equal(changes.length, 1);
    });
  });
}
