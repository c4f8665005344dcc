import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { type TestInstance, testRekey } from "../support/rekey.ts";
import { NEW_PASSWORD } from "../support/reset-link.ts";

const rekey = await testRekey();

for (const javaScriptEnabled of [true, false]) {
  suite(`A ticket, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () => {
    test("S17: from asking for help to the sign-in that closes it, with one click in between", async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
      const person = await Visitor.arrive(oak, { javaScriptEnabled });
      await person.open("/sign-in");
      await person.page.getByRole("link", { name: "contact your administrator" }).click();
      await person.page.getByLabel("Your name").fill("Maria Gonzalez");
      await person.page.getByLabel("Your email").fill(maria.email);
      await person.page.getByLabel("What is the matter?").fill("I cannot sign in since Monday.");
      await person.page.getByRole("button", { name: "Send" }).click();
      await person.page.getByRole("heading", { name: "Your message is on its way" }).waitFor();

      const admin = await Visitor.arrive(oak, { javaScriptEnabled });
      const { page } = admin;
      await admin.signIn(oak.owner);
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Tickets" }).click();
      await untilShown(admin, () => page.getByRole("link", { name: "I cannot sign in since Monday." }).isVisible());
      await page.getByRole("link", { name: "I cannot sign in since Monday." }).click();
      const acts = page.getByRole("group", { name: `Actions for ${maria.name}` });
      await acts.getByRole("button", { name: "Send Reset Link" }).click();
      await page.getByRole("status").getByText("Reset Password Instruction has been sent successfully!").waitFor();
      await untilShown(admin, () => page.getByText("Spam or Junk").first().isVisible());
      assert(await page.getByText("Waiting for user").first().isVisible());

      const [link, reply] = [
        await linkTo(oak, maria.email, "reset-password"),
        await linkTo(oak, maria.email, "ticket-answers"),
      ];
      await person.open(link);
      await person.page.getByLabel("New Password", { exact: true }).fill(NEW_PASSWORD);
      await person.page.getByLabel("Confirm Password").fill(NEW_PASSWORD);
      await person.page.getByRole("button", { name: "Save password" }).click();
      await person.landOn("/sign-in");
      await person.open(reply);
      assert.doesNotMatch(person.page.url(), /ticket-answers\/./, "the token has left the address bar");
      if (javaScriptEnabled) assert.deepEqual(await person.accessibilityFaults(), []);
      await person.page.getByRole("button", { name: "I am in" }).click();
      await person.page.getByRole("heading", { name: "Thank you" }).waitFor();
      await untilShown(admin, () => page.getByText("I am in.").isVisible());
      await person.signIn(maria, NEW_PASSWORD);
      await untilShown(admin, () => page.getByText(/^Signed in at \d/).isVisible());
      assert(await page.getByText("Closed", { exact: true }).first().isVisible());
      if (javaScriptEnabled) {
        await admin.hear("Ticket 1: Closed");
        await admin.hear(`${maria.name}: Back in`);
        assert.deepEqual(await admin.accessibilityFaults(), []);
      }
      await Promise.all([person.leave(), admin.leave()]);
    });
  });
}

/** A page with a script follows by itself; without one, somebody looks again. */
async function untilShown(visitor: Visitor, isShown: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (let tries = 1; !(await isShown()); tries += 1) {
    assert(Date.now() < deadline, "it shows up");
    await visitor.page.waitForTimeout(250);
    if (tries % 8 === 0) await visitor.page.reload();
  }
}

async function linkTo(oak: TestInstance, address: string, kind: string): Promise<string> {
  const path = new RegExp(`/${kind}/[\\w.~-]+`);
  const { message } = await oak.mailTo(address, (mail) => path.test(mail.message.text ?? ""));
  return path.exec(message.text ?? "")?.[0] ?? "";
}
