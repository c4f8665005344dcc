import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { testRekey } from "../support/rekey.ts";
import { openedTicket, readTicket } from "../support/ticket.ts";

const rekey = await testRekey();

for (const javaScriptEnabled of [true, false]) {
  suite(`Deactivating somebody with tickets, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () => {
    test("S18: asks to whom they go, with a grey button until somebody is chosen", async () => {
      const oak = await rekey.createInstance();
      const cookies = await oak.asOwner();
      const leaving = await oak.addUser({ role: "support", firstName: "Lena", lastName: "Maier" });
      const successor = await oak.addUser({ role: "support", firstName: "Sofia", lastName: "Marin" });
      const { id } = await openedTicket(oak);
      await oak.api("PATCH", `/tickets/${id}`, { json: { assignee: leaving.id }, cookies });
      const visitor = await Visitor.arrive(oak, { javaScriptEnabled });
      const { page } = visitor;
      await visitor.signIn(oak.owner);
      await visitor.chooseUnderMore(leaving, "Deactivate");
      const choice = page.getByLabel("Who takes over the open ticket of Lena?");
      await choice.waitFor();
      const button = page.getByRole("button", { name: "Deactivate", exact: true });
      const groundOf = (): Promise<string> => button.evaluate((element) => getComputedStyle(element).backgroundColor);
      const grey = await groundOf();
      if (javaScriptEnabled) assert.deepEqual(await visitor.accessibilityFaults(), []);
      await button.click();
      assert(await choice.isVisible(), "nothing is done without a choice");
      await choice.selectOption("Sofia Marin");
      await page.mouse.move(0, 0);
      assert.notEqual(await groundOf(), grey);
      await button.click();
      await page.getByRole("status").getByText("Lena Maier is inactive").waitFor();
      await visitor.leave();
      assert.equal((await readTicket(oak, id, cookies)).assignee, successor.id);
    });
  });
}
