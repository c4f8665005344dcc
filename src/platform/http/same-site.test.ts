import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { RekeyError } from "#lib/errors.ts";
import { refuseCrossSite } from "./same-site.ts";

const OURS = "https://crm.oak.example";

/** A request as it comes, and whether it may pass. */
const REQUESTS: readonly (readonly [
  site: string | undefined,
  origin: string | undefined,
  hasSession: boolean,
  passes: boolean,
])[] = [
  ["same-origin", OURS, true, true],
  ["same-origin", "null", true, true], // A form of a page without referrer: the browser knows better than Origin.
  ["same-origin", undefined, false, true],
  ["same-site", OURS, true, false],
  ["cross-site", OURS, false, false],
  ["none", undefined, true, false],
  ["", OURS, true, false],
  [undefined, OURS, true, true],
  [undefined, "null", false, false],
  [undefined, "", false, false],
  [undefined, `${OURS}:8443`, true, false],
  [undefined, `${OURS}/`, true, false],
  [undefined, "http://crm.oak.example", true, false],
  [undefined, undefined, true, false],
  [undefined, undefined, false, true],
];

suite("requests from other sites", () => {
  test("are told from our own by Sec-Fetch-Site, then Origin, then the session", () => {
    for (const [secFetchSite, origin, hasSession, passes] of REQUESTS) {
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "anything"]) {
        const request = { method, secFetchSite, origin, hasSession };
        if (passes) refuseCrossSite(request, OURS);
        else {
          assert.throws(
            () => refuseCrossSite(request, OURS),
            (error: unknown) => error instanceof RekeyError && error.code === "forbidden_origin",
            JSON.stringify(request),
          );
        }
      }
    }
  });

  test("may read, since other sites cannot see the answer", () => {
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      refuseCrossSite({ method, secFetchSite: "cross-site", origin: "https://evil.example", hasSession: true }, OURS);
    }
  });
});
