import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";

import { Visitor } from "../support/journey.ts";
import { times } from "../support/numbers.ts";
import { openedReply } from "../support/opened-reply.ts";
import { type TestInstance, type TestUser, testRekey } from "../support/rekey.ts";
import { suppressedAddress } from "../support/suppressed-address.ts";

const rekey = await testRekey();
const LARGEST_SCRIPT_BYTES = 20 * 1024;
const LARGEST_PAGE_BYTES = 100 * 1024;

/** Each width and each scheme once, and with full numbers all four of them. */
const LOOKS = (
  [
    { colorScheme: "light", width: 1280 },
    { colorScheme: "dark", width: 390 },
    { colorScheme: "light", width: 390 },
    { colorScheme: "dark", width: 1280 },
  ] as const
).slice(0, times({ quick: 2, full: 4 }));

const FAILURES_TO_LOCK = 10;
const TELEPHONE = 390;
/** 1280 px at 400 % (WCAG 2.2, 1.4.10). */
const NARROWEST = 320;

interface Place {
  readonly oak: TestInstance;
  readonly maria: TestUser;
  /** He has this temporary password. */
  readonly noah: TestUser;
  readonly password: string;
  readonly token: string;
  /** Of a reply about a link that was sent in ticket 1. */
  readonly answerLink: string;
  /** The id of a user who is locked out, was mistyped, and gets no mail. */
  readonly locked: string;
}

const PUBLIC: Readonly<Record<string, (place: Place) => string>> = {
  "sign in": () => "/sign-in",
  "forgot password": () => "/forgot-password",
  "mailbox hint": () => "/forgot-password/sent",
  "set a new password": ({ token }) => `/reset-password/${token}`,
  "link not complete": () => "/reset-password/cut-short",
  contact: () => "/contact",
  contacted: () => "/contact/sent",
  "find an instance": () => "/find-instance",
  "an instance was asked for": () => "/find-instance/sent",
  "answer a reply": ({ answerLink }) => answerLink,
  "answer not complete": () => "/ticket-answers/cut-short",
};

const SIGNED_IN: Readonly<Record<string, (place: Place) => string>> = {
  dashboard: () => "/",
  tickets: () => "/tickets?view=waiting_for_user",
  "no tickets": () => "/tickets?view=done",
  "new ticket": () => "/tickets/new",
  ticket: () => "/tickets/1",
  settings: () => "/settings",
  users: () => "/settings/users",
  "new user": () => "/settings/users/new",
  "import users": () => "/settings/users/import",
  "nobody found": () => "/settings/users?q=nobody",
  profile: ({ maria }) => `/settings/users/${maria.id}`,
  "profile of somebody kept out": ({ locked }) => `/settings/users/${locked}`,
  "edit a user": ({ maria }) => `/settings/users/${maria.id}/edit`,
  roles: () => "/settings/roles",
  instance: () => "/settings/instance",
  security: () => "/settings/security",
  mail: () => "/settings/mail",
  "API keys": () => "/settings/api-keys",
  audit: () => "/settings/audit",
  approvals: () => "/settings/approvals",
  palette: () => "/palette?q=e",
  "people behind a figure": () => "/figures/again",
  "end everything": () => "/settings/end-everything",
  "sign-in history": () => "/settings/sign-in-history",
  account: () => "/account",
  "own password": () => "/account/password",
  "not found": () => "/settings/nothing-here",
};

