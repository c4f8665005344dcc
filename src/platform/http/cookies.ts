import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

/** A cookie of ours, by its bare name; on https it bears the prefix that binds it to this one host (RFC 6265bis, 4.1.3.2). */
export interface OwnCookie {
  readonly name: string;
  readonly maxAgeSeconds?: number;
}

/**
 * Sets a cookie that scripts cannot read and other sites' forms do not bring.
 * @param origin the instance's own, never the request's: it decides whether the cookie is bound to https.
 */
export function setOwnCookie(c: Context, origin: string, cookie: OwnCookie, value: string): void {
  setCookie(c, fullName(origin, cookie.name), value, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: isHttps(origin),
    ...(cookie.maxAgeSeconds === undefined ? {} : { maxAge: cookie.maxAgeSeconds }),
  });
}

/** @returns the cookie's value, or undefined. */
export function getOwnCookie(c: Context, origin: string, name: string): string | undefined {
  return getCookie(c, fullName(origin, name));
}

/** Takes the cookie back. Repeats safely. */
export function dropOwnCookie(c: Context, origin: string, name: string): void {
  deleteCookie(c, fullName(origin, name), { path: "/", secure: isHttps(origin) });
}

function fullName(origin: string, name: string): string {
  return isHttps(origin) ? `__Host-${name}` : name;
}

function isHttps(origin: string): boolean {
  return origin.startsWith("https:");
}
