/**
 * @returns the path as a Location header takes it, in ASCII (RFC 9110, section 10.2.2; RFC 3986, section 2.1), when it stays on
 *   this site; `//host` and `/\host` would leave it (OWASP Unvalidated Redirects Cheat Sheet).
 */
export function localPath(path: string | undefined): string | undefined {
  if (!path || !/^\/(?![/\\])[^\p{Cc}\\]*$/u.test(path)) return undefined;
  return path.toWellFormed().replace(/[^!-~]+/gu, encodeURIComponent);
}