/** What no address leads to. */
const OVER_A_PAGE: Readonly<Record<string, (visitor: Visitor, place: Place) => Promise<void>>> = {
  "information panel": async (visitor, { maria }) => {
    await visitor.open("/settings/users");
    const { page } = visitor;
    await page.getByRole("link", { name: `Information about ${maria.name}` }).click();
    await page.getByRole("dialog", { name: maria.name }).waitFor();
  },
  "Change Password, refused": async (visitor, { maria }) => {
    await visitor.chooseUnderMore(maria, "Change Password");
    const dialog = visitor.page.getByRole("dialog", { name: "Change Password" });
    await dialog.getByRole("radio", { name: "Type one" }).check();
    await dialog.getByLabel("New Password").fill(" short ");
    await dialog.getByRole("combobox").selectOption("Met in person");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").waitFor();
  },
  "Change Password, done": async (visitor, { maria }) => {
    await visitor.chooseUnderMore(maria, "Change Password");
    const dialog = visitor.page.getByRole("dialog", { name: "Change Password" });
    await dialog.getByRole("combobox").selectOption("Met in person");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("Verified").waitFor();
  },
  "Require New Password": async (visitor, { maria }) => {
    await visitor.chooseUnderMore(maria, "Require New Password");
    await visitor.page.getByRole("dialog", { name: "Require New Password" }).waitFor();
  },
  "Correct address and send": async (visitor, { maria }) => {
    await visitor.chooseUnderMore(maria, "Correct address and send");
    await visitor.page.getByRole("dialog", { name: "Correct address and send" }).waitFor();
  },
  "Copy reset link": async (visitor, { maria }) => {
    await visitor.chooseUnderMore(maria, "Copy reset link");
    await visitor.page.getByLabel("Reset link of Maria Gonzalez").waitFor();
  },
  Deactivate: async (visitor, { maria }) => {
    await visitor.chooseUnderMore(maria, "Deactivate");
    await visitor.page.getByRole("dialog", { name: "Deactivate" }).waitFor();
  },
  "an API key just made": async (visitor) => {
    await visitor.open("/settings/api-keys");
    await visitor.page.getByLabel("What is it for?").fill("Help desk");
    await visitor.page.getByRole("checkbox", { name: "See users" }).check();
    await visitor.page.getByRole("button", { name: "Make Key" }).click();
    await visitor.page.getByLabel("API key", { exact: true }).waitFor();
  },
};

async function prepare(): Promise<Place> {
  const oak = await rekey.createInstance("Oak Recovery");
  const lastName = `Gonzalez${"hernandez".repeat(8)}`; // It has no place to break at, and a page finds one.
  const email = `maria.${"gonzalez".repeat(6)}@${"long-".repeat(8)}example.example`;
  const maria = await oak.addUser({ firstName: "Maria", lastName, email, username: `maria.${"gonzalez".repeat(6)}` });
  const noah = await oak.addUser({ firstName: "Noah", lastName: "Fischer" });
  await suppressedAddress(oak);
  const { link: answerLink } = await openedReply(oak);
  await oak.addUser({ firstName: "Olga", lastName: "Petrov", role: "no_access" });
  const { id: locked, username } = await oak.addUser({
    firstName: lastName,
    username: "lena.fischer",
    email: "gone@oak.example",
  });
  for (const identifier of [...Array.from({ length: FAILURES_TO_LOCK }, () => username), "lena.fisher"])
    await oak.api("POST", "/session", { json: { identifier, password: "not quite right" } });
  const owner = await oak.asOwner();
  await oak.api("PATCH", "/settings", { json: { allows_copied_links: true }, cookies: owner });
  const json = { mode: "generated", verification: { method: "in_person", note: "" } };
  const set = await oak.api("POST", `/users/${noah.id}/temporary-password`, { json, cookies: owner });
  const { password } = set.json() as { password: string };
  return { oak, maria, noah, password, token: await oak.mailedToken(maria, owner), answerLink, locked };
}

