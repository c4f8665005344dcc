import { RekeyError } from "#lib/errors.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what another site made a browser send. `Sec-Fetch-Site` decides; `Origin` where a browser does not send that; a
 * request with neither comes from no browser of today and is refused only when it carries a session, which it then stole or
 * was tricked with (OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "Fetch Metadata").
 * @throws forbidden_origin
 */
export function refuseCrossSite(
  request: { method: string; secFetchSite: string | undefined; origin: string | undefined; hasSession: boolean },
  ownOrigin: string,
): void {
  if (SAFE_METHODS.has(request.method)) return;
  const { secFetchSite, origin, hasSession } = request;
  const isOurs =
    secFetchSite !== undefined
      ? secFetchSite === "same-origin"
      : origin !== undefined
        ? origin === ownOrigin
        : !hasSession;
  if (!isOurs) throw new RekeyError("forbidden_origin");
}
