import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import { Visitor } from "../support/journey.ts";
import { GOOD_PASSWORD, isResetLink, type TestInstance, testRekey, tokenIn } from "../support/rekey.ts";
import { NEW_PASSWORD } from "../support/reset-link.ts";
import { rowsOf } from "../support/tables.ts";

const rekey = await testRekey();

/** The answer to the first click is still out when the second comes. */
const SLOW_LINE_MS = 700;

for (const javaScriptEnabled of [true, false]) {
  suite(`S12: links that no longer work, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () => {
    test("an expired link says so and when, and mails a fresh one at one click", async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser();
      const token = await oak.mailedToken(maria, await oak.asOwner());
      rekey.clock.advance(HOUR_MS + MINUTE_MS);
      const person = await Visitor.arrive(oak, { javaScriptEnabled });
      await person.open(`/reset-password/${token}`);
      await person.page.getByRole("heading", { name: "This link has expired" }).waitFor();
      await person.page.getByText(/It ended on \d{1,2} \w{3} \d{4}, \d\d:\d\d UTC/).waitFor();
      await person.page.getByRole("button", { name: "Send me a fresh link" }).click();
      await person.page.getByRole("heading", { name: "A fresh link is on its way" }).waitFor();
      const fresh = await oak.mailTo(maria.email, (mail) => isResetLink(mail) && tokenIn(mail) !== token);
      await person.open(`/reset-password/${tokenIn(fresh)}`);
      await person.page.getByLabel("New Password").waitFor();
      await person.leave();
    });

    test("a used link says when it was used and leads to sign-in", async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser();
      const token = await oak.mailedToken(maria, await oak.asOwner());
      await oak.api("POST", "/recovery-redemptions", { json: { token, password: GOOD_PASSWORD } });
      const person = await Visitor.arrive(oak, { javaScriptEnabled });
      await person.open(`/reset-password/${token}`);
      await person.page.getByRole("heading", { name: "This link was already used" }).waitFor();
      await person.page.getByText(/It was used on \d{1,2} \w{3} \d{4}/).waitFor();
      await person.page.getByRole("link", { name: "Sign in", exact: true }).click();
      await person.page.waitForURL(/\/sign-in$/);
      await person.leave();
    });

    test("a link cut short says that it is not complete and how to get a whole one", async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser();
      const token = await oak.mailedToken(maria, await oak.asOwner());
      const person = await Visitor.arrive(oak, { javaScriptEnabled });
      await person.open(`/reset-password/${token.slice(0, -3)}`);
      await person.page.getByRole("heading", { name: "This link is not complete" }).waitFor();
      await person.page.getByRole("link", { name: "Ask for a fresh link" }).click();
      await person.page.getByRole("heading", { name: "Forgot password?" }).waitFor();
      await person.leave();
    });

    test("a revoked link says that a newer step replaced it and offers a fresh one", async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser();
      const admin = await oak.asOwner();
      const token = await oak.mailedToken(maria, admin);
      const { items } = (await oak.api("GET", `/recoveries?user_id=${maria.id}`, { cookies: admin })).json() as {
        items: { id: string }[];
      };
      await oak.api("DELETE", `/recoveries/${items[0]?.id}`, { cookies: admin });
      const person = await Visitor.arrive(oak, { javaScriptEnabled });
      await person.open(`/reset-password/${token}`);
      await person.page.getByRole("heading", { name: "A newer step replaced this link" }).waitFor();
      await person.page.getByRole("button", { name: "Send me a fresh link" }).click();
      await person.page.getByRole("heading", { name: "A fresh link is on its way" }).waitFor();
      await oak.mailTo(maria.email, (mail) => isResetLink(mail) && tokenIn(mail) !== token);
      await person.leave();
    });
  });
}

test("S8 a second click on Save changes nothing, and whoever goes back is told that the password is set", async () => {
  const oak = await rekey.createInstance();
  const maria = await oak.addUser();
  const token = await oak.mailedToken(maria, await oak.asOwner());
  const person = await Visitor.arrive(oak);
  const { page } = person;
  await person.open(`/reset-password/${token}`);
  let sent = 0;
  await page.route("**/reset-password", async (route) => {
    sent += 1;
    await pause(SLOW_LINE_MS);
    await route.continue();
  });
  await page.getByLabel("New Password").fill(NEW_PASSWORD);
  await page.getByLabel("Confirm Password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Save password" }).dblclick({ delay: 20 });
  await page.getByText("Your new password is set").waitFor();
  assert.match(await page.title(), /^Your new password is set · Sign in · /, "a screen reader says so first");
  assert.equal(sent, 1);
  await page.unroute("**/reset-password");
  await person.open(`/reset-password?recovery=${await onlyRecovery(oak)}`);
  await page.getByText("Your new password is set").waitFor();
  await person.leave();
});

async function onlyRecovery(oak: TestInstance): Promise<string> {
  return String((await rowsOf(oak, "recoveries"))[0]?.id);
}