suite("Every page", () => {
  for (const { colorScheme, width } of LOOKS) {
    test(`has no accessibility fault and does not scroll sideways, ${colorScheme}, ${width} px wide`, async () => {
      const place = await prepare();
      // Half of a fade has half of its contrast, so nothing moves.
      const browser = { colorScheme, viewport: { width, height: 860 }, reducedMotion: "reduce" } as const;
      const visitor = await Visitor.arrive(place.oak, browser);
      const lookAt = async (pages: typeof PUBLIC): Promise<void> => {
        for (const [name, pathOf] of Object.entries(pages)) {
          await visitor.open(pathOf(place));
          await look(visitor, name, colorScheme);
        }
      };
      await lookAt(PUBLIC);
      await visitor.signIn(place.oak.owner);
      await lookAt(SIGNED_IN);
      for (const [name, bringAbout] of Object.entries(OVER_A_PAGE)) {
        await bringAbout(visitor, place);
        await look(visitor, name, colorScheme);
      }
      await visitor.leave();
      const noah = await Visitor.arrive(place.oak, browser);
      await noah.trySignIn(place.noah, place.password);
      await noah.landOn("/account/password");
      await look(noah, "choose your own password", colorScheme);
      await noah.leave();
    });
  }

  test("S1: bears the instance's name and colour", async () => {
    const place = await prepare();
    const visitor = await Visitor.arrive(place.oak);
    const check = async (pages: typeof PUBLIC): Promise<void> => {
      for (const [name, pathOf] of Object.entries(pages)) {
        await visitor.open(pathOf(place));
        assert((await visitor.page.getByText("Oak Recovery").count()) > 0, name);
        assert.match(await visitor.page.title(), /Oak Recovery/, name);
        const hue = await visitor.page.evaluate(() =>
          getComputedStyle(document.documentElement).getPropertyValue("--accent-hue"),
        );
        assert.equal(Number(hue), place.oak.instance.accentHue, name);
      }
    };
    await check(PUBLIC);
    await visitor.signIn(place.oak.owner);
    await check(SIGNED_IN);
    await visitor.leave();
  });

  test("S16: a notification bears them as well, beside the article's words", async () => {
    const oak = await rekey.createInstance('Oak "</style>\\ Recovery & Söhne');
    const maria = await oak.addUser();
    const visitor = await Visitor.arrive(oak);
    await visitor.signIn(oak.owner);
    await visitor.chooseUnderMore(maria, "Send Reset Link");
    const words = visitor.page.locator("[data-notification] .notification-words").first();
    await words.waitFor();
    assert.equal(await words.textContent(), "Success Reset Password Instruction has been sent successfully!");
    const drawn = await words.evaluate((element) =>
      ["::before", "::after"].map((place) => getComputedStyle(element, place).content),
    );
    assert.deepEqual(drawn, ['"OS" / ""', JSON.stringify(oak.instance.name)]);
    await visitor.leave();
  });

  test("is light: 20 KB of script at most, 100 KB in all", async () => {
    const place = await prepare();
    const cookies = await place.oak.asOwner();
    for (const path of [...Object.values(PUBLIC), ...Object.values(SIGNED_IN)].map((pathOf) => pathOf(place))) {
      const { text } = await place.oak.request(path, { cookies });
      const links = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, link]) => link ?? "");
      let all = gzipSync(text).length;
      let scripts = 0;
      for (const link of links) {
        const { text: asset } = await place.oak.request(link);
        const size = gzipSync(asset).length;
        all += size;
        if (link.endsWith(".js")) scripts += size;
      }
      assert(scripts <= LARGEST_SCRIPT_BYTES, `${path}: ${scripts} bytes of script`);
      assert(all <= LARGEST_PAGE_BYTES, `${path}: ${all} bytes`);
    }
  });
});

/** In the dark nothing but the colours is another. */
async function look(visitor: Visitor, name: string, colorScheme: "light" | "dark"): Promise<void> {
  const rules = colorScheme === "dark" ? ["color-contrast"] : undefined;
  assert.deepEqual(await visitor.accessibilityFaults(rules), [], name);
  await requireRoom(visitor, name);
  const viewport = visitor.page.viewportSize();
  if (!viewport || viewport.width > TELEPHONE) return;
  await visitor.page.setViewportSize({ ...viewport, width: NARROWEST });
  await requireRoom(visitor, `${name}, as narrow as it gets,`);
  await visitor.page.setViewportSize(viewport);
}

async function requireRoom(visitor: Visitor, name: string): Promise<void> {
  const overflow = await visitor.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert(overflow <= 0, `${name} is ${overflow} px too wide`);
}
