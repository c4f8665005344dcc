import { existsSync } from "node:fs";

import { type Browser, chromium } from "playwright-core";

import { installDebianPackage } from "./debian-package.ts";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Root has no sandbox, containers have no GPU, and the browser is to talk to nobody but us. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * A headless browser is open; the caller closes it.
 * @throws Error what {@link findChromium} throws.
 */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), args: ARGUMENTS });
}

/**
 * @returns the path of a Chromium, which is installed first where there is none.
 * @throws Error one plain sentence that tells a person what to install, where this machine does not let us.
 */
export async function findChromium(): Promise<string> {
  const found = PLACES.find((place) => existsSync(place));
  if (found) return found;
  await installDebianPackage({ name: "chromium", brings: "the browser Chromium" });
  return "/usr/bin/chromium";
}
