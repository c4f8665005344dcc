import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { lockOut } from "../support/lock-out.ts";
import { testRekey } from "../support/rekey.ts";

const rekey = await testRekey();

suite("Enable Login", () => {
  test("S18: who mistypes ten times is locked and shown with the minutes left; Enable Login lets them in at once", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const person = await Visitor.arrive(oak, { viewport: { width: 390, height: 844 } });
    for (let time = 1; time <= 11; time += 1) {
      await person.trySignIn(maria, time > 10 ? (maria.password ?? "") : "not quite right");
      await person.page.getByText("The user name or password is not right.").waitFor();
    }
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open("/settings/users");
    await page.getByRole("row", { name: /Maria Gonzalez.*Locked, \d+ min left/ }).waitFor();
    await page.getByRole("link", { name: "Maria Gonzalez", exact: true }).click();
    await page.getByText(/Locked after failed sign-ins, \d+ min left/).waitFor();
    await page.getByText("Locked, whatever the password").waitFor();
    await page.getByRole("button", { name: "Enable Login" }).click();
    await page.getByRole("status").getByText("Login is enabled: Maria Gonzalez can sign in again").waitFor();
    await page.getByText(/Locked after failed sign-ins/).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Send Reset Link" }).waitFor();
    assert.equal(await page.getByRole("menuitem", { name: "Enable Login" }).count(), 0, "only while it lasts");

    await person.signIn(maria);
    await person.leave();
    await admin.open("/settings/sign-in-history");
    await page.getByRole("row", { name: /Maria Gonzalez.*Login enabled.*By / }).waitFor();
    await page.getByRole("row", { name: /Maria Gonzalez.*Locked after failed sign-ins/ }).waitFor();
    await admin.leave();
  });

  test("S18: stands under More while it lasts, and works without JavaScript", async () => {
    const oak = await rekey.createInstance();
    for (const javaScriptEnabled of [true, false]) {
      const user = await oak.addUser();
      await lockOut(oak, user.id);
      const admin = await Visitor.arrive(oak, { javaScriptEnabled });
      await admin.signIn(oak.owner);
      await admin.chooseUnderMore(user, "Enable Login");
      await admin.page.getByRole("status").getByText(`Login is enabled: ${user.name} can sign in again`).waitFor();
      await admin.leave();
      await oak.signIn(user);
    }
  });
});
