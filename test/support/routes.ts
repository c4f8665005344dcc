import { countMails } from "#mail-delivery/mail-counts.ts";
import { loadAssets } from "#ui/assets.ts";
import { createApp } from "../../src/app.ts";
import type { TestRekey } from "./rekey.ts";

/** A way into the program: `POST /settings/users/:id/reset-links`. */
export interface Route {
  readonly method: string;
  /** With `:name` where the path varies. */
  readonly path: string;
}

/** @returns every route that the program answers, pages and API, read from the program itself: a new one is never forgotten. */
export async function routesOf(rekey: TestRekey): Promise<readonly Route[]> {
  const app = createApp({
    deps: rekey.deps,
    assets: await loadAssets(),
    sourceAddress: (peer) => peer,
    mailbox: undefined,
    metrics: { token: undefined, mails: countMails() },
  });
  const found = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => ({ method, path }));
  return [...new Map(found.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

/** @returns the routes that may change something. */
export async function unsafeRoutesOf(rekey: TestRekey): Promise<readonly Route[]> {
  return (await routesOf(rekey)).filter(({ method }) => !["GET", "HEAD", "OPTIONS"].includes(method));
}
