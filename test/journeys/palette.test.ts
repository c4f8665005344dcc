import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Visitor } from "../support/journey.ts";
import { testRekey } from "../support/rekey.ts";

const rekey = await testRekey();

suite("From any page", () => {
  test("three key strokes and part of a name send the link", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const ben = await oak.addUser({ firstName: "Ben", lastName: "Gonzo", role: "no_access" });
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open("/settings/mail");
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Send Reset Link" });
    await palette.getByRole("searchbox", { name: "Who cannot get in?" }).waitFor();
    await page.keyboard.type("gonz");
    await palette.getByText(`Send Reset Link to ${maria.email}`).waitFor();
    await palette.getByText(ben.name).waitFor();
    assert.deepEqual(await admin.accessibilityFaults(), []);
    await page.keyboard.press("ArrowDown");
    assert.match(String(await page.evaluate("document.activeElement.textContent")), /Maria Gonzalez/);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type("alez");
    await page.keyboard.press("Enter");
    await page.locator("[data-notification]").getByText("Reset Password Instruction has been sent").waitFor();
    assert(await palette.isHidden());
    await admin.leave();
    await oak.mailTo(maria.email);
    assert.equal(oak.linksTo(maria).length, 1);
    assert.equal(oak.linksTo(ben).length, 0);
  });

  test("of several who are found Enter leads to the first, and the next one sends", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const tom = await oak.addUser({ firstName: "Tom", lastName: "Gonzo" });
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open("/palette");
    await page.keyboard.type("gonz");
    await page.keyboard.press("Enter");
    await page.locator(`#found-${maria.id}:focus`).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    const profile = page.getByRole("link", { name: `Profile of ${tom.name}` });
    assert.equal(await profile.evaluate((link) => link === document.activeElement), true, "Tab leads to the profile");
    await page.keyboard.press("ArrowUp");
    await page.locator(`#found-${maria.id}:focus`).waitFor();
    assert.equal(oak.linksTo(maria).length + oak.linksTo(tom).length, 0, "nothing was sent to who was not chosen");
    await page.keyboard.press("Enter");
    await page.locator("[data-notification]").getByText("Reset Password Instruction has been sent").waitFor();
    await admin.leave();
    await oak.mailTo(maria.email);
    assert.equal(oak.linksTo(tom).length, 0);
  });

  test("Enter is for who was typed before the page could act on it", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    const slowly = Promise.withResolvers<void>();
    await page.route("**/*.js", async (route) => {
      await slowly.promise;
      await route.continue();
    });
    await page.goto(`${oak.instance.origin}/palette`, { waitUntil: "commit" });
    await page.getByRole("searchbox", { name: "Who cannot get in?" }).fill("gonz");
    slowly.resolve();
    await page.locator(".scripted").waitFor();
    await page.keyboard.press("Enter");
    await page.locator("[data-notification]").getByText("Reset Password Instruction has been sent").waitFor();
    await admin.leave();
    await oak.mailTo(maria.email);
  });

  test("who can be sent no link is cured on the profile, on a telephone as well", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez-Hernandez de la Vega" });
    await oak.api("POST", `/users/${maria.id}/deactivate`, { json: {}, cookies: await oak.asOwner() });
    const admin = await Visitor.arrive(oak, { viewport: { width: 390, height: 800 } });
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.open("/palette?q=gonz");
    await page.getByRole("searchbox", { name: "Who cannot get in?" }).press("Enter");
    await page.locator(`#found-${maria.id}:focus`).waitFor(); // Where the reason is read.
    assert.deepEqual(await admin.accessibilityFaults(), []);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
    await page.getByRole("link", { name: `Profile of ${maria.name}` }).click();
    await admin.landOn(`/settings/users/${maria.id}`);
    await admin.leave();
    assert.equal(oak.linksTo(maria).length, 0);
  });

  test("the same without JavaScript", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
    const admin = await Visitor.arrive(oak, { javaScriptEnabled: false });
    const { page } = admin;
    await admin.signIn(oak.owner);
    await page.getByRole("link", { name: "Who cannot get in?" }).click();
    await page.getByRole("searchbox", { name: "Who cannot get in?" }).fill("gonz");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Maria Gonzalez/ }).click();
    await page.locator("[data-notification]").getByText("Reset Password Instruction has been sent").waitFor();
    await admin.leave();
    await oak.mailTo(maria.email);
  });
});
