const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const ONE_YEAR_SECONDS = 31_536_000;

/**
 * Puts the headers of OWASP ASVS 5.0, chapter 3.4, on an answer, errors too; what a handler has set itself stays. Pages with
 * forms say `same-origin`: under `no-referrer` browsers send `Origin: null` with a form.
 */
export function addSecurityHeaders(headers: Headers, isHttps: boolean): void {
  const set = (name: string, value: string): void => {
    if (!headers.has(name)) headers.set(name, value);
  };
  set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  set("X-Content-Type-Options", "nosniff");
  set("Referrer-Policy", "same-origin");
  set("Cross-Origin-Opener-Policy", "same-origin");
  set("Cross-Origin-Resource-Policy", "same-origin");
  set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  set("Cache-Control", "no-store");
  if (isHttps) set("Strict-Transport-Security", `max-age=${ONE_YEAR_SECONDS}`);
}
