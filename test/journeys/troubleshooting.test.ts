import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";

import type { Locator, Page } from "playwright-core";

import { HOUR_MS } from "#lib/clock.ts";
import { lockOut } from "../support/lock-out.ts";
import { Visitor } from "../support/journey.ts";
import { type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import { bounceLink } from "../support/report-mail.ts";
import { NEW_PASSWORD, setByMail } from "../support/reset-link.ts";
import { untilIdle } from "../support/tables.ts";

const rekey = await testRekey();

const SENT = "Reset Password Instruction has been sent successfully!";

/** An administrator before a page, and Maria, who cannot get in. */
interface Scene {
  readonly oak: TestInstance;
  readonly maria: TestUser;
  readonly admin: Visitor;
  readonly page: Page;
  /** Clicks, and counts it. */
  click(what: Locator): Promise<void>;
}

/** One line of the articles' troubleshooting, as it comes about, is shown, and is cured from where it is shown. */
interface Trouble {
  /** The first two cells of its row in `docs/articles.md`. */
  readonly line: string;
  readonly matter: string;
  /** The role of the administrator, an Owner if left out. */
  readonly role?: "support";
  /** It happens. */
  happen(scene: Scene): Promise<unknown>;
  /** What is shown, on the page that the administrator has opened by then. */
  see(scene: Scene): Promise<unknown>;
  /** Ends when the page says that it is cured. */
  cure(scene: Scene): Promise<unknown>;
}

const TROUBLES: readonly Trouble[] = [
  {
    line: "Email Not Received",
    matter: "the address is misspelt and the mail came back",
    happen: async (scene) => {
      await send(scene);
      await bounceLink(rekey, scene.oak, scene.maria, "Postfix, no such user");
    },
    see: (scene) => cause(scene, "The mail did not reach maria@oakrecvery.example"),
    cure: async ({ page, click }) => {
      await click(page.getByRole("link", { name: "Correct address and send" }).first());
      await click(page.getByRole("dialog").getByRole("button", { name: "Use maria@oakrecovery.example" }));
      await notified(page, SENT);
    },
  },
  {
    line: "Email Not Received",
    matter: "it lies in Spam or Junk",
    happen: send,
    see: async (scene) => {
      await cause(scene, "The link has not been opened");
      await scene.page.getByText("Ask them to look in spam for a mail from").waitFor();
    },
    cure: async ({ page, click }) => {
      await click(page.getByRole("button", { name: "Copy Subject" }));
      await page.getByText("Copied").first().waitFor();
    },
  },
  {
    line: "Reset Link Expired",
    matter: "the user waited too long",
    happen: async (scene) => {
      await send(scene);
      rekey.clock.advance(2 * HOUR_MS);
      await scene.admin.signIn(scene.oak.owner);
    },
    see: (scene) => cause(scene, "The link has expired"),
    cure: sendFromCause,
  },
  {
    line: "Notification Doesn't Appear",
    matter: "the administrator's own session has timed out",
    happen: async () => undefined,
    see: async () => rekey.clock.advance(13 * HOUR_MS),
    cure: async ({ oak, page, click }) => {
      await click(page.getByRole("button", { name: "Send Reset Link" }).first());
      const dialog = page.getByRole("dialog", { name: "Sign in again" });
      await dialog.getByLabel("Password", { exact: true }).fill(oak.owner.password ?? "");
      await click(dialog.getByRole("button", { name: "Sign in" }));
      await notified(page, SENT);
    },
  },
  {
    line: "Confirm Instance",
    matter: "the administrator is in another company's instance",
    happen: async ({ oak, maria, admin }) => {
      const pine = await alsoAtPine(oak, admin);
      await pine.addUser({ firstName: "Sam", lastName: "Lee", email: `sam.${maria.username}@people.example` });
    },
    see: async ({ admin, maria, page }) => {
      await admin.open(`/settings/users?q=sam.${maria.username}@people.example`);
      await page.getByText("Sam Lee has an account at Pine House, where you work too.").waitFor();
    },
    cure: async ({ page, click }) => {
      await click(page.getByRole("link", { name: "Go to Pine House" }));
      await click(page.getByRole("link", { name: "Information about Sam Lee" }));
      await click(page.getByRole("dialog", { name: "Sam Lee" }).getByRole("button", { name: "Send Reset Link" }));
      await notified(page, SENT);
    },
  },
  {
    line: "Confirm Instance",
    matter: "the user tried at another company's instance",
    happen: async ({ oak, maria, admin }) => {
      const pine = await alsoAtPine(oak, admin);
      await pine.api("POST", "/session", { json: { identifier: maria.email, password: "not quite right" } });
    },
    see: (scene) => cause(scene, "Tried at Pine House"),
    cure: sendFromCause,
  },
  {
    line: "Inactive accounts",
    matter: "the user was deactivated",
    happen: async ({ oak, maria }) => {
      const cookies = await oak.asOwner();
      await oak.api("POST", `/users/${maria.id}/deactivate`, { json: {}, cookies });
    },
    see: (scene) => cause(scene, "This user is inactive"),
    cure: async ({ page, click }) => {
      await click(block(page).getByRole("link", { name: "Reactivate" }));
      await click(page.getByRole("dialog").getByRole("button", { name: "Reactivate" }));
      await page.getByText("This user is inactive").waitFor({ state: "detached" });
    },
  },
  {
    line: "Unable to log in",
    matter: "the account is locked after failed sign-ins",
    happen: ({ oak, maria }) => lockOut(oak, maria.id),
    see: (scene) => cause(scene, /Locked after failed sign-ins, \d+ min left/),
    cure: async ({ page, click }) => {
      await click(block(page).getByRole("button", { name: "Enable Login" }));
      await notified(page, "Login is enabled: Maria Gonzalez can sign in again");
    },
  },
  {
    line: "Manual Password Failure",
    matter: "a space before or after it",
    happen: async () => undefined,
    see: async ({ page, admin, maria }) => {
      await admin.open(`/settings/users/${maria.id}/change-password`);
      await page.getByRole("radio", { name: "Type one" }).check();
      await page.getByRole("combobox", { name: /How did you make sure/ }).selectOption("Met in person");
      for (const label of ["New Password", "Confirm Password"])
        await page.getByLabel(label).fill("copper walnut canyon ");
      await page.getByText("It has a space at the end (shown as …␣).").first().waitFor();
    },
    cure: async ({ page, click }) => {
      await click(page.getByRole("button", { name: "Remove" }).first());
      await click(page.getByRole("button", { name: "Save" }));
      await notified(page, "Changed password successfully");
    },
  },
  {
    line: "Option Missing",
    matter: "the role is not Admin",
    role: "support",
    happen: async () => undefined,
    see: async ({ page }) => {
      await page.getByRole("button", { name: "More" }).click();
      await page.getByText("This needs the role Owner or Admin.").locator("visible=true").first().waitFor();
    },
    cure: async ({ page, click }) => {
      await click(page.getByRole("menuitem", { name: "Request access" }));
      await page.getByLabel("What do you need?").selectOption("recovery.set_temporary_password");
      await click(page.getByRole("button", { name: "Request access", exact: true }));
      await notified(page, "Your request is on its way to");
    },
  },
];

/** What `docs/articles.md` says of each: line, matter, how often one clicks from where it is shown. */
const DOCUMENTED = readFileSync(new URL("../../docs/articles.md", import.meta.url), "utf8")
  .split("\n")
  .map((row) => row.split("|").map((cell) => cell.trim()))
  .filter((cells) => /^\d+$/.test(cells[5] ?? ""))
  .map(([, line, matter, , , clicks]) => ({ line, matter, clicks: Number(clicks) }));

suite("Troubleshooting, line by line", () => {
  for (const { line, matter, role, happen, see, cure } of TROUBLES)
    test(`${line}: ${matter}`, async (t) => {
      const scene = await setScene(role);
      const { admin, maria } = scene.scene;
      await happen(scene.scene);
      await untilIdle(scene.scene.oak);
      await admin.open(`/settings/users/${maria.id}`);
      await see(scene.scene);
      const startedAt = performance.now();
      await cure(scene.scene);
      t.diagnostic(`${scene.clicks()} clicks, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      await admin.leave();
      const documented = DOCUMENTED.find((row) => row.line === line && row.matter === matter);
      assert.equal(scene.clicks(), documented?.clicks, "as often as docs/articles.md says");
    });

  test("is all that docs/articles.md lists", () => {
    assert.deepEqual(
      DOCUMENTED.map((row) => `${row.line}: ${row.matter}`).toSorted(),
      TROUBLES.map((trouble) => `${trouble.line}: ${trouble.matter}`).toSorted(),
    );
  });
});

async function setScene(role?: "support"): Promise<{ scene: Scene; clicks: () => number }> {
  rekey.sink.clear();
  const oak = await rekey.createInstance();
  for (const name of ["kim", "sam"]) await oak.addUser({ email: `${name}@oakrecovery.example` });
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez", email: "maria@oakrecvery.example" });
  const admin = await Visitor.arrive(oak, { permissions: ["clipboard-read", "clipboard-write"] });
  await admin.signIn(role ? await oak.addUser({ role }) : oak.owner);
  let clicks = 0;
  const click = async (what: Locator): Promise<void> => {
    clicks += 1;
    await what.click();
  };
  return { scene: { oak, maria, admin, page: admin.page, click }, clicks: () => clicks };
}

/** The administrator works at Pine House too, reads the mail of the address in both, and is signed in there. */
async function alsoAtPine(oak: TestInstance, admin: Visitor): Promise<TestInstance> {
  const pine = await rekey.createInstance("Pine House");
  const there = await pine.addUser({ email: oak.owner.email, role: "admin" });
  await setByMail(oak, oak.owner, oak.owner.password);
  await setByMail(pine, there);
  rekey.clock.advance(1);
  admin.mayGoTo(pine);
  await admin.signIn(oak.owner); // The password was set anew, which ended the session.
  await admin.page.goto(`${pine.instance.origin}/sign-in`);
  await admin.page.getByLabel("User name or email").fill(there.username);
  await admin.page.getByLabel("Password", { exact: true }).fill(NEW_PASSWORD);
  await admin.page.getByRole("button", { name: "Sign in" }).click();
  await admin.page.waitForURL(`${pine.instance.origin}/`);
  return pine;
}

async function send({ oak, maria }: Scene): Promise<void> {
  await oak.mailedToken(maria, await oak.asOwner());
}

function block(page: Page): Locator {
  return page.locator("section", { has: page.getByRole("heading", { name: "Why can’t Maria sign in?" }) });
}

async function cause({ page }: Scene, title: string | RegExp): Promise<void> {
  await block(page).getByText(title).first().waitFor();
}

async function sendFromCause({ page, click }: Scene): Promise<void> {
  await click(block(page).getByRole("button", { name: "Send Reset Link" }).first());
  await notified(page, SENT);
}

async function notified(page: Page, text: string): Promise<void> {
  await page.locator("[data-notification]").getByText(text).first().waitFor();
}
