import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";

import { Visitor } from "../support/journey.ts";
import { type TestInstance, type TestUser, testRekey } from "../support/rekey.ts";

const rekey = await testRekey();
const LARGEST_SCRIPT_BYTES = 20 * 1024;
const LARGEST_PAGE_BYTES = 100 * 1024;

interface Place {
  readonly oak: TestInstance;
  readonly maria: TestUser;
  readonly token: string;
}

const PUBLIC: Readonly<Record<string, (place: Place) => string>> = {
  "sign in": () => "/sign-in",
  "forgot password": () => "/forgot-password",
  "mailbox hint": () => "/forgot-password/sent",
  "set a new password": ({ token }) => `/reset-password/${token}`,
  "link not complete": () => "/reset-password/cut-short",
};

const SIGNED_IN: Readonly<Record<string, (place: Place) => string>> = {
  dashboard: () => "/",
  settings: () => "/settings",
  users: () => "/settings/users",
  "import users": () => "/settings/users/import",
  "nobody found": () => "/settings/users?q=nobody",
  profile: ({ maria }) => `/settings/users/${maria.id}`,
  "not found": () => "/settings/nothing-here",
};

async function prepare(): Promise<Place> {
  const oak = await rekey.createInstance("Oak Recovery");
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  await oak.addUser({ firstName: "Noah", lastName: "Fischer", role: "no_access" });
  return { oak, maria, token: await oak.mailedToken(maria, await oak.signIn(oak.owner)) };
}

suite("Every page", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [390, 1280]) {
      test(`has no accessibility fault and does not scroll sideways, ${colorScheme}, ${width} px wide`, async () => {
        const place = await prepare();
        const visitor = await Visitor.arrive(place.oak, { colorScheme, viewport: { width, height: 860 } });
        const look = async (pages: typeof PUBLIC): Promise<void> => {
          for (const [name, pathOf] of Object.entries(pages)) {
            await visitor.open(pathOf(place));
            assert.deepEqual(await visitor.accessibilityFaults(), [], name);
            const overflow = await visitor.page.evaluate(
              () => document.documentElement.scrollWidth - window.innerWidth,
            );
            assert(overflow <= 0, `${name} is ${overflow} px too wide`);
          }
        };
        await look(PUBLIC);
        await visitor.signIn(place.oak.owner);
        await look(SIGNED_IN);
        await visitor.leave();
      });
    }
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

  test("is light: 20 KB of script at most, 100 KB in all", async () => {
    const place = await prepare();
    const cookies = await place.oak.signIn(place.oak.owner);
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
